// Figures: lines with their intervals' bands, in panels.

const interval = (line, i) => (line.low[i] === null || line.high[i] === null ? "" : ` (${shown(line.low[i])} to ${shown(line.high[i])})`);

// the outline of each stretch of points that have an interval
const outline = (line) => {
  const x = [];
  const y = [];
  let run = [];
  const close = () => {
    const back = run.slice().reverse();
    x.push(...run.map((i) => line.x[i]), ...back.map((i) => line.x[i]), null);
    y.push(...run.map((i) => line.low[i]), ...back.map((i) => line.high[i]), null);
    run = [];
  };
  line.x.forEach((_, i) => {
    if (line.low[i] !== null && line.high[i] !== null) run.push(i);
    else if (run.length) close();
  });
  if (run.length) close();
  return { x, y };
};

const traces = (data, hidden) =>
  data.panels.flatMap((panel, number) => {
    const axes = { xaxis: `x${number ? number + 1 : ""}`, yaxis: `y${number ? number + 1 : ""}` };
    const bands = panel.lines.map((line) => ({
      ...axes,
      ...outline(line),
      meta: "band",
      name: escaped(line.name),
      mode: "lines",
      // a band that would fill the panel is drawn by its edges
      line: line.wide ? { width: 1, dash: "dot", color: painted(line.colour) } : { width: 0 },
      fill: line.wide ? "none" : "toself",
      fillcolor: `${painted(line.colour)}33`,
      hoverinfo: "skip",
      visible: !hidden.has(line.name),
    }));
    const lines = panel.lines.map((line, place) => ({
      ...axes,
      x: line.x,
      y: line.y,
      meta: "line",
      name: escaped(line.name),
      mode: line.symbol ? "lines+markers" : "lines",
      line: { color: painted(line.colour), width: 2, dash: line.dash },
      marker: { symbol: `${line.symbol || "circle"}-open`, size: 11 - place, line: { width: 1.5 } },
      customdata: line.y.map((y, i) => `${escaped(line.name)}: ${shown(y)}${interval(line, i)}`),
      hovertemplate: "%{customdata}<extra></extra>",
      visible: !hidden.has(line.name),
    }));
    return [...bands, ...lines];
  });

// The axis of panels that share it, or of one with units of its own. It begins at 0 where all lines stay above it and ends a quarter above
// the lines at most, so that wide bands do not squash them, and no bound or limit farther than that again
const upTo = (data, panel, hidden) => {
  const panels = data.together ? data.panels : [panel];
  const lines = panels.flatMap((one) => one.lines.filter((line) => !hidden.has(line.name)));
  const methods = lines.some((line) => !line.limit) ? lines.filter((line) => !line.limit) : lines;
  const seen = (some, ends) => some.flatMap((line) => ends.flatMap((end) => line[end])).filter((value) => value !== null);
  const [low, high] = [Math.min(...seen(methods, ["y"])), Math.max(...seen(methods, ["y"]))];
  if (data.curve || !(high > 0) || low < 0) return {};
  const near = seen(lines, ["y"]).filter((value) => value <= 1.6 * high);
  const top = Math.max(Math.min(1.25 * high, 1.05 * Math.max(...seen(lines, ["y", "high"]))), 1.05 * Math.max(...near), 1e-12);
  return { range: [0, top], autorange: false };
};

const layout = (data, width, kept, hidden) => {
  const count = data.panels.length;
  const columns = Math.min(count, width < 560 ? (count > 4 ? 2 : 1) : width < 840 ? 2 : 3);
  const rows = Math.ceil(count / columns);
  const found = {
    ...base(),
    dragmode: dragmode(),
    hovermode: "x unified",
    width,
    height: count > 1 ? 60 + 210 * rows : 320,
    margin: { l: 10, r: 10, t: count > 1 ? 28 : 10, b: 10 },
    grid: { rows, columns, pattern: "independent", xgap: 0.14, ygap: 0.32 },
    annotations: [],
  };
  data.panels.forEach((panel, number) => {
    const end = number ? number + 1 : "";
    const below = number + columns >= count;
    found[`xaxis${end}`] = {
      ...axis(),
      title: { text: below ? escaped(data.x) : "", standoff: 8 },
      matches: number ? "x" : undefined,
      rangemode: data.curve ? "tozero" : "normal",
      unifiedhovertitle: { text: `${escaped(data.x)}: %{x}` },
      ...kept[`xaxis${end}`],
    };
    found[`yaxis${end}`] = {
      ...axis(),
      title: { text: number % columns ? "" : escaped(data.y), standoff: 8 },
      matches: number && data.together ? "y" : undefined,
      rangemode: data.curve ? "normal" : "tozero",
      ...upTo(data, panel, hidden),
      ...kept[`yaxis${end}`],
    };
    if (count > 1) {
      const at = { xref: `x${end} domain`, yref: `y${end} domain`, x: 0.5, y: 1, yanchor: "bottom", showarrow: false };
      found.annotations.push({ ...at, text: escaped(panel.title), font: { size: width < 560 && columns > 1 ? 9 : 13 } });
    }
  });
  return found;
};

// Arrow keys go from point to point and from panel to panel, show the values as a mouse would, and tell them
const walk = (chart, data, hidden, spoken) => {
  const last = data.panels.length - 1;
  const [at, steps] = [{ point: -1, panel: 0 }, { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }];
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  chart.addEventListener("keydown", (event) => {
    const [across, down] = steps[event.key] || [0, 0];
    if (event.target !== chart || !(across || (down && last))) return;
    event.preventDefault();
    at.panel = within(at.panel + down, last);
    const panel = data.panels[at.panel];
    const xs = [...new Set(panel.lines.flatMap((line) => line.x))].sort((a, b) => a - b);
    at.point = within(at.point + across, xs.length - 1);
    const end = at.panel ? at.panel + 1 : "";
    Plotly.Fx.hover(chart, { xval: xs[at.point] }, [`x${end}y${end}`]);
    const here = panel.lines.map((line) => [line, line.x.indexOf(xs[at.point])]).filter(([line, i]) => i >= 0 && !hidden.has(line.name));
    const values = here.map(([line, i]) => `${line.name}: ${shown(line.y[i])}${interval(line, i)}`);
    spoken.textContent = [panel.title, `${data.x}: ${shown(xs[at.point])}`, ...values].filter(Boolean).join("; ");
  });
  chart.addEventListener("blur", () => Plotly.Fx.unhover(chart));
};

const startFigure = (figure, data) => {
  const hidden = new Set();
  const kept = {};
  const chart = make("div", { class: "chart", tabindex: "0", role: "group", "aria-label": `${data.title}: arrow keys tell the values` });
  const spoken = make("output", { class: "spoken" });
  const redraw = () => Plotly.react(chart, traces(data, hidden), layout(data, figure.clientWidth, kept, hidden), CONFIG);
  const lines = new Map(data.panels.flatMap((panel) => panel.lines.map((line) => [line.name, line])));
  const legend = keys([...lines].map(([name, line]) => [name, name, swatch(line, true, false)]), hidden, redraw);
  legend.append(
    tools([
      ["+", "zoom in", () => zoomed(chart, 0.7)],
      ["−", "zoom out", () => zoomed(chart, 1 / 0.7)],
      ["↺", "whole figure", () => unzoomed(chart)],
    ]),
  );
  figure.prepend(legend, chart, spoken);
  redraw();
  remember(chart, kept);
  walk(chart, data, hidden, spoken);
  return redraw;
};
document.querySelectorAll("figure.plot").forEach((figure) => lazily(figure, startFigure));

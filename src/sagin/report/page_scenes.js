// Networks over time: a plan and a view in space that share one slider.

const FAR = 3; // sides of the area beyond which a point is drawn on the dome
const KM = 1e-3;
const CROWD = 100; // points beyond which users are drawn smaller

// Where a point is drawn, in km: itself, or in its direction on a dome of one side's radius
const drawnAt = (place, side) => {
  if (!place) return null;
  const away = [place[0] - side / 2, place[1] - side / 2, place[2]];
  const distance = Math.hypot(...away);
  if (distance <= FAR * side) return { at: place.map((value) => value * KM), far: false, text: `${place.map((value) => shown(value * KM)).join(", ")} km` };
  const on = away.map((value, number) => ((value / distance) * side + (number < 2 ? side / 2 : 0)) * KM);
  const elevation = (Math.asin(away[2] / distance) * 180) / Math.PI;
  return { at: on, far: true, text: `${shown(distance * KM)} km away, elevation ${elevation.toFixed(1)}°` };
};

const coordinates = (points, space) => {
  const [x, y, z] = [0, 1, 2].map((number) => points.map((point) => (point ? point[number] : null)));
  return space ? { type: "scatter3d", x, y, z } : { type: "scatter", x, y };
};
const strokes = (name, points, space, line) => ({ ...coordinates(points, space), name, meta: name, mode: "lines", line, hoverinfo: "skip" });

const outlines = (model, space) => {
  const far = model.side * KM;
  const square = [[0, 0, 0], [far, 0, 0], [far, far, 0], [0, far, 0], [0, 0, 0]];
  const circle = (elevation) =>
    [...Array(73).keys()].map((step) => {
      const [turn, up] = [(step * 5 * Math.PI) / 180, (elevation * Math.PI) / 180];
      return [far * (0.5 + Math.cos(up) * Math.cos(turn)), far * (0.5 + Math.cos(up) * Math.sin(turn)), far * Math.sin(up)];
    });
  const dome = model.dome ? [0, 30, 60].flatMap((elevation) => [...circle(elevation), null]) : [];
  return [
    strokes("area", square, space, { color: variable("--ink"), width: space ? 3 : 1.5 }),
    strokes("dome", dome, space, { color: variable("--soft"), width: 1, dash: "dot" }),
  ];
};

const trail = (model, state, kind, space) => {
  const look = model.kinds[kind];
  const own = look.node && !state.hidden.has(kind) ? model.points.flatMap(([, name], i) => (name === kind ? [i] : [])) : [];
  const path = own.flatMap((i) => [...model.drawn.slice(0, state.step + 1).map((points) => points[i] && points[i].at), null]);
  return { ...strokes("trail", path, space, { color: painted(look.colour), width: space ? 4 : 3 }), opacity: 0.35 };
};

const linked = (model, state, kind, space) => {
  const now = model.drawn[state.step];
  const kept = model.links[state.step].filter(
    ([a, b]) => model.points[b][1] === kind && now[a] && now[b] && ![a, b].some((i) => state.hidden.has(model.points[i][1])),
  );
  const look = model.kinds[kind];
  const ends = kept.flatMap(([a, b]) => [now[a].at, now[b].at, null]);
  return strokes("links", ends, space, { color: painted(look.colour), width: space ? 3 : 1.5, dash: look.dash });
};

// lines from what flies down to the ground, without which a view in space can't be read
const stems = (model, state, space) => {
  const flying = space ? model.drawn[state.step].filter((point, i) => point && !point.far && !state.hidden.has(model.points[i][1])) : [];
  return strokes("stems", flying.flatMap(({ at }) => [at, [at[0], at[1], 0], null]), space, { color: variable("--soft"), width: 1 });
};

// nodes of several kinds often stand at one place
const SIDES = ["top right", "bottom left", "top left", "bottom right"];
const dots = (model, state, kind, space) => {
  const look = model.kinds[kind];
  const now = model.drawn[state.step];
  const served = new Set(model.links[state.step].map(([a]) => a));
  const own = model.points.flatMap(([, name], i) => (name === kind ? [i] : []));
  const symbol = space ? look.solid : look.symbol;
  const filled = (i) => look.node || served.has(i);
  const note = (i) => (look.node ? "" : served.has(i) ? ", served" : ", not served");
  return {
    ...coordinates(own.map((i) => now[i] && now[i].at), space),
    visible: !state.hidden.has(kind),
    name: escaped(look.label),
    meta: "points",
    mode: look.node && own.length <= 12 ? "markers+text" : "markers",
    text: own.map((i) => escaped(model.points[i][0])),
    textposition: SIDES[Object.keys(model.kinds).indexOf(kind) % SIDES.length],
    textfont: { size: 12, color: variable("--ink") },
    marker: {
      symbol: own.map((i) => (filled(i) ? symbol : `${symbol}-open`)),
      size: look.node ? (space ? 7 : 13) : (space ? 5 : 9) * (model.points.length > CROWD ? 0.6 : 1),
      color: painted(look.colour),
      line: { width: 1.5, color: own.map((i) => (look.node ? variable("--paper") : painted(look.colour))) },
    },
    customdata: own.map((i) => `${escaped(model.points[i][0])} (${escaped(look.label)}${note(i)})<br>${now[i] ? now[i].text : ""}`),
    hovertemplate: "%{customdata}<extra></extra>",
  };
};

// Plotly makes a sign that it first meets in a later drawing too small: an unseen trace shows it all of them in the first
const signs = (model, state) => {
  const symbols = Object.values(model.kinds).flatMap(({ solid }) => [solid, `${solid}-open`]);
  const labels = model.points.filter(([, kind]) => model.kinds[kind].node).map(([name]) => escaped(name));
  const text = state.met ? [] : [...labels, ...symbols];
  const at = [model.range[0], model.range[0], 0];
  const marker = { symbol: text.map((_, i) => symbols[i % symbols.length]), size: 5 };
  return { ...coordinates(text.map(() => at), true), meta: "signs", mode: "markers+text", text, marker, opacity: 0, hoverinfo: "skip" };
};

const view = (model, state, space) => {
  const kinds = Object.keys(model.kinds);
  const nodes = kinds.filter((kind) => model.kinds[kind].node);
  return [
    ...outlines(model, space),
    ...(space ? [signs(model, state)] : []),
    stems(model, state, space),
    ...nodes.map((kind) => trail(model, state, kind, space)),
    ...nodes.map((kind) => linked(model, state, kind, space)),
    ...kinds.map((kind) => dots(model, state, kind, space)),
  ];
};

const planLayout = (model, chart, kept) => ({
  ...base(),
  dragmode: dragmode(),
  hovermode: "closest",
  width: chart.clientWidth,
  height: chart.clientHeight,
  margin: { l: 10, r: 10, t: 10, b: 10 },
  xaxis: { ...axis(), title: { text: "x (km)", standoff: 8 }, range: model.range, constrain: "domain", ...kept.xaxis },
  yaxis: { ...axis(), title: { text: "y (km)", standoff: 8 }, range: model.range, constrain: "domain", scaleanchor: "x", ...kept.yaxis },
});

const CAMERA = { eye: { x: 0.75, y: -1.35, z: 0.75 }, center: { x: 0, y: 0, z: -0.1 }, up: { x: 0, y: 0, z: 1 } };
// Where the reader's camera is now, of which Plotly's events don't tell every turn
const seenFrom = (chart) => (chart._fullLayout ? chart._fullLayout.scene._scene.getCamera() : CAMERA);
const turnedByKeys = (chart) =>
  chart.addEventListener("keydown", (event) => {
    const angle = { ArrowRight: 0.2, ArrowLeft: -0.2 }[event.key];
    if (!angle || event.target !== chart) return;
    event.preventDefault();
    const camera = seenFrom(chart);
    const { x, y, z } = camera.eye;
    const eye = { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle), z };
    Plotly.relayout(chart, { "scene.camera": { ...camera, eye } });
  });

const spaceLayout = (model, chart) => {
  const along = (text, range) => ({ title: { text }, range, gridcolor: variable("--grid"), color: variable("--ink"), showbackground: false, showspikes: false, nticks: 5 });
  return {
    ...base(),
    width: chart.clientWidth,
    height: chart.clientHeight,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    scene: {
      xaxis: along("x (km)", model.range),
      yaxis: along("y (km)", model.range),
      zaxis: along(model.dome ? "z (km; on the dome: direction)" : "z (km)", model.heights),
      dragmode: "turntable",
      aspectmode: "manual",
      aspectratio: { x: 1, y: 1, z: model.ratio },
      camera: seenFrom(chart),
    },
  };
};

// A scene with what follows from it: places as drawn, the ranges of the axes
const modelled = (data) => {
  const drawn = data.places.map((places) => places.map((place) => drawnAt(place, data.side)));
  const all = drawn.flat().filter(Boolean);
  const dome = all.some((point) => point.far);
  const [middle, half] = [(data.side / 2) * KM, data.side * KM * (dome ? 1.08 : 0.54)];
  const heights = all.map((point) => point.at[2]);
  const low = Math.min(0, ...heights);
  const high = dome ? data.side * KM : Math.max(1.1 * Math.max(0, ...heights), 0.02 * half);
  const ratio = Math.max((high - low) / (2 * half), dome ? 0 : 0.4);
  return { ...data, drawn, dome, range: [middle - half, middle + half], heights: [low, high], ratio };
};

// Fewer symbols are known in space than in plan
const inSpace = (kinds) => {
  const other = Object.values(kinds).filter((kind) => kind.symbol !== kind.solid);
  return other.length ? `In space other symbols stand for ${other.map((kind) => `${kind.label} (${kind.solid})`).join(", ")}.` : "";
};
const caption = (model) =>
  [
    model.note,
    inSpace(model.kinds),
    Object.values(model.kinds).every((kind) => kind.node) ? "" : "Filled users are served, open ones are not.",
    model.dome ? "Points farther than three sides of the area lie on the dome in their direction (circles: 0°, 30°, 60°); their distance is told with them." : "Heights are stretched.",
  ].join(" ");

// Who serves how many now, and from how far away what is on the dome
const status = (model, step) => {
  const [now, links] = [model.drawn[step], model.links[step]];
  const served = new Set(links.map(([a]) => a));
  const users = model.points.flatMap(([, kind], i) => (now[i] && !model.kinds[kind].node ? [i] : []));
  const counts = new Map();
  for (const [, b] of links) counts.set(b, (counts.get(b) || 0) + 1);
  const told = [...counts].sort(([a], [b]) => a - b).map(([b, count]) => `${model.points[b][0]}${now[b].far ? ` (${now[b].text})` : ""}: ${count}`);
  return [...told, `not served: ${users.filter((i) => !served.has(i)).length}`].join("; ");
};

// Slider, time, and a button that plays
const controls = (model, state, redraw) => {
  const last = model.times.length - 1;
  const slider = make("input", { type: "range", min: 0, max: last, step: 1, value: 0, "aria-label": "time" });
  const time = make("output");
  const links = make("p", { class: "links", "aria-live": "polite" });
  const play = make("button", { type: "button" }, "Play");
  let timer = null;
  const show = () => {
    slider.value = state.step;
    const seconds = model.times[state.step], hourly = last > 0 && model.times.every((t) => t % 3600 === 0);
    const moment = hourly ? `${seconds / 3600} h after the start` : `${shown(seconds)} s`;
    time.textContent = `${moment} (${state.step + 1} of ${last + 1})`;
    slider.setAttribute("aria-valuetext", time.textContent);
    links.textContent = `Links: ${status(model, state.step)}`;
    return redraw();
  };
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    play.textContent = "Play";
  };
  const tick = async () => {
    if (state.step >= last) return stop();
    state.step += 1;
    await show();
    if (timer !== null) timer = setTimeout(tick, Math.min(Math.max(12000 / model.times.length, 80), 500));
  };
  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    if (state.step >= last) state.step = -1;
    play.textContent = "Pause";
    timer = 0;
    tick();
  });
  slider.addEventListener("input", () => {
    stop();
    state.step = Number(slider.value);
    show();
  });
  const row = make("div", { class: "controls" }, play, slider, time);
  for (const one of [play, slider, time]) one.hidden = last === 0;
  row.append(links);
  show();
  return row;
};

const hasSpace = () => Boolean(document.createElement("canvas").getContext("webgl"));

const startScene = (figure, data) => {
  const model = modelled(data);
  const state = { step: 0, hidden: new Set() };
  const kept = {};
  const plan = make("div", { role: "group", "aria-label": `${data.title}: plan` });
  const space = make("div", { role: "group", tabindex: "0", "aria-label": `${data.title}: in space; left and right turn it` });
  const three = hasSpace();
  if (!three) space.append("The view in space needs WebGL, which this browser doesn't give.");
  let [busy, again] = [false, false];
  // a drawing takes a while: of what is asked for meanwhile only the last is drawn
  const redraw = async () => {
    again = true;
    if (busy || !plan.isConnected) return;
    busy = true;
    while (again) {
      again = false;
      await Plotly.react(plan, view(model, state, false), planLayout(model, plan, kept), CONFIG);
      if (three) await Plotly.react(space, view(model, state, true), spaceLayout(model, space), CONFIG);
      state.met = true;
    }
    busy = false;
  };
  const entries = Object.entries(model.kinds).map(([kind, look]) => [kind, look.label, swatch(look, look.node, true)]);
  const legend = keys(entries, state.hidden, redraw);
  legend.append(
    tools([
      ["+", "zoom in", () => zoomed(plan, 0.7)],
      ["−", "zoom out", () => zoomed(plan, 1 / 0.7)],
      ["↺", "whole plan", () => Plotly.relayout(plan, { "xaxis.range": model.range, "yaxis.range": model.range })],
    ]),
  );
  figure.querySelector("figcaption span").textContent = caption(model);
  figure.prepend(legend, make("div", { class: "views" }, plan, space), controls(model, state, redraw));
  redraw().then(() => {
    remember(plan, kept);
    if (three) turnedByKeys(space);
  });
  return redraw;
};
document.querySelectorAll("figure.scene").forEach((figure) => lazily(figure, startScene));

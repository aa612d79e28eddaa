"use strict";
// Sorting of tables, and what figures and networks share. Text from files reaches the document as text alone, and Plotly escaped.

const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

// Plotly reads tags of bold text, links and the like in its texts as markup, and %{y} as a template
const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "%{": "%&#123;" };
const escaped = (text) => String(text).replace(/[&<>]|%\{/g, (sign) => SIGNS[sign]);
const shown = (value) => (value === null ? "none" : String(Number(value.toPrecision(4))).replace("-", "−"));

// black, and the grey of users, follow the page between light and dark
const SWAPPED = { "#000000": "--ink", "#404040": "--user" };
const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const painted = (colour) => (SWAPPED[colour] ? variable(SWAPPED[colour]) : colour);
const base = () => ({
  paper_bgcolor: "rgba(0,0,0,0)",
  plot_bgcolor: "rgba(0,0,0,0)",
  font: { family: "system-ui, sans-serif", size: 12, color: variable("--ink") },
  hoverlabel: { bgcolor: variable("--paper"), bordercolor: variable("--soft"), font: { color: variable("--ink") }, namelength: -1 },
  showlegend: false,
});
const axis = () => ({ gridcolor: variable("--grid"), linecolor: variable("--soft"), zeroline: false, automargin: true });
// fingers scroll the page; there, the buttons zoom
const dragmode = () => (matchMedia("(pointer: coarse)").matches ? false : "zoom");
const CONFIG = { displayModeBar: false, doubleClick: "autosize", showTips: false, scrollZoom: false };

// Marker symbols on a field of 12 by 12, as paths
const PATHS = {
  circle: "M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
  square: "M1.5 1.5h9v9h-9z",
  "triangle-up": "M6 1l5 9H1z",
  "triangle-down": "M6 11l5-9H1z",
  diamond: "M6 0l6 6-6 6-6-6z",
  cross: "M4 1h4v3h3v4H8v3H4V8H1V4h3z",
  x: "M3 1l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3-3-3z",
  pentagon: "M6 .7l5.5 4-2.1 6.5H2.6L.5 4.7z",
  star: "M6 0l1.6 4.2L12 4.5 8.6 7.3 9.7 12 6 9.4 2.3 12l1.1-4.7L0 4.5l4.4-.3z",
};
const DASHES = { solid: "", dash: "6 3", dot: "2 2" };
const drawnPath = (d, properties) => {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ d, stroke: "currentColor", ...properties })) path.setAttribute(name, value);
  return path;
};
const swatch = (look, line, filled) => {
  const image = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  image.setAttribute("viewBox", "0 0 26 12");
  image.setAttribute("aria-hidden", "true");
  image.style.color = SWAPPED[look.colour] ? `var(${SWAPPED[look.colour]})` : look.colour;
  if (line) image.append(drawnPath("M0 6H26", { "stroke-width": 2, "stroke-dasharray": DASHES[look.dash] }));
  if (PATHS[look.symbol]) image.append(drawnPath(PATHS[look.symbol], { transform: "translate(7)", fill: filled ? "currentColor" : "none" }));
  return image;
};

// Buttons that hide and show: [name, label, swatch] each
const keys = (entries, hidden, redraw) => {
  const toggle = (name) => (event) => {
    if (!hidden.delete(name)) hidden.add(name);
    event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(name)));
    redraw();
  };
  const buttons = entries.map(([name, label, image]) =>
    make("button", { type: "button", "aria-pressed": "true", title: "hide or show", onclick: toggle(name) }, image, label),
  );
  return make("div", { class: "keys", role: "group", "aria-label": "what is shown" }, ...buttons);
};

// The ranges of a chart's axes that its reader chose, for the next drawing
const remember = (chart, kept) =>
  chart.on("plotly_relayout", () => {
    for (const name of Object.keys(kept)) delete kept[name];
    for (const [name, one] of Object.entries(chart._fullLayout))
      if (/^[xy]axis\d*$/.test(name) && !one.autorange) kept[name] = { range: one.range.slice(), autorange: false };
  });
const zoomed = (chart, factor) => {
  const ranges = {};
  for (const [name, one] of Object.entries(chart._fullLayout)) {
    if (!/^[xy]axis\d*$/.test(name)) continue;
    const middle = (one.range[0] + one.range[1]) / 2;
    ranges[`${name}.range`] = one.range.map((end) => middle + (end - middle) * factor);
  }
  return Plotly.relayout(chart, ranges);
};
const unzoomed = (chart) => {
  const names = Object.keys(chart._fullLayout).filter((name) => /^[xy]axis\d*$/.test(name));
  return Plotly.relayout(chart, Object.fromEntries(names.map((name) => [`${name}.autorange`, true])));
};
const tools = (actions) =>
  make(
    "span",
    { class: "tools", role: "group", "aria-label": "zoom" },
    ...actions.map(([sign, name, act]) => make("button", { type: "button", "aria-label": name, title: name, onclick: act }, sign)),
  );

// Plotly, pictures and long data are stored compressed
const unpack = async (text) => {
  const signs = atob(text);
  const packed = new Uint8Array(signs.length);
  // millions of letters: a loop takes a tenth of the time that Uint8Array.from does
  for (let i = 0; i < signs.length; i += 1) packed[i] = signs.charCodeAt(i);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
let [unpacking, plotly] = [null, ""];
const unpackAll = async () => {
  for (const data of document.querySelectorAll("script.packed")) {
    data.textContent = await unpack(data.textContent);
    data.classList.remove("packed");
  }
  const held = document.getElementById("plotly");
  plotly = held.textContent && (await unpack(held.textContent));
  held.remove();
};
const prepare = () => (unpacking ??= unpackAll());
// Plotly takes a second to start, in which the page answers nobody: the first figure that comes near does it
const startPlotly = () => window.Plotly || document.head.append(make("script", {}, plotly));

// Pictures, which need no Plotly. Who wants less motion, or presses the button, sees the first time of a moving one
const setPicture = (image, svg) => (image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })));
const startPicture = async (figure) => {
  const held = figure.querySelector("script");
  const picture = await unpack(held.textContent);
  const image = make("img", { alt: figure.querySelector("figcaption").textContent, loading: "lazy" });
  if (!figure.matches(".moving")) {
    setPicture(image, picture);
    held.replaceWith(image);
    return;
  }
  const button = make("button", { type: "button" });
  const show = (plays) => {
    setPicture(image, plays ? picture : picture.replace(/<animate[^>]*>/g, ""));
    button.textContent = plays ? "Stop" : "Play";
    button.setAttribute("aria-pressed", String(plays));
  };
  button.addEventListener("click", () => show(button.textContent === "Play"));
  show(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  figure.prepend(image, make("div", { class: "controls" }, button));
};
// pictures first; what is unpacked after them is there when a figure comes near or is printed
Promise.allSettled([...document.querySelectorAll("figure:is(.moving, .drawn):has(> script)")].map(startPicture)).then(() =>
  document.readyState === "complete" ? setTimeout(prepare, 100) : addEventListener("load", () => setTimeout(prepare, 100)),
);

// What a click opens is open on paper, and has a width to draw figures in
addEventListener("beforeprint", () => {
  for (const figures of document.querySelectorAll("details:has(figure)")) figures.open = true;
});

// What to draw again when light turns to dark or a width changes; nothing is drawn before it is near or printed
const redraws = [];
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraws.forEach((redraw) => redraw()));
const lazily = (figure, start) => {
  const begin = async () => {
    observer.disconnect();
    removeEventListener("beforeprint", begin);
    // nothing is awaited once it is there, so that what is printed is drawn in time
    if (!plotly) await prepare();
    startPlotly();
    const redraw = start(figure, JSON.parse(figure.querySelector("script").textContent));
    let width = figure.clientWidth;
    redraws.push(redraw);
    new ResizeObserver(() => {
      if (figure.clientWidth === width) return;
      width = figure.clientWidth;
      redraw();
    }).observe(figure);
  };
  const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && begin(), { rootMargin: "200px" });
  observer.observe(figure);
  addEventListener("beforeprint", begin);
};

// "+3.20 % (+2.90 to +3.50)", "−5.0" and "up to 12 %" go by their first number; null: no number
const numeric = (text) => {
  const found = /^(?:up to )?([+\-−±]?)(\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?|inf|∞)/i.exec(text);
  if (!found) return null;
  const size = /^(inf|∞)$/i.test(found[2]) ? Infinity : Number(found[2].replaceAll(",", ""));
  return found[1] === "-" || found[1] === "−" ? -size : size;
};
const NOTHING = /^(|nan|none|–|—|never|uncertain by.*)$/;
const sort = (table, column, sign) => {
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.cells[column].textContent.trim() }));
  const told = rows.filter(({ text }) => !NOTHING.test(text.toLowerCase()));
  const empty = rows.filter((one) => !told.includes(one));
  const numbers = told.every(({ text }) => numeric(text) !== null);
  const ordered = (a, b) => a.text.localeCompare(b.text, "en", { numeric: true });
  const value = (one) => numeric(one.text);
  const rise = (a, b) => (numbers && value(a) !== value(b) ? (value(a) < value(b) ? -1 : 1) : ordered(a, b));
  told.sort((a, b) => sign * rise(a, b));
  table.tBodies[0].append(...told.concat(empty).map(({ row }) => row));
};
for (const head of document.querySelectorAll("th")) {
  const table = head.closest("table");
  const click = () => {
    const rising = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    sort(table, head.cellIndex, rising ? 1 : -1);
  };
  head.replaceChildren(make("button", { type: "button", title: "sort", onclick: click }, head.textContent));
}

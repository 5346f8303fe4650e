// The state diagram with the present step lit, made from the machine's own table: a box for each step,
// and an arrow for every way from the present one, or from one that is pointed at, to another.
import { el, svg } from "../../ui/dom.js";
import { arrow, grid } from "./diagram-geometry.js";

const TABLE = "/docs/states.json";
const DOCS = "/docs/states.md";

/** `{ element, opened() }`: the table is loaded and drawn when the pane is first opened. */
export function diagram({ texts, flow, signal }) {
  const element = el("div");
  let drawing = null;
  const load = async () => {
    const response = await fetch(TABLE);
    if (!response.ok) return el("p", { class: "hint" }, texts("diagram.missing"));
    return draw(await response.json(), { texts, flow, signal });
  };
  return {
    element,
    async opened() {
      drawing ??= load();
      element.replaceChildren(await drawing);
    },
  };
}

function draw({ steps, transitions }, { texts, flow, signal }) {
  const arrows = ways(transitions).map((way) => ({
    ...way,
    line: svg("path", { class: "way", "marker-end": "url(#arrow-head)" }),
  }));
  const nodes = steps.map((step) => stepNode(step, texts));
  const picture = svg(
    "svg",
    { class: "diagram", role: "group", "aria-label": texts("diagram.title") },
    arrowHead(),
    arrows.map(({ line }) => line),
    nodes.map(({ node }) => node),
  );
  const list = el("ul", { class: "ways-from" });
  const here = el("p", {});
  const what = el("p", { class: "hint", lang: "en" });
  let pointed = null;

  /** Draws it as wide as there is room. */
  const lay = (width) => {
    const { places, height } = grid(inOrder(steps), width);
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) {
      picture.setAttribute(name, value);
    }
    for (const { name, place } of nodes) place(places.get(name));
    for (const { from, to, line } of arrows) {
      line.setAttribute("d", arrow(places.get(from), places.get(to)));
    }
  };
  // All at once would be a tangle: those from one step, which is the present one until another one is
  // pointed at.
  const show = () => {
    const { step } = flow.snapshot();
    for (const { name, node } of nodes) {
      node.classList.toggle("current", name === step);
      if (name === step) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
    }
    for (const { from, line } of arrows) {
      line.classList.toggle("open", from === (pointed ?? step));
    }
    here.textContent = texts("diagram.here", { step });
    what.textContent = steps.find(({ name }) => name === step)?.doc ?? "";
    const open = transitions.filter(({ from }) => from === step);
    const events = [...new Set(open.map(({ event }) => event))];
    list.replaceChildren(
      ...events.map((event) => {
        const targets = open.filter((way) => way.event === event).flatMap(({ to }) => to);
        return el("li", {}, el("code", {}, event), " → ", [...new Set(targets)].join(", "));
      }),
    );
  };
  const point = (name) => {
    pointed = name;
    show();
  };
  for (const { name, node } of nodes) {
    for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => point(name));
    for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => point(null));
  }
  const frame = el("div", { class: "diagram-frame" }, picture);
  const observer = new ResizeObserver(([{ contentRect }]) => {
    // Nothing is as wide as nothing: the pane is closed.
    if (contentRect.width > 0) lay(Math.floor(contentRect.width));
  });
  observer.observe(frame);
  const unsubscribe = flow.subscribe(show);
  signal.addEventListener("abort", () => {
    unsubscribe();
    observer.disconnect();
  });
  lay(600);
  show();
  return el(
    "div",
    {},
    el("h3", {}, texts("diagram.title")),
    el("p", { class: "hint" }, texts("diagram.intro")),
    frame,
    here,
    what,
    list,
  );
}

/** What all others lead to comes last. */
function inOrder(steps) {
  const names = steps.map(({ name }) => name);
  return [...names.filter((name) => name !== "signedIn"), "signedIn"];
}

/** Each pair of different steps once, whatever events lead from one to the other. */
function ways(transitions) {
  const pairs = new Map();
  for (const { from, to } of transitions) {
    for (const target of [to].flat()) {
      if (target !== from) pairs.set(`${from} ${target}`, { from, to: target });
    }
  }
  return [...pairs.values()];
}

/** `{ name, node, place(box) }`: a box that leads to what is written of its step. */
function stepNode({ name, doc }, texts) {
  const label = texts("diagram.doc", { step: name });
  const rect = svg("rect", { rx: 10 });
  const text = svg("text", { "text-anchor": "middle", "dominant-baseline": "central" }, name);
  const node = svg(
    "a",
    { href: `${DOCS}#${name.toLowerCase()}`, target: "_blank", class: "step", "aria-label": label },
    svg("title", {}, doc),
    rect,
    text,
  );
  const place = ({ x, y, halfWidth, halfHeight }) => {
    const box = { x: x - halfWidth, y: y - halfHeight, width: 2 * halfWidth, height: 2 * halfHeight };
    for (const [name, value] of Object.entries(box)) rect.setAttribute(name, value);
    for (const [name, value] of Object.entries({ x, y })) text.setAttribute(name, value);
  };
  return { name, node, place };
}

function arrowHead() {
  return svg(
    "defs",
    {},
    svg(
      "marker",
      {
        id: "arrow-head",
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: "auto-start-reverse",
      },
      svg("path", { d: "M0 0 8 4 0 8z", class: "head" }),
    ),
  );
}

// The state diagram with the present step lit, made from the machine's own table: the steps in a
// circle, an arrow for every way from one to another.
import { el, svg } from "../../app/dom.js";
import { arrow, circle } from "./diagram-geometry.js";

const TABLE = "/docs/states.json";
const DOCS = "/docs/states.md";
const SIZE = { width: 640, height: 470 };

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
  const places = circle(
    steps.map(({ name }) => name),
    SIZE,
  );
  const arrows = ways(transitions).map(({ from, to }) => ({
    from,
    line: svg("path", {
      class: "way",
      d: arrow(places.get(from), places.get(to)),
      "marker-end": "url(#arrow-head)",
    }),
  }));
  const nodes = steps.map((step) => ({
    name: step.name,
    node: stepNode(step, places.get(step.name), texts),
  }));
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
      class: "diagram",
      role: "group",
      "aria-label": texts("diagram.title"),
    },
    arrowHead(),
    arrows.map(({ line }) => line),
    nodes.map(({ node }) => node),
  );
  const list = el("ul", { class: "ways" });
  const here = el("p", {});
  const what = el("p", { class: "hint", lang: "en" });

  const show = () => {
    const { step } = flow.snapshot();
    for (const { name, node } of nodes) {
      node.classList.toggle("current", name === step);
      if (name === step) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
    }
    for (const { from, line } of arrows) line.classList.toggle("open", from === step);
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
  const unsubscribe = flow.subscribe(show);
  signal.addEventListener("abort", unsubscribe);
  show();
  return el(
    "div",
    {},
    el("h3", {}, texts("diagram.title")),
    el("p", { class: "hint" }, texts("diagram.intro")),
    picture,
    here,
    what,
    list,
  );
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

function stepNode({ name, doc }, { x, y, halfWidth, halfHeight }, texts) {
  const label = texts("diagram.doc", { step: name });
  return svg(
    "a",
    { href: `${DOCS}#${name.toLowerCase()}`, target: "_blank", class: "step", "aria-label": label },
    svg("title", {}, doc),
    svg("rect", {
      x: x - halfWidth,
      y: y - halfHeight,
      width: 2 * halfWidth,
      height: 2 * halfHeight,
      rx: 10,
    }),
    svg("text", { x, y, "text-anchor": "middle", "dominant-baseline": "central" }, name),
  );
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

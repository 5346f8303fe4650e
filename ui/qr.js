// A QR code as one SVG path, drawn from lean-qr's bits: no markup, no canvas, nothing that a strict
// content security policy forbids.
import { svg } from "./dom.js";

/** What a reader needs to be left free around it, in modules. */
const QUIET = 4;

/** The picture of a text. The library is loaded when the first one is drawn. */
export async function qrCode(text, label) {
  // The server has lean-qr's own file there; an app's bundler takes `lean-qr`.
  const { generate } = await import("./lean-qr/index.mjs");
  const code = generate(text);
  const whole = code.size + 2 * QUIET;
  return svg(
    "svg",
    { viewBox: `0 0 ${whole} ${whole}`, class: "qr", role: "img", "aria-label": label },
    svg("rect", { width: whole, height: whole, class: "light" }),
    svg("path", { d: darkRuns(code), class: "dark", "shape-rendering": "crispEdges" }),
  );
}

/** A rectangle for each run of dark modules. */
function darkRuns(code) {
  const runs = [];
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      const from = x;
      while (x < code.size && code.get(x, y)) x += 1;
      if (x > from) runs.push(`M${from + QUIET} ${y + QUIET}h${x - from}v1h${from - x}z`);
    }
  }
  return runs.join("");
}

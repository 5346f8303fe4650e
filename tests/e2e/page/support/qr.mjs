// Reads a drawn QR code as a camera would, with another library than the one that made it.
import decodeQR from "qr/decode.js";

/** Pixels for a module. */
const SCALE = 4;

/** The text in the `<svg>` that `image` locates. */
export async function readQr(image) {
  const { width, d } = await image.evaluate((svg) => ({
    width: svg.viewBox.baseVal.width,
    d: svg.querySelector("path").getAttribute("d"),
  }));
  const side = width * SCALE;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, run] of d.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    paint(data, side, { x: x * SCALE, y: y * SCALE, width: run * SCALE, height: SCALE });
  }
  return decodeQR({ width: side, height: side, data });
}

function paint(data, side, { x, y, width, height }) {
  for (let row = y; row < y + height; row += 1) {
    for (let column = x; column < x + width; column += 1) {
      data.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
    }
  }
}

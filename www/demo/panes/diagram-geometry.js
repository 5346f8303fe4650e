// Where the boxes of a diagram stand and how the arrows between them run. Pure functions.

const HALF_HEIGHT = 20;
const CHARACTER = 4.6;
const MARGIN = 12;

/** Boxes for these names, evenly around an ellipse, the first on top. */
export function circle(names, { width, height }) {
  const places = names.map((name, index) => {
    const angle = (2 * Math.PI * index) / names.length - Math.PI / 2;
    const halfWidth = name.length * CHARACTER + MARGIN;
    const reach = { x: width / 2 - 80, y: height / 2 - HALF_HEIGHT - 4 };
    const x = width / 2 + Math.cos(angle) * reach.x;
    const y = height / 2 + Math.sin(angle) * reach.y;
    return [name, { x, y, halfWidth, halfHeight: HALF_HEIGHT }];
  });
  return new Map(places);
}

/** A curve from the edge of one box to the edge of another, bent so that two ways lie apart. */
export function arrow(from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const bend = 0.09 * length;
  const middle = {
    x: (from.x + to.x) / 2 - (dy / length) * bend,
    y: (from.y + to.y) / 2 + (dx / length) * bend,
  };
  const start = edge(from, middle);
  const end = edge(to, middle);
  return `M${point(start)} Q${point(middle)} ${point(end)}`;
}

/** Where the line from the middle of a box towards a point leaves the box. */
function edge(box, towards) {
  const [dx, dy] = [towards.x - box.x, towards.y - box.y];
  const scale = Math.min(
    box.halfWidth / Math.abs(dx || Number.EPSILON),
    (box.halfHeight + 2) / Math.abs(dy || Number.EPSILON),
  );
  return { x: box.x + dx * scale, y: box.y + dy * scale };
}

function point({ x, y }) {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

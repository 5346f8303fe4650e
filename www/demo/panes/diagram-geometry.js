// Where the boxes of a diagram stand and how the arrows between them run. Pure functions; lengths are
// in pixels, so that what is written in the boxes is as large on a phone as elsewhere.

const BOX_HEIGHT = 36;
const WIDEST_BOX = 170;
/** The narrowest box that holds the longest name. */
const NARROWEST_BOX = 136;
const GAP = { x: 16, y: 34 };
/** Room for an arrow that bends out of the grid. */
const MARGIN = 6;

/**
 * Boxes for these names in a picture of this width: the first and the last alone, where everything
 * begins and ends, the others between them in as many columns as there is room for. Answers
 * `{ places, height }`.
 */
export function grid(names, width) {
  const room = width - 2 * MARGIN + GAP.x;
  const columns = Math.max(1, Math.min(4, Math.floor(room / (NARROWEST_BOX + GAP.x))));
  const boxWidth = Math.min(WIDEST_BOX, room / columns - GAP.x);
  const [first, ...rest] = names;
  const last = rest.pop();
  const rows = [[first], ...inRows(rest, columns), [last]].filter(([name]) => name !== undefined);
  const places = rows.flatMap((row, level) =>
    row.map((name, index) => {
      const x = width / 2 + (index - (row.length - 1) / 2) * (boxWidth + GAP.x);
      const y = MARGIN + BOX_HEIGHT / 2 + level * (BOX_HEIGHT + GAP.y);
      return [name, { x, y, halfWidth: boxWidth / 2, halfHeight: BOX_HEIGHT / 2 }];
    }),
  );
  const height = rows.length * (BOX_HEIGHT + GAP.y) - GAP.y + 2 * MARGIN;
  return { places: new Map(places), height };
}

/** As even as can be: no row is left with one box where it could have two. */
function inRows(names, columns) {
  const count = Math.ceil(names.length / columns);
  const rows = [];
  for (let left = names; left.length > 0; ) {
    const size = Math.ceil(left.length / (count - rows.length));
    rows.push(left.slice(0, size));
    left = left.slice(size);
  }
  return rows;
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

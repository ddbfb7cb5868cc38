import { duration, rounded } from './numbers.js';

/** One of the small pictures: lines over the same axis of sizes. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly size: number; readonly nanoseconds: number }[];
}

const PANEL = { width: 330, height: 210 } as const;
/** Of a panel, for its title and its axes. */
const MARGIN = { left: 52, right: 24, top: 30, bottom: 26 } as const;
const COLUMNS = 3;
/** Of names in one row of the legend, whose rows are so high. */
const NAMES_IN_A_ROW = 4;
const LEGEND_ROW = 22;
/** Dark enough on white, light enough on black. The first is ours. */
const COLOURS = ['#d6336c', '#868e96', '#1c7ed6', '#e67700', '#2f9e44', '#7048e8', '#0c8599', '#495057'] as const;

/**
 * Panels as one SVG picture, both axes logarithmic: what does not grow is level, what grows with the size rises evenly. The first name
 * is drawn thicker, and every line has the same colour in all panels.
 */
export function chart(title: string, panels: readonly Panel[]): string {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const rows = Math.ceil(panels.length / COLUMNS);
  const width = COLUMNS * PANEL.width;
  const height = rows * PANEL.height + (Math.ceil(names.length / NAMES_IN_A_ROW) + 0.5) * LEGEND_ROW;
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % COLUMNS) * PANEL.width, Math.floor(index / COLUMNS) * PANEL.height];
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, names)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawn,
    `<g transform="translate(${MARGIN.left} ${rows * PANEL.height + LEGEND_ROW / 2})">`,
    ...names.map((name, index) => legendEntry(name, index, (width - MARGIN.left) / NAMES_IN_A_ROW)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function legendEntry(name: string, index: number, width: number): string {
  const at = `${place((index % NAMES_IN_A_ROW) * width)} ${Math.floor(index / NAMES_IN_A_ROW) * LEGEND_ROW}`;
  return `<g transform="translate(${at})"><path d="M0 -4h14" stroke="${colourOf(index)}" stroke-width="3"/><text x="19">${escaped(name)}</text></g>`;
}

function drawPanel({ title, lines }: Panel, names: readonly string[]): string {
  const points = lines.flatMap((line) => line.points);
  const across = axis(
    points.map(({ size }) => size),
    MARGIN.left,
    PANEL.width - MARGIN.right,
  );
  // Whole powers of ten, so that there is something to read the lines by.
  const powers = points.map(({ nanoseconds }) => Math.log10(nanoseconds));
  const lowest = 10 ** Math.floor(Math.min(...powers));
  const highest = 10 ** Math.ceil(Math.max(...powers));
  const up = axis([lowest, highest], PANEL.height - MARGIN.bottom, MARGIN.top);
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const grid: string[] = [];
  for (let time = lowest; time <= highest * 1.01; time *= 10) {
    const y = place(up(time));
    grid.push(`<path d="M${MARGIN.left} ${y}H${PANEL.width - MARGIN.right}" stroke="#dee2e6"/>`);
    grid.push(`<text x="${MARGIN.left - 5}" y="${y}" dy="4" text-anchor="end" fill="#495057">${duration(time)}</text>`);
  }
  const ticks = sizes.map(
    (size) =>
      `<text x="${place(across(size))}" y="${PANEL.height - MARGIN.bottom + 15}" text-anchor="middle" fill="#495057">${rounded(size)}</text>`,
  );
  const drawn = lines.map(({ name, points: own }) => {
    const index = names.indexOf(name);
    const at = own.map(({ size, nanoseconds }) => `${place(across(size))},${place(up(nanoseconds))}`);
    return `<polyline points="${at.join(' ')}" fill="none" stroke="${colourOf(index)}" stroke-width="${index === 0 ? 3 : 1.5}"/>`;
  });
  return [
    `<text x="${MARGIN.left}" y="18" font-weight="bold">${escaped(title)}</text>`,
    ...grid,
    ...ticks,
    // Ours last, so that no line hides it.
    ...drawn.reverse(),
  ].join('\n');
}

/** A logarithmic axis. One size alone is in its middle. */
function axis(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => (high === low ? (from + to) / 2 : from + ((Math.log(value) - low) / (high - low)) * (to - from));
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000';
}

function place(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

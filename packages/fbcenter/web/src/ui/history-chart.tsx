import { useState } from 'react';
import { figure } from '../model/figure.js';
import { type History, scaleTop } from '../model/history.js';

const WIDTH = 720;
const HEIGHT = 180;

/** Evaluations over time as bars, one upon the other; what a bar says stands above it while it is pointed at. */
export function HistoryChart({
  history,
  labelOf,
  colorOf,
  timeText,
}: {
  readonly history: History;
  readonly labelOf: (id: string) => string;
  readonly colorOf: (id: string) => number;
  readonly timeText: (time: number) => string;
}) {
  const [pointed, setPointed] = useState<number>();
  const { times, variations, totals, total, max } = history;
  const top = scaleTop(max);
  const width = WIDTH / Math.max(1, times.length);
  const y = (count: number) => HEIGHT - (count / top) * HEIGHT;
  const at = pointed !== undefined && pointed < times.length ? pointed : undefined;
  const first = times[0];
  const last = times.at(-1);
  return (
    <figure className="over-time">
      <figcaption className="over-time-read">
        {at === undefined ? `${figure(total)} evaluations` : `${timeText(times[at] ?? 0)}: ${figure(totals[at] ?? 0)}`}
        {at !== undefined &&
          variations.map(({ id, counts }) => (
            <span key={id} className="variation-name">
              <span className={`swatch v${colorOf(id)}`} aria-hidden="true" />
              {labelOf(id)} {figure(counts[at] ?? 0)}
            </span>
          ))}
      </figcaption>
      <div className="over-time-plot">
        <span className="over-time-top" aria-hidden="true">
          {figure(top)}
        </span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={summaryOf(history, labelOf, timeText)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            setPointed(Math.floor(((event.clientX - box.left) / box.width) * times.length));
          }}
          onPointerLeave={() => setPointed(undefined)}
        >
          {at !== undefined && <rect className="pointed" x={at * width} y={0} width={width} height={HEIGHT} />}
          {variations.map(({ id, counts }, row) => (
            <path key={id} className={`bars v${colorOf(id)}`} d={barsOf(counts, below(history, row), width, y)} />
          ))}
        </svg>
      </div>
      <div className="over-time-times" aria-hidden="true">
        <span>{first === undefined ? '' : timeText(first)}</span>
        <span>{last === undefined ? '' : timeText(last)}</span>
      </div>
    </figure>
  );
}

/** How much stands below a variation's bars. */
function below({ variations }: History, row: number): (index: number) => number {
  return (index) => variations.slice(0, row).reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0);
}

/** The bars of a variation as one path: a few hundred elements less. */
function barsOf(
  counts: readonly number[],
  base: (index: number) => number,
  width: number,
  y: (count: number) => number,
): string {
  const gap = width > 3 ? 1 : 0;
  return counts
    .flatMap((count, index) => {
      if (count === 0) return [];
      const [low, high] = [y(base(index)), y(base(index) + count)].map((value) => value.toFixed(1));
      const [left, right] = [index * width, (index + 1) * width - gap].map((value) => value.toFixed(1));
      return [`M${left} ${low}V${high}H${right}V${low}Z`];
    })
    .join('');
}

/** The chart in one sentence, for those who do not see it. */
function summaryOf(
  { times, totals, total, variations, max }: History,
  labelOf: (id: string) => string,
  timeText: (time: number) => string,
): string {
  if (total === 0) return 'No evaluations in this time.';
  const parts = variations.map((one) => `${labelOf(one.id)} ${figure(one.total)}`).join(', ');
  const peak = times[totals.indexOf(max)] ?? 0;
  return `Evaluations over time: ${figure(total)}, of them ${parts}. Most at ${timeText(peak)}: ${figure(max)}.`;
}

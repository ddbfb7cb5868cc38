import type { ExperimentSeriesBody } from '../../../../src/api/experiment-results.js';
import { figure } from '../../model/figure.js';
import { percent } from './plain-words.js';
import { scaleFor } from './scale.js';

interface Interval {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
}

const FOREST = { width: 280, height: 28 };

/** An interval as a line with its middle, on a scale with 0 in the middle. */
export function ForestRow({
  interval,
  scale,
  tone,
  label,
}: {
  readonly interval: Interval | undefined;
  readonly scale: number;
  readonly tone: string;
  readonly label: string;
}) {
  const { width, height } = FOREST;
  const place = (share: number) =>
    ((Math.max(-scale, Math.min(scale, share)) + scale) / (2 * scale)) * (width - 12) + 6;
  const middle = height / 2;
  return (
    <svg className={`forest ${tone}`} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <line className="forest-zero" x1={place(0)} x2={place(0)} y1="0" y2={height} />
      {interval !== undefined && (
        <>
          <line className="forest-line" x1={place(interval.low)} x2={place(interval.high)} y1={middle} y2={middle} />
          <End at={place(interval.low)} isCut={interval.low < -scale} direction={-1} />
          <End at={place(interval.high)} isCut={interval.high > scale} direction={1} />
          <circle className="forest-dot" cx={place(interval.middle)} cy={middle} r="4.5" />
        </>
      )}
    </svg>
  );
}

/** The end of an interval: a stroke, or an arrow where it goes on beyond the scale. */
function End({ at, isCut, direction }: { readonly at: number; readonly isCut: boolean; readonly direction: 1 | -1 }) {
  const middle = FOREST.height / 2;
  if (!isCut) return <line className="forest-line" x1={at} x2={at} y1={middle - 6} y2={middle + 6} />;
  const back = at - 6 * direction;
  return <path className="forest-arrow" d={`M${at} ${middle} L${back} ${middle - 5} L${back} ${middle + 5} Z`} />;
}

export function ForestAxis({ scale }: { readonly scale: number }) {
  return (
    <span className="forest-axis" aria-hidden="true">
      <span>{percent(-scale, 0)}</span>
      <span>0</span>
      <span>{percent(scale, 0)}</span>
    </span>
  );
}

const SERIES = { width: 720, height: 220, left: 56, right: 12, top: 10, bottom: 26 };

/** How an interval has narrowed: a band with its middle. */
export function SeriesPlot({
  points,
  metric,
  variation,
  name,
}: {
  readonly points: ExperimentSeriesBody['points'];
  readonly metric: string;
  readonly variation: string;
  readonly name: string;
}) {
  const found = points.flatMap(({ at, users, intervals }) => {
    const one = intervals.find((interval) => interval.metric === metric && interval.variation === variation);
    if (one === undefined || one.uplift === null || one.low === null || one.high === null) return [];
    return [{ at: Date.parse(at), users, uplift: one.uplift, low: one.low, high: one.high }];
  });
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined || found.length < 2) {
    return <p className="quiet">The picture of how the interval narrows begins with the second look.</p>;
  }
  const { width, height, left, right, top, bottom } = SERIES;
  // The first intervals are so wide that nothing could be seen of the later ones.
  const later = found.slice(Math.floor(found.length / 4));
  const scale = scaleFor(later.flatMap(({ low, high }) => [low, high]));
  const x = (at: number) => left + ((at - first.at) / Math.max(1, last.at - first.at)) * (width - left - right);
  const y = (share: number) => {
    const inside = Math.max(-scale, Math.min(scale, share));
    return top + ((scale - inside) / (2 * scale)) * (height - top - bottom);
  };
  const line = (of: 'low' | 'high' | 'uplift', all: readonly (typeof first)[] = found) =>
    all.map((point) => `${x(point.at).toFixed(1)},${y(point[of]).toFixed(1)}`).join(' ');
  const label = `${name}: at first between ${percent(first.low)} and ${percent(first.high)}, at last between ${percent(last.low)} and ${percent(last.high)}, with ${figure(last.users)} users.`;
  return (
    <figure className="series">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <polygon className="series-band" points={`${line('high')} ${line('low', [...found].reverse())}`} />
        {[scale, scale / 2, 0, -scale / 2, -scale].map((share) => (
          <g key={share}>
            <line
              className={share === 0 ? 'series-zero' : 'series-grid'}
              x1={left}
              x2={width - right}
              y1={y(share)}
              y2={y(share)}
            />
            <text x={left - 8} y={y(share) + 4} textAnchor="end">
              {share === 0 ? '0' : percent(share, scale < 0.05 ? 1 : 0)}
            </text>
          </g>
        ))}
        <polyline className="series-middle" points={line('uplift')} />
        <text x={left} y={height - 6}>
          {dayText(first.at)}
        </text>
        <text x={width - right} y={height - 6} textAnchor="end">
          {dayText(last.at)}
        </text>
      </svg>
      <figcaption className="quiet">{label}</figcaption>
    </figure>
  );
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

function dayText(at: number): string {
  return DAY.format(at);
}

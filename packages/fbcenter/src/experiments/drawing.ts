import type { ExperimentMetricBody, ExperimentResultsBody } from '../api/experiment-results.js';
import { cutTo, padTo, widthOf } from '../model/columns.js';
import { decidedText, percent } from './conclusions.js';

/** How wide a drawing may be, in characters. */
export const DRAWING = { fallback: 100, min: 60, max: 240 };

/** The results of an experiment as text for a terminal, with the intervals drawn. */
export function drawResults(results: ExperimentResultsBody, width: number): string {
  const sections = [head(results), users(results), ...intervals(results, width), notes(results)];
  const lines = sections.flatMap((section) => [...section.flatMap((line) => wrapped(line, width)), '']);
  return `${lines.join('\n').trimEnd()}\n`;
}

function head(results: ExperimentResultsBody): string[] {
  const { name, key, flagKey, state, iteration, verdict, sentence, method } = results;
  const when =
    iteration.end === null
      ? `since ${minute(iteration.start)}`
      : `from ${minute(iteration.start)} to ${minute(iteration.end)}`;
  const called = name === key ? key : `${plain(name)} (${key})`;
  return [
    `${called} on the flag ${flagKey}: ${state}, iteration ${iteration.number}, ${when}`,
    `${verdict.toUpperCase()}  ${plain(sentence)}`,
    `Method: ${method === 'always-valid' ? 'always valid: look as often as you like' : 'fixed: one look, at the planned number of users'}.`,
    ...adjustment(results),
  ];
}

/** What is gained by subtracting what users did before, by metric. */
function adjustment({ covariateDays, metrics }: ExperimentResultsBody): string[] {
  if (covariateDays === null) return [];
  const gains = metrics.flatMap(({ name, comparisons }) => {
    const reductions = comparisons.flatMap(({ result }) =>
      result.status === 'ok' ? (result.varianceReduction ?? []) : [],
    );
    return reductions.length === 0 ? [] : [`${plain(name)} ${Math.floor(100 * Math.max(0, ...reductions))} %`];
  });
  const days = covariateDays === 1 ? 'the day' : `the ${covariateDays} days`;
  return [
    `What users did in ${days} before they entered is subtracted${gains.length === 0 ? '' : `; less variance: ${gains.join(', ')}`}.`,
  ];
}

function users({ variations, users: all, plannedUsers, split, usersPerDay }: ExperimentResultsBody): string[] {
  const total = variations.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const rows = variations.map(({ value, users: count, weight, isControl }) => [
    `  ${cutTo(plain(value), 24)}${isControl ? ' (control)' : ''}`,
    `${count.toLocaleString('en')} users`,
    all === 0 ? '' : `${((100 * count) / all).toFixed(1)} %`,
    weight === null || total === 0 ? '' : `planned ${((100 * weight) / total).toFixed(1)} %`,
  ]);
  const perDay = usersPerDay === null ? '' : `, about ${Math.round(usersPerDay).toLocaleString('en')} a day`;
  return [
    `Users: ${all.toLocaleString('en')} in all${perDay}; ${plannedUsers.toLocaleString('en')} planned for each pair of variations`,
    ...table(rows),
    `  ${splitText(split)}`,
  ];
}

function splitText(split: ExperimentResultsBody['split']): string {
  switch (split.status) {
    case 'ok':
      return split.alarm
        ? `The split is WRONG (p = ${pText(split.pValue)}): find the cause first.`
        : `The split is as planned (p = ${pText(split.pValue)}).`;
    case 'no-users':
      return 'The split is checked once there are users.';
    case 'no-expectation':
      return 'No split is expected: different rules let users in with different shares.';
  }
}

interface Row {
  readonly cells: readonly string[];
  readonly interval: { readonly low: number; readonly high: number; readonly middle: number } | undefined;
}

/** A table for each role, all on one scale. */
function intervals({ metrics, variations }: ExperimentResultsBody, width: number): string[][] {
  const rowsOf = (role: ExperimentMetricBody['role']) =>
    metrics.filter((metric) => metric.role === role).flatMap((metric) => metricRows(metric, variations));
  const groups = (
    [
      ['goal', 'Goals'],
      ['guardrail', 'Guardrails'],
      ['secondary', 'Secondary metrics'],
    ] as const
  )
    .map(([role, title]) => ({ title, rows: rowsOf(role) }))
    .filter(({ rows }) => rows.length > 0);
  const all = groups.flatMap(({ rows }) => rows);
  const widths = widthsOf(all.map(({ cells }) => cells));
  const left = widths.reduce((sum, one) => sum + one + 2, 0);
  const scale = scaleOf(all);
  const plot = Math.min(61, width - left);
  return groups.map(({ title, rows }) => [
    `${title}${plot < 11 ? '' : `${' '.repeat(Math.max(1, left - title.length))}${axis(scale, plot)}`}`,
    ...rows.map(({ cells, interval }) =>
      `${padded(cells, widths)}${plot < 11 ? '' : bar(interval, scale, plot)}`.trimEnd(),
    ),
  ]);
}

function metricRows(metric: ExperimentMetricBody, variations: ExperimentResultsBody['variations']): Row[] {
  return metric.comparisons.map(({ variation, verdict, result }): Row => {
    const meanOf = (id: string | undefined) => metric.values.find((one) => one.variation === id)?.value ?? null;
    const control = variations.find(({ isControl }) => isControl)?.id;
    const shown = variations.find(({ id }) => id === variation)?.value ?? variation;
    const relative = result.status === 'ok' && result.relative.status === 'ok' ? result.relative : undefined;
    const difference =
      result.status === 'ok' ? `${result.difference < 0 ? '−' : '+'}${number(Math.abs(result.difference))}` : '';
    return {
      cells: [
        `  ${cutTo(plain(metric.name), 24)}`,
        cutTo(plain(shown), 16),
        `${valueText(meanOf(control), metric)} → ${valueText(meanOf(variation), metric)}`,
        relative === undefined ? difference : percent(relative.uplift),
        verdict,
      ],
      interval: relative && { low: relative.low, high: relative.high, middle: relative.uplift },
    };
  });
}

/** As far as the scale goes to both sides: as a share of the control. */
function scaleOf(rows: readonly Row[]): number {
  const ends = rows.flatMap(({ interval }) =>
    interval === undefined ? [] : [Math.abs(interval.low), Math.abs(interval.high)],
  );
  const widest = Math.max(0, ...ends);
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((step) => step >= widest) ?? 1;
}

function axis(scale: number, width: number): string {
  const end = `${scale * 100} %`;
  const [left, right] = [`−${end}`, `+${end}`];
  const middle = Math.floor(width / 2);
  const line = `${left.padEnd(middle)}0`;
  return `${line}${right.padStart(width - line.length)}`;
}

/** An interval: its ends, its middle, and where 0 is; an arrow where it goes further than the scale. */
function bar(interval: Row['interval'], scale: number, width: number): string {
  const middle = Math.floor(width / 2);
  const cells: string[] = Array.from({ length: width }, (_, at) => (at === middle ? '│' : ' '));
  if (interval === undefined) return cells.join('');
  const place = (share: number) =>
    Math.round(((Math.max(-scale, Math.min(scale, share)) + scale) / (2 * scale)) * (width - 1));
  const [low, high] = [place(interval.low), place(interval.high)];
  for (let at = low; at <= high; at++) cells[at] = at === middle ? '┼' : '─';
  cells[low] = interval.low < -scale ? '◀' : '├';
  cells[high] = interval.high > scale ? '▶' : '┤';
  cells[place(interval.middle)] = '●';
  return cells.join('');
}

function notes(results: ExperimentResultsBody): string[] {
  const {
    excluded,
    late,
    oversized,
    undeclared,
    replays,
    refusedRequests,
    warnings,
    iteration,
    lastEventAt,
    decision,
  } = results;
  const counts: readonly (readonly [number, string])[] = [
    [excluded.several, 'Users left out, seen with several variations'],
    [excluded.targeted, 'Users left out, given a variation by name'],
    [excluded.segment, 'Users left out, in the segment that is left out'],
    [late, 'Events that were more than 72 hours late'],
    [oversized, 'Events with a value that is too large'],
    [undeclared, 'Evaluations by SDKs that do not say whether they count'],
    [replays, 'Requests that came again, and were not counted again'],
    [refusedRequests, 'Requests that were refused because too much was waiting'],
  ];
  return [
    ...counts.flatMap(([count, what]) => (count === 0 ? [] : [`${what}: ${count.toLocaleString('en')}`])),
    ...iteration.marks.map(
      ({ at, what, by, isUnsound }) =>
        `${minute(at)}  ${plain(by)} changed ${plain(what.join(', '))}${isUnsound ? '' : ' (harmless)'}`,
    ),
    ...warnings.map(({ message }) => plain(message)),
    ...(decision === null
      ? []
      : [`${minute(decision.at)}  ${plain(`${decision.by.name} ${decidedText(decision, results)}`)}`]),
    ...(lastEventAt === null ? [] : [`Last event: ${minute(lastEventAt)}${iteration.isFrozen ? '; frozen' : ''}`]),
  ];
}

/** A value as people read it: rates in percent. */
function valueText(value: number | null, { type }: ExperimentMetricBody): string {
  if (value === null) return '–';
  return type === 'conversion' || type === 'retention' ? `${(100 * value).toFixed(2)} %` : number(value);
}

function number(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function pText(pValue: number): string {
  return pValue < 0.001 ? pValue.toExponential(0) : pValue.toFixed(3);
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** Texts come from outside: nothing in them moves the cursor. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) => padded(row, widths).trimEnd());
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
}

function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, column) => `${padTo(cell, widths[column] ?? 0)}  `).join('');
}

/** Breaks sentences at spaces; drawn lines, which begin with a space or have a drawing, are as wide as they are. */
function wrapped(line: string, width: number): string[] {
  if (line.length <= width || line.startsWith(' ') || /[│├┤◀▶●]/.test(line)) return [line];
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    if (at <= 0) break;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...lines, rest];
}

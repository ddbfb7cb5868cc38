import type { Cause } from './compare/attribute.js';
import type { Comparison } from './compare/compare.js';
import { QUIRKS } from './compare/quirks.js';
import type { Sdk } from './sdks.js';
import { type Outcome, STEPS } from './steps.js';

/** What came of one SDK. */
export interface Result {
  readonly sdk: Sdk;
  /** What it ran on, such as `Python 3.11.7`; absent when it did not run. */
  readonly runtime?: string;
  /** Why it did not run. */
  readonly notRun?: string;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Absent for what holds no rules. */
  readonly comparison?: Comparison;
}

/** What did not go well and is not known of the SDK: a fault of ours, or something new. */
export function surprises({ sdk, notRun, outcomes, comparison }: Result): string[] {
  const found = [...outcomes].flatMap(([step, outcome]) =>
    outcome.kind === 'fault' && sdk.faults?.[step] === undefined ? [`${step}: ${outcome.seen}`] : [],
  );
  const unexplained = comparison?.disagreements.get('unexplained');
  if (unexplained !== undefined) found.push(`${unexplained.count} values are not the center's, and nobody knows why`);
  if (notRun !== undefined && !notRun.startsWith('no ')) found.push(notRun);
  return found;
}

/** Faults that are known of an SDK and were not seen: it may have been mended. */
export function gone({ sdk, outcomes }: Result): string[] {
  return Object.keys(sdk.faults ?? {}).filter((step) => outcomes.get(step)?.kind === 'well');
}

/** The results as a page has them. */
export function reportOf(results: readonly Result[], date: string, seed: number): string {
  return [
    `Run on ${date} by \`npm run interop -- --seed ${seed} --write\`.`,
    stepTable(results),
    lines(results),
    valueTable(results),
    causeTable(results),
  ].join('\n\n');
}

function stepTable(results: readonly Result[]): string {
  const heads = ['SDK or provider', 'on', ...STEPS.map(({ title }) => title)];
  const rows = results.map(({ sdk, runtime, notRun, outcomes }) => [
    titleOf(sdk),
    runtime ?? `not run: ${notRun}`,
    ...STEPS.map(({ name }) => cell(outcomes.get(name))),
  ]);
  return table(heads, rows);
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.kind === 'not-offered') return '–';
  if (outcome.kind === 'fault') return '**no**';
  return outcome.text === '' ? 'yes' : outcome.text;
}

function lines(results: readonly Result[]): string {
  const all = results.flatMap(({ sdk, outcomes }) => [
    ...[...outcomes].flatMap(([step, outcome]) =>
      outcome.kind === 'fault'
        ? [`- ${titleOf(sdk)}, ${titleOfStep(step)}: ${sdk.faults?.[step] ?? outcome.seen}`]
        : [],
    ),
    ...(outcomes.size > 0 ? (sdk.notes ?? []) : []).map((note) => `- ${titleOf(sdk)}: ${note}`),
  ]);
  return all.join('\n');
}

function valueTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ sdk, comparison }) => {
    if (comparison === undefined) return [];
    const count = [...comparison.disagreements.values()].reduce((sum, one) => sum + one.count, 0);
    const share = `${((100 * count) / comparison.evaluations).toFixed(1)} %`;
    return [[titleOf(sdk), grouped(comparison.evaluations), `${grouped(count)} (${share})`]];
  });
  return table(['SDK', 'values asked for', 'that are not the center’s'], rows);
}

/** A row for each cause, and one for what several are only together: what a team reads that moves. */
function causeTable(results: readonly Result[]): string {
  const rows = results.flatMap(({ sdk, comparison }) => {
    const found = [...(comparison?.disagreements.values() ?? [])].sort((a, b) => b.count - a.count);
    const alone = found.flatMap(({ cause, count }) => {
      if (cause === 'unexplained') return [[titleOf(sdk), grouped(count), '**not explained**', '']];
      const [name, ...others] = cause;
      if (name === undefined || others.length > 0) return [];
      return [[titleOf(sdk), grouped(count), QUIRKS[name].theirs, QUIRKS[name].change]];
    });
    const together = found.reduce((sum, { cause, count }) => sum + (isSeveral(cause) ? count : 0), 0);
    return together === 0 ? alone : [...alone, [titleOf(sdk), grouped(together), 'two or more of these at once', '']];
  });
  return table(['from', 'values', 'what it does', 'with ours'], rows);
}

function isSeveral(cause: Cause): boolean {
  return cause !== 'unexplained' && cause.length > 1;
}

function titleOf({ package: name, version }: Sdk): string {
  return `${name.slice(name.startsWith('github.com/') ? 'github.com/'.length : 0)} ${version}`;
}

function titleOfStep(name: string): string {
  return STEPS.find((step) => step.name === name)?.title ?? name;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const BEGIN = '<!-- begin interop: generated -->';
const END = '<!-- end interop -->';

/** The page with the results in the place of those before. @throws when it has no such place. */
export function withReport(page: string, report: string): string {
  const [start, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, start)}${BEGIN}\n${report}\n${page.slice(end)}`;
}

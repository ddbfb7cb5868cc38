import { QUIRKS } from './compare/quirks.js';
import type { Run } from './records.js';
import type { Sdk } from './sdks.js';
import { type Outcome, STEPS } from './steps.js';

/** An SDK with its last run; none = it was not run. */
export interface Row {
  readonly sdk: Sdk;
  readonly run: Run | undefined;
}

/** What did not go well and is not known of the SDK: a fault of ours, or something new. */
export function surprises(sdk: Sdk, { outcomes, comparison }: Run): string[] {
  const found = Object.entries(outcomes).flatMap(([step, outcome]) =>
    outcome.kind === 'fault' && sdk.faults?.[step] === undefined ? [`${titleOfStep(step)}: ${outcome.seen}`] : [],
  );
  const unexplained = comparison?.disagreements.find(({ cause }) => cause === 'unexplained');
  if (unexplained === undefined) return found;
  return [...found, `${unexplained.count} values are not the center's, and nobody knows why: ${unexplained.example}`];
}

/** Faults that are known of an SDK and were not seen: it may have been mended. */
export function gone(sdk: Sdk, { outcomes }: Run): string[] {
  return Object.keys(sdk.faults ?? {}).filter((step) => outcomes[step]?.kind === 'well');
}

/** The runs as a page has them. */
export function reportOf(rows: readonly Row[]): string {
  return [stepTable(rows), lines(rows), valueTable(rows), causeTable(rows)].join('\n\n');
}

function stepTable(rows: readonly Row[]): string {
  const heads = ['SDK or provider', 'run', ...STEPS.map(({ title }) => title)];
  const cells = rows.map(({ sdk, run }) => [
    titleOf(sdk),
    run === undefined ? 'not run' : `${run.date}, ${run.runtime}`,
    ...STEPS.map(({ name }) => cell(run?.outcomes[name])),
  ]);
  return table(heads, cells);
}

function cell(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.kind === 'not-offered') return '–';
  if (outcome.kind === 'fault') return '**no**';
  return outcome.text === '' ? 'yes' : outcome.text;
}

function lines(rows: readonly Row[]): string {
  const all = rows.flatMap(({ sdk, run }) => {
    if (run === undefined) return [];
    const faults = Object.entries(run.outcomes).flatMap(([step, outcome]) =>
      outcome.kind === 'fault' ? [`${titleOf(sdk)}, ${titleOfStep(step)}: ${sdk.faults?.[step] ?? outcome.seen}`] : [],
    );
    return [...faults, ...(sdk.notes ?? []).map((note) => `${titleOf(sdk)}: ${note}`)];
  });
  return all.map((line) => `- ${line}.`).join('\n');
}

function valueTable(rows: readonly Row[]): string {
  const cells = rows.flatMap(({ sdk, run }) => {
    if (run?.comparison === undefined) return [];
    const { evaluations, disagreements, seed } = run.comparison;
    const count = disagreements.reduce((sum, one) => sum + one.count, 0);
    const share = `${((100 * count) / evaluations).toFixed(1)} %`;
    return [[titleOf(sdk), `${grouped(evaluations)}, seed ${seed}`, `${grouped(count)} (${share})`]];
  });
  return table(['SDK', 'values asked for', 'that are not the center’s'], cells);
}

/** A row for each cause, and one for what several are only together: what a team reads that moves. */
function causeTable(rows: readonly Row[]): string {
  const cells = rows.flatMap(({ sdk, run }) => {
    const found = [...(run?.comparison?.disagreements ?? [])].sort((a, b) => b.count - a.count);
    let together = 0;
    const alone: string[][] = [];
    for (const { cause, count } of found) {
      if (cause === 'unexplained') {
        alone.push([titleOf(sdk), grouped(count), '**not explained**', '']);
        continue;
      }
      const [name, ...others] = cause;
      if (name !== undefined && others.length === 0)
        alone.push([titleOf(sdk), grouped(count), QUIRKS[name].theirs, QUIRKS[name].change]);
      else together += count;
    }
    return together === 0 ? alone : [...alone, [titleOf(sdk), grouped(together), 'two or more of these at once', '']];
  });
  return table(['from', 'values', 'what it does', 'with ours'], cells);
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

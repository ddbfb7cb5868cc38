/**
 * What the page is held to, beside the best self-hosted page that was measured (Unleash 8.2.0, 3,000 flags in one project).
 * A test says by {@link holds} what it has found; the run prints the whole list at its end.
 */
import { TestRunner } from 'vitest';

interface Demand {
  readonly of: number | '–';
  readonly what: string;
  /** What it may be at most; absent where a test decides yes or no. */
  readonly bar?: string;
  readonly peer: string;
}

export const DEMANDS = {
  'first-load': {
    of: 1,
    what: 'first load: files, bytes, decoded',
    bar: '12; 60,000; 250,000',
    peer: '152; 1,391,000; 5,180,000',
  },
  'other-hosts': {
    of: 1,
    what: 'requests to other hosts',
    bar: '0',
    peer: '2 style sheets, and an avatar for each user',
  },
  'warm-open': { of: 1, what: 'files that a warm open asks for', bar: '3', peer: '154' },
  'main-thread': {
    of: 2,
    what: 'thread time of the main thread until 3,000 flags are usable',
    bar: '250 ms',
    peer: '2,430 ms',
  },
  'longest-task': {
    of: 2,
    what: 'its longest task, thread time',
    bar: '100 ms',
    peer: '800 to 1,900 ms (by the clock)',
  },
  summaries: { of: 3, what: '3,000 flags in short, over the wire', bar: '100,000 bytes', peer: '120 pages of 25 rows' },
  'search-key': {
    of: 3,
    what: 'a key in the search: median and longest, no request',
    bar: '50 ms',
    peer: '632 ms, a request',
  },
  search: {
    of: 4,
    what: 'search over 6 kinds of text, words in any order, filters; Back brings it again',
    peer: 'part of name or description',
  },
  failures: { of: 5, what: '401, 403, 429, 503, offline: the last rows, why, since when', peer: '"0 flags"' },
  confirm: {
    of: 6,
    what: 'the confirm names flag, environment, effect; protected: its name is typed',
    peer: 'neither flag nor effect; can be switched off',
  },
  'switch-only': {
    of: 6,
    what: 'switching on changes nothing but the switch',
    peer: 'makes a rule for 100 % of users',
  },
  presses: {
    of: 7,
    what: 'presses beside the letters to a switched flag, from any page',
    bar: '4',
    peer: '16 (44 without search)',
  },
  'row-25': { of: 7, what: 'presses from the first row to the 25th', bar: '24', peer: '216' },
  rows: { of: 8, what: 'rows in sight at 1440 × 900, at least', bar: '12', peer: '0 in a new project' },
  narrow: {
    of: 8,
    what: '420 px: the switch and 24 letters on each row, nothing sideways',
    peer: 'no switch, 10 letters',
  },
  why: {
    of: 9,
    what: 'why: bucket and interval, each condition; no key is an error; a link',
    peer: '"28 % of your base"',
  },
  'same-answer': { of: 9, what: 'the same question has the same answer', peer: 'False, then True' },
  'change-list': {
    of: 10,
    what: "another's change in an open list of 3,000: median, p99",
    bar: '250 ms',
    peer: '8,500 ms',
  },
  'change-flag': { of: 10, what: "another's change on an open flag: median, p99", bar: '250 ms', peer: '8,500 ms' },
  evaluation: { of: 10, what: 'an evaluation on the open page: median, longest', bar: '1,000 ms', peer: '60,300 ms' },
  versions: { of: 11, what: 'every write of a flag or segment carries the version that was seen', peer: 'ignored' },
  editors: { of: 11, what: 'the second editor sees was, theirs, mine', peer: 'the last one wins' },
  ended: { of: 12, what: 'a session and a token that were ended are refused at the next request', peer: '23 to 32 s' },
  many: { of: 13, what: 'on, off, archive, tag, promote for many: one list, the outcome of each', peer: '–' },
  'copy-rule': { of: 13, what: 'a copied rule opens, and is not saved', peer: '–' },
  audit: { of: 14, what: 'the order of rules is a change; an entry takes at most 48 px', peer: '330 px, ids' },
  'one-environment': {
    of: 14,
    what: 'an editor of one environment does every job there',
    peer: 'a second one cannot be made',
  },
  guide: {
    of: 15,
    what: 'a guide on the empty page and on each new flag, which ticks itself',
    peer: 'on the project only',
  },
  'api-call': { of: 15, what: 'the editor shows the call that would do the same', peer: 'yes' },
  unknown: { of: 15, what: 'keys that applications ask for and nobody made are listed, and made', peer: 'listed' },
  sdk: {
    of: '–',
    what: 'from the press of the switch to the SDK: median, longest',
    bar: '100 ms',
    peer: '741 ms when it polls ten times a second',
  },
  rules: { of: '–', what: 'a rule moved among 100, with 1,000 users: longest task', bar: '100 ms', peer: '–' },
  axe: {
    of: '–',
    what: 'findings of axe in light and dark, on every page',
    bar: '0',
    peer: '3 to 19 rules on each of 13 pages',
  },
} as const satisfies Readonly<Record<string, Demand>>;

type DemandId = keyof typeof DEMANDS;

declare module 'vitest' {
  interface TaskMeta {
    demands?: Partial<Record<DemandId, string>>;
  }
}

/**
 * Says that the test holds the page to a demand, and what it has measured. Times decide no test, for machines differ: one that is
 * not within the bar is printed as such.
 */
export function holds(demand: DemandId, measured = 'yes', isWithin = true): void {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error('only a test can hold a demand');
  test.meta.demands = { ...test.meta.demands, [demand]: isWithin ? measured : `OVER: ${measured}` };
}

/** The list as it is printed, with what was found. */
export function demandLines(found: ReadonlyMap<string, string>): readonly string[] {
  return Object.entries(DEMANDS).map(([id, demand]) => {
    const bar = 'bar' in demand ? ` (${id === 'rows' ? 'at least' : 'at most'} ${demand.bar})` : '';
    return `${String(demand.of).padStart(2)}  ${demand.what}: ${found.get(id) ?? 'not run'}${bar}; Unleash: ${demand.peer}`;
  });
}

/** Median and the largest of some times, in whole milliseconds. */
export function spread(
  times: readonly number[],
  largest = 1,
): { readonly median: number; readonly most: number; readonly text: string } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  const [median, most] = [at(0.5), at(largest)];
  return { median, most, text: `${median} ms, ${most} ms` };
}

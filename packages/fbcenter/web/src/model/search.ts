import { type FlagSummary, servingOf } from './summary.js';

/** What a search knows of flags beside their summaries. */
export interface SearchContext {
  /** Flags that are switched on, by the environment's key in lower case: for `on:prod` and `off:prod`. */
  readonly enabledIn: ReadonlyMap<string, ReadonlySet<string>>;
  readonly isStale: (flag: FlagSummary) => boolean;
}

type Test = (flag: FlagSummary, context: SearchContext) => boolean;

/** A search, read once and tried on every flag. */
export interface Search {
  readonly tests: readonly Test[];
  /** Archived flags are shown only when they are asked for. */
  readonly wantsArchived: boolean;
  /** What was typed with a colon and means nothing, such as `owner:ada`. */
  readonly unknown: readonly string[];
  /** Environments that it asks about, in lower case. */
  readonly environments: readonly string[];
}

const STATES: Readonly<Record<string, Test>> = {
  on: ({ isEnabled }) => isEnabled,
  off: ({ isEnabled }) => !isEnabled,
  stale: (flag, { isStale }) => isStale(flag),
  archived: ({ isArchived }) => isArchived,
};

/** Every `name:value` that a search understands. */
const FILTERS: Readonly<Record<string, (value: string) => Test | undefined>> = {
  tag: (value) => (flag) => flag.tags.some((tag) => tag.toLowerCase() === value),
  on:
    (value) =>
    (flag, { enabledIn }) =>
      enabledIn.get(value)?.has(flag.key) === true,
  off:
    (value) =>
    (flag, { enabledIn }) =>
      enabledIn.has(value) && enabledIn.get(value)?.has(flag.key) !== true,
  is: (value) => STATES[value],
  type: (value) => (flag) => flag.variationType === value,
  segment: (value) => (flag) => flag.segments.some((id) => id.toLowerCase() === value),
  by: (value) => (flag) => flag.updatedBy?.toLowerCase().includes(value) === true,
};

/** Reads what was typed: words in any order, `tag:checkout`, `on:prod`, `is:off`, `stale`; quotes keep a phrase together. */
export function readSearch(text: string): Search {
  const tests: Test[] = [];
  const unknown: string[] = [];
  const environments: string[] = [];
  let wantsArchived = false;
  for (const term of termsOf(text)) {
    const [, name, value] = /^([a-z]+):(.*)$/.exec(term) ?? [];
    if (term === 'stale' || term === 'archived') {
      tests.push(STATES[term] ?? (() => true));
      wantsArchived ||= term === 'archived';
    } else if (name === undefined || value === undefined) {
      tests.push((flag) => haystackOf(flag).includes(term));
    } else {
      const test = Object.hasOwn(FILTERS, name) ? FILTERS[name]?.(value) : undefined;
      // Keys and values may have colons of their own: what is no filter is looked for as it stands.
      if (test === undefined) {
        unknown.push(term);
        tests.push((flag) => haystackOf(flag).includes(term));
      } else if (value !== '') {
        tests.push(test);
        if (name === 'on' || name === 'off') environments.push(value);
        wantsArchived ||= name === 'is' && value === 'archived';
      }
    }
  }
  return { tests, wantsArchived, unknown, environments };
}

export function matches(search: Search, flag: FlagSummary, context: SearchContext): boolean {
  if (flag.isArchived && !search.wantsArchived) return false;
  return search.tests.every((test) => test(flag, context));
}

function termsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/([a-z]+:)?"([^"]*)"?|\S+/g)].flatMap(([whole, name, phrase]) => {
    const term = phrase === undefined ? whole : `${name ?? ''}${phrase}`;
    return term === '' ? [] : [term];
  });
}

/** Makes the texts of these flags ahead of the first search. */
export function index(flags: readonly FlagSummary[]): void {
  for (const flag of flags) haystackOf(flag);
}

/** Summaries do not change: the text of each is made once. */
const haystacks = new WeakMap<FlagSummary, string>();

function haystackOf(flag: FlagSummary): string {
  const known = haystacks.get(flag);
  if (known !== undefined) return known;
  const { key, name, description = '', tags, attributes, values, segments } = flag;
  const text = [key, name, description, ...tags, ...attributes, ...values, ...segments, servingOf(flag)]
    .join('\n')
    .toLowerCase();
  haystacks.set(flag, text);
  return text;
}

export type SortKey = 'key' | 'changed' | 'used';

/** How each sorting compares; the direction is the one that people want first. */
export function comparison(
  sort: SortKey,
  lastUsed: (key: string) => number,
): (a: FlagSummary, b: FlagSummary) => number {
  const byKey = (a: FlagSummary, b: FlagSummary) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  if (sort === 'changed') return (a, b) => b.version - a.version || byKey(a, b);
  if (sort === 'used') return (a, b) => lastUsed(b.key) - lastUsed(a.key) || byKey(a, b);
  return byKey;
}

/**
 * A set of UTF-16 units. FeatBit's server counts these in patterns: a character beyond U+FFFF is two of them. The listed units
 * are in the set; in a negated set all others are.
 */
export interface UnitSet {
  readonly negated: boolean;
  readonly ranges: readonly UnitRange[];
  /** Unicode general categories, such as `Nd`. */
  readonly categories: readonly string[];
  /** Sets whose complements are listed: `\W` in `[\W_]` is the complement of `\w`. */
  readonly complements: readonly UnitSet[];
}

/** Both ends are in. */
export type UnitRange = readonly [low: number, high: number];

export function setOf(ranges: readonly UnitRange[], categories: readonly string[] = []): UnitSet {
  return { negated: false, ranges, categories, complements: [] };
}

export function complementOf(set: UnitSet): UnitSet {
  return { ...set, negated: !set.negated };
}

const DIGIT = setOf([], ['Nd']);
const SPACE = setOf(
  [
    [0x09, 0x0d],
    [0x85, 0x85],
  ],
  ['Z'],
);
const WORD = setOf([], ['L', 'Mn', 'Nd', 'Pc']);

/** The classes that are written as escapes, as .NET defines them. */
export const SHORTHANDS: Readonly<Record<string, UnitSet>> = {
  d: DIGIT,
  D: complementOf(DIGIT),
  s: SPACE,
  S: complementOf(SPACE),
  w: WORD,
  W: complementOf(WORD),
};

export const LINE_FEED: UnitRange = [0x0a, 0x0a];

/** The names that `\p{…}` can have here: general categories. .NET also knows blocks, such as `IsGreek`. */
export const CATEGORIES: ReadonlySet<string> = new Set(
  'L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn'.split(' '),
);

const CASED = ['Lu', 'Ll', 'Lt'];

/** A set whose members are joined by their other cases. */
export function ignoringCase(set: UnitSet): UnitSet {
  const cased = set.categories.some((category) => CASED.includes(category));
  const categories = cased ? [...set.categories, ...CASED] : set.categories;
  return {
    ...set,
    ranges: withOtherCases(set.ranges),
    categories,
    complements: set.complements.map(ignoringCase),
  };
}

/** How many units {@link ignoringCase} looks up for a set. */
export function foldedUnits({ ranges, complements }: UnitSet): number {
  const own = ranges.reduce((sum, range) => {
    const [from, to] = casedUnitsIn(range);
    return sum + to - from;
  }, 0);
  return complements.reduce((sum, set) => sum + foldedUnits(set), own);
}

function withOtherCases(ranges: readonly UnitRange[]): readonly UnitRange[] {
  const others: UnitRange[] = [];
  for (const range of ranges) {
    const [low, high] = range;
    const [from, to] = casedUnitsIn(range);
    for (let at = from; at < to; at++) {
      for (const unit of caseGroups().groups[at] ?? []) if (unit < low || unit > high) others.push([unit, unit]);
    }
  }
  return others.length === 0 ? ranges : merged([...ranges, ...others]);
}

/** Ranges in order, with those that overlap or touch as one: the engine has less to read. */
function merged(ranges: readonly UnitRange[]): readonly UnitRange[] {
  const found: [low: number, high: number][] = [];
  for (const [low, high] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = found.at(-1);
    if (last === undefined || low > last[1] + 1) found.push([low, high]);
    else last[1] = Math.max(last[1], high);
  }
  return found;
}

/** For each unit of ASCII whether it is in a set. */
export function asciiMembers({ negated, ranges, categories, complements }: UnitSet): readonly boolean[] {
  const members = new Array<boolean>(ASCII_UNITS).fill(negated);
  for (const [low, high] of ranges) members.fill(!negated, low, Math.min(high + 1, ASCII_UNITS));
  for (const category of categories) {
    asciiOf(category).forEach((isMember, unit) => {
      if (isMember) members[unit] = !negated;
    });
  }
  for (const complement of complements) {
    asciiMembers(complement).forEach((isMember, unit) => {
      if (!isMember) members[unit] = !negated;
    });
  }
  return members;
}

const ASCII_UNITS = 0x80;
const ASCII_OF_CATEGORIES = new Map<string, readonly boolean[]>();

/** @param category one of {@link CATEGORIES}. */
function asciiOf(category: string): readonly boolean[] {
  let members = ASCII_OF_CATEGORIES.get(category);
  if (members === undefined) {
    const pattern = new RegExp(`\\p{${category}}`, 'u');
    members = Array.from({ length: ASCII_UNITS }, (_, unit) => pattern.test(String.fromCharCode(unit)));
    ASCII_OF_CATEGORIES.set(category, members);
  }
  return members;
}

/** Units that differ only by case. */
type CaseGroup = readonly number[];

/** Where the letters with a lower case are. To go through all 65,536 units would take milliseconds. */
const CASED_RANGES: readonly UnitRange[] = [
  [0x41, 0x58f],
  [0x10a0, 0x10ff],
  [0x13a0, 0x13ff],
  [0x1c80, 0x1cbf],
  [0x1e00, 0x1fff],
  [0x2100, 0x218f],
  [0x24b0, 0x24ef],
  [0x2c00, 0x2dff],
  [0xa640, 0xa7ff],
  [0xab30, 0xabbf],
  [0xff21, 0xff5a],
];

interface CaseGroups {
  /** The units that have other cases, in order. */
  readonly units: readonly number[];
  /** The group of each. */
  readonly groups: readonly CaseGroup[];
}

let foundCaseGroups: CaseGroups | undefined;

/** They are found when a pattern first needs them. */
function caseGroups(): CaseGroups {
  foundCaseGroups ??= findCaseGroups();
  return foundCaseGroups;
}

/** Where those of {@link CaseGroups.units} are that lie in a range: from one index to before another. */
function casedUnitsIn([low, high]: UnitRange): readonly [from: number, to: number] {
  const { units } = caseGroups();
  return [firstFrom(units, low), firstFrom(units, high + 1)];
}

/** @returns where the first of ordered numbers is that is not below one. */
function firstFrom(ordered: readonly number[], least: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle] ?? least) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * As .NET has it, units are of one case group when they have the same lower case. So `K` is of the group of the Kelvin sign, but
 * neither `s` of that of `ſ` nor `σ` of that of `ς`.
 */
function findCaseGroups(): CaseGroups {
  const groups = new Map<number, number[]>();
  for (const [first, last] of CASED_RANGES) {
    for (let unit = first; unit <= last; unit++) {
      const lower = String.fromCharCode(unit).toLowerCase();
      // `İ` has no lower case of one unit; .NET leaves it as it is.
      if (lower.length !== 1 || lower.charCodeAt(0) === unit) continue;
      const group = groups.get(lower.charCodeAt(0)) ?? [lower.charCodeAt(0)];
      group.push(unit);
      groups.set(lower.charCodeAt(0), group);
      groups.set(unit, group);
    }
  }
  const inOrder = [...groups].toSorted(([one], [other]) => one - other);
  return { units: inOrder.map(([unit]) => unit), groups: inOrder.map(([, group]) => group) };
}

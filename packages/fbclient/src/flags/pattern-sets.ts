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

/** The classes that are written as escapes, as .NET defines them. */
export const SHORTHANDS: Readonly<Record<'d' | 's' | 'w', UnitSet>> = {
  d: setOf([], ['Nd']),
  s: setOf(
    [
      [0x09, 0x0d],
      [0x85, 0x85],
    ],
    ['Z'],
  ),
  w: setOf([], ['L', 'Mn', 'Nd', 'Pc']),
};

export const LINE_FEED: UnitRange = [0x0a, 0x0a];

/** The names that `\p{…}` can have here: general categories. .NET also knows blocks, such as `IsGreek`. */
export const CATEGORIES: ReadonlySet<string> = new Set(
  'L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co Cn'.split(' '),
);

const CASED = ['Lu', 'Ll', 'Lt'];

/** A set whose members are joined by their other cases. */
export function ignoringCase(set: UnitSet): UnitSet {
  const ranges = [...set.ranges];
  const isListed = (unit: number) => set.ranges.some(([low, high]) => low <= unit && unit <= high);
  for (const group of caseGroupsFor(set.ranges)) {
    const missing = group.filter((unit) => !isListed(unit));
    if (missing.length < group.length) for (const unit of missing) ranges.push([unit, unit]);
  }
  const cased = set.categories.some((category) => CASED.includes(category));
  const categories = cased ? [...set.categories, ...CASED] : set.categories;
  return { ...set, ranges, categories, complements: set.complements.map(ignoringCase) };
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

type CaseGroup = readonly number[];

const KELVIN = 0x212a;
/** Units that differ only by case, among those that an ASCII letter belongs to. */
const ASCII_GROUPS: readonly CaseGroup[] = Array.from({ length: 26 }, (_, letter) => {
  const lower = 0x61 + letter;
  return lower === 0x6b ? [lower, lower - 0x20, KELVIN] : [lower, lower - 0x20];
});

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

let allGroups: readonly CaseGroup[] | undefined;

function caseGroupsFor(ranges: readonly UnitRange[]): readonly CaseGroup[] {
  if (ranges.every(([, high]) => high < 0x80)) return ASCII_GROUPS;
  allGroups ??= caseGroups();
  return allGroups;
}

/**
 * As .NET has it, units are of one case group when they have the same lower case. So `K` is of the group of the Kelvin sign, but
 * neither `s` of that of `ſ` nor `σ` of that of `ς`.
 */
function caseGroups(): readonly CaseGroup[] {
  const groups = new Map<number, number[]>();
  for (const [first, last] of CASED_RANGES) {
    for (let unit = first; unit <= last; unit++) {
      const lower = String.fromCharCode(unit).toLowerCase();
      // `İ` has no lower case of one unit; .NET leaves it as it is.
      if (lower.length !== 1 || lower.charCodeAt(0) === unit) continue;
      const group = groups.get(lower.charCodeAt(0));
      if (group === undefined) groups.set(lower.charCodeAt(0), [lower.charCodeAt(0), unit]);
      else group.push(unit);
    }
  }
  return [...groups.values()];
}

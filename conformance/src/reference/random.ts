/**
 * Random environments and users from a seed, rich in what goes wrong: every operator, damaged operands, missing
 * segments and variations, gaps in rollouts, names that objects inherit, absent attributes, experiment settings.
 * They stay inside what the rules decide: patterns that every engine reads alike, numbers in plain notation.
 */
import type {
  Condition,
  Environment,
  Fallthrough,
  Flag,
  FlagRule,
  RolloutVariation,
  Segment,
  User,
  Variation,
} from './wire.js';

/** A source of numbers in [0, 1); the same seed gives the same numbers on every machine (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Whole number from `low` to `high`, both included. */
export const integer = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export const chance = (random: Random, probability: number): boolean => random() < probability;

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[integer(random, 0, items.length - 1)] ?? items[0];
}

const some = <T>(random: Random, low: number, high: number, make: (index: number) => T): T[] =>
  Array.from({ length: integer(random, low, high) }, (_, index) => make(index));

const USER_KEYS = [
  'u1',
  'u2',
  'ada',
  'Ada',
  'grace@example.com',
  'ключ',
  '用户-7',
  '😀',
  '__proto__',
  'constructor',
  'toString',
  ' padded ',
  '42',
  'true',
] as const;
const FLAG_KEYS = [
  'release',
  'Release',
  'price.tier',
  'drapeau-été',
  '旗',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'a b',
  '0',
] as const;
const SEGMENT_IDS = ['beta', 'Beta', 'staff', '__proto__', 'constructor', 'сегмент', '6f1c'] as const;
const ATTRIBUTES = [
  'country',
  'plan',
  'age',
  'score',
  'email',
  'vip',
  'Country',
  'город',
  '__proto__',
  'constructor',
  'toString',
] as const;
const TEXTS = [
  '',
  'FR',
  'fr',
  'pro',
  'prod',
  'ada@example.com',
  'été',
  'Ёж',
  '中文',
  '😀',
  'true',
  'FALSE',
  'True',
  'a b',
  '007',
  '-0',
] as const;
const NUMBERS = [
  '0',
  '1',
  '-1',
  '7',
  '007',
  '18',
  '18.0',
  '18.5',
  '+18',
  '-3.25',
  '1e3',
  '1000',
  '2.5E-1',
  '0.25',
  '.25',
  ' 7 ',
  '99',
] as const;
const NOT_NUMBERS = ['', ' ', 'abc', '0x10', '1,000', '1_000', 'NaN', 'Infinity', '1e400', '--1', '1e', '٣'] as const;
const PATTERNS = [
  '^FR$',
  'pro',
  '@example\\.com$',
  '^[a-z]+$',
  '[0-9]+',
  '^$',
  'a|b',
  '(ab)+',
  '[а-яё]',
  '^[a-z]{2,5}$',
  'x*',
  'été',
] as const;
const BAD_PATTERNS = ['(', '[a', '*a', 'a{2,1}'] as const;
const BAD_LISTS = ['', 'FR', '{}', 'null', '[1]', '["FR",null]', '["FR"', '"FR"', '[["FR"]]'] as const;
const VALUES = [
  'true',
  'false',
  'TRUE',
  'on',
  '',
  '0',
  '12',
  '-1.5',
  '1e3',
  '0x1F',
  ' 1',
  '{"a":[1,2]}',
  '[]',
  'null',
  '"text"',
  '{bad',
  'été 😀',
] as const;
const NUMERIC_OPS = ['LessThan', 'LessEqualThan', 'BiggerThan', 'BiggerEqualThan'] as const;
const TEXT_OPS = ['Equal', 'NotEqual', 'Contains', 'NotContain', 'StartsWith', 'EndsWith'] as const;

function text(random: Random): string {
  const choice = random();
  if (choice < 0.6) return pick(random, TEXTS);
  if (choice < 0.85) return pick(random, NUMBERS);
  return pick(random, NOT_NUMBERS);
}

/** A short list, or now and then one long enough for an SDK to look things up in another way. */
function items(random: Random, item: () => string): string[] {
  const few = some(random, 0, 4, item);
  if (!chance(random, 0.15)) return few;
  const many = Array.from({ length: integer(random, 6, 60) }, (_, index) => `filler-${index}`);
  const at = integer(random, 0, many.length);
  return [...many.slice(0, at), ...few, ...many.slice(at)];
}

function list(random: Random, item: () => string): string {
  return chance(random, 0.12) ? pick(random, BAD_LISTS) : JSON.stringify(items(random, item));
}

function property(random: Random): string {
  const choice = random();
  if (choice < 0.1) return 'keyId';
  if (choice < 0.18) return 'name';
  if (choice < 0.22) return pick(random, ['', '  ', 'key', 'absent']);
  return pick(random, ATTRIBUTES);
}

function ordinaryCondition(random: Random): Condition {
  const condition = (op: string | null, value: string | null): Condition => ({ property: property(random), op, value });
  const choice = random();
  if (choice < 0.04) return condition(pick(random, TEXT_OPS), null);
  if (choice < 0.08) return condition(pick(random, ['equal', 'Matches', '', null]), text(random));
  if (choice < 0.28)
    return condition(pick(random, NUMERIC_OPS), chance(random, 0.85) ? pick(random, NUMBERS) : text(random));
  if (choice < 0.58) return condition(pick(random, TEXT_OPS), text(random));
  if (choice < 0.72) {
    const pattern = chance(random, 0.1) ? pick(random, BAD_PATTERNS) : pick(random, PATTERNS);
    return condition(pick(random, ['MatchRegex', 'NotMatchRegex']), pattern);
  }
  if (choice < 0.9)
    return condition(
      pick(random, ['IsOneOf', 'NotOneOf']),
      list(random, () => text(random)),
    );
  return condition(pick(random, ['IsTrue', 'IsFalse']), pick(random, ['', 'true', 'anything', null]));
}

function condition(random: Random): Condition {
  if (!chance(random, 0.25)) return ordinaryCondition(random);
  return {
    property: pick(random, ['User is in segment', 'User is not in segment']),
    op: chance(random, 0.9) ? null : 'Equal',
    value: chance(random, 0.05) ? null : list(random, () => (chance(random, 0.1) ? 'gone' : pick(random, SEGMENT_IDS))),
  };
}

/** Intervals over the variations: whole, divided, with a gap, or empty. */
function rolloutVariations(random: Random, ids: readonly [string, ...string[]]): RolloutVariation[] {
  const exptRollout = (): number => pick(random, [0, 0, 1, 1, 0.5, 0.1, 0.999995, 2]);
  const id = (): string => (chance(random, 0.05) ? 'no-such-variation' : pick(random, ids));
  const interval = (lo: number, hi: number): RolloutVariation => ({
    id: id(),
    rollout: [lo, hi],
    exptRollout: exptRollout(),
  });
  const choice = random();
  if (choice < 0.35) return [interval(0, 1)];
  if (choice < 0.4) return [];
  if (choice < 0.45) return [interval(0, 0), interval(0, 0.999995)];
  const cut = integer(random, 0, 100) / 100;
  if (choice < 0.8) return [interval(0, cut), interval(cut, 1)];
  const second = cut + ((1 - cut) * integer(random, 0, 100)) / 100;
  if (choice < 0.9) return [interval(0, cut), interval(second, 1)];
  return [interval(0, cut), interval(cut, second), interval(second, 1)];
}

function serve(random: Random, ids: readonly [string, ...string[]]): Fallthrough {
  return {
    ...(chance(random, 0.6) ? { dispatchKey: dispatchKey(random) } : {}),
    includedInExpt: chance(random, 0.5),
    variations: rolloutVariations(random, ids),
  };
}

function dispatchKey(random: Random): string | null {
  const choice = random();
  if (choice < 0.4) return pick(random, ['keyId', null, '', ' ']);
  return choice < 0.5 ? pick(random, ['name', 'absent']) : pick(random, ATTRIBUTES);
}

const ENVIRONMENT_ID = '226b9bf8-4af3-4ffa-9b01-162270e4cd40';

const moment = (random: Random): string => new Date(1_700_000_000_000 + integer(random, 0, 1_000_000)).toISOString();

function flag(random: Random, key: string): Flag {
  const variations: Variation[] = some(random, 1, 4, (index) => ({
    id: `${key}-v${index}`,
    value: pick(random, VALUES),
  }));
  const [first, ...others] = variations.map((variation) => variation.id);
  const ids: [string, ...string[]] = [first ?? '', ...others];
  const rule = (index: number): FlagRule => ({
    id: `r${index}`,
    name: `rule ${index}`,
    conditions: some(random, chance(random, 0.1) ? 0 : 1, 3, () => condition(random)),
    ...serve(random, ids),
  });
  return {
    id: `id-${key}`,
    envId: ENVIRONMENT_ID,
    key,
    name: key,
    variationType: pick(random, ['boolean', 'string', 'number', 'json']),
    variations,
    targetUsers: some(random, 0, 2, () => ({
      keyIds: items(random, () => pick(random, USER_KEYS)),
      variationId: chance(random, 0.05) ? 'no-such-variation' : pick(random, ids),
    })),
    rules: some(random, 0, 4, rule),
    isEnabled: chance(random, 0.9),
    disabledVariationId: chance(random, 0.1) ? '' : pick(random, ids),
    fallthrough: serve(random, ids),
    exptIncludeAllTargets: chance(random, 0.3),
    tags: [],
    isArchived: chance(random, 0.05),
    createdAt: '2023-11-14T22:13:20Z',
    updatedAt: moment(random),
  };
}

function segment(random: Random, id: string): Segment {
  return {
    id,
    envId: ENVIRONMENT_ID,
    name: id,
    included: items(random, () => pick(random, USER_KEYS)),
    excluded: chance(random, 0.5) ? [] : items(random, () => pick(random, USER_KEYS)),
    rules: some(random, 0, 2, (index) => ({
      id: `s${index}`,
      name: `segment rule ${index}`,
      conditions: some(random, chance(random, 0.1) ? 0 : 1, 2, () => ordinaryCondition(random)),
    })),
    isArchived: chance(random, 0.05),
    updatedAt: moment(random),
  };
}

/** Each name of a list with a probability, in order. */
const subset = (random: Random, names: readonly string[], probability: number): string[] =>
  names.filter(() => chance(random, probability));

/** An environment whose entities can all be decoded but whose contents may be damaged. */
export function randomEnvironment(random: Random): Environment {
  const flagKeys = subset(random, FLAG_KEYS, 0.5);
  const segmentIds = subset(random, SEGMENT_IDS, 0.8);
  return {
    flags: flagKeys.map((key) => flag(random, key)),
    segments: segmentIds.map((id) => segment(random, id)),
  };
}

/** A flag key to ask for: mostly one of the environment's, now and then an unknown one. */
export function randomFlagKey(random: Random, environment: Environment): string {
  const keys = environment.flags.map((item) => item.key);
  const [first, ...others] = keys;
  if (first === undefined || chance(random, 0.03)) return pick(random, ['unknown', 'toString', 'valueOf']);
  return pick(random, [first, ...others]);
}

/** A usable user with a random choice of attributes. */
export function randomUser(random: Random): User {
  const custom = subset(random, ATTRIBUTES, 0.6).map((name): [string, string | number | boolean | null] => {
    const choice = random();
    if (choice < 0.15) return [name, integer(random, -3, 30)];
    if (choice < 0.2) return [name, integer(random, -8, 80) / 4];
    if (choice < 0.3) return [name, chance(random, 0.5)];
    if (choice < 0.35) return [name, null];
    return [name, text(random)];
  });
  const key = chance(random, 0.7) ? pick(random, USER_KEYS) : `user-${integer(random, 0, 100_000)}`;
  return {
    key,
    ...(chance(random, 0.6) ? { name: text(random) } : {}),
    // Object.fromEntries defines properties, so that `__proto__` becomes an ordinary one.
    ...(custom.length > 0 ? { custom: Object.fromEntries(custom) } : {}),
  };
}

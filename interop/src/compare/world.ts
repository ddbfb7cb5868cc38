import { type Condition, type Flag, type Random, type Segment, seededRandom } from 'fbclient-conformance/reference';
import type { ValueType, Who } from '../driven.js';

/** What every SDK and the center are asked about. */
export interface World {
  readonly flags: readonly Flag[];
  readonly segments: readonly Segment[];
  readonly users: readonly Who[];
}

const pick = <T>(random: Random, items: readonly [T, ...T[]]): T =>
  items[Math.floor(random() * items.length)] ?? items[0];
const some = <T>(random: Random, low: number, high: number, make: (index: number) => T): T[] =>
  Array.from({ length: low + Math.floor(random() * (high - low + 1)) }, (_, index) => make(index));

const ATTRIBUTES = ['country', 'plan', 'email', 'age', 'score', 'vip', 'Name'] as const;
/** What conditions ask for: `key` too, which is no attribute. */
const PROPERTIES = ['keyId', 'name', 'key', ...ATTRIBUTES] as const;
const SEGMENTS = ['beta', 'staff', 'buyers', 'old'] as const;
const TEXTS = ['', 'FR', 'fr', 'NZ', 'pro', 'prod', 'ada@example.com', 'été', '中文', 'true', 'FALSE', 'a b'] as const;
/** What stands in attributes: also what people type, and what other programs write. */
const NUMBERS = [
  '0',
  '7',
  '18',
  '18.5',
  '-3',
  '1e3',
  '.5',
  ' 7 ',
  '007',
  '1,000',
  '1_000',
  '5px',
  '0x10',
  '٣',
  'Infinity',
  '',
] as const;
const OPERANDS = ['0', '1', '7', '10', '18', '18.5', '-1', '1000'] as const;
const PATTERNS = ['^FR$', 'pro', '@example\\.com$', '^[a-z]+$', '^\\d+$', '\\w+', 'a|b', '[0-9]'] as const;
const NUMERIC_OPS = ['LessThan', 'LessEqualThan', 'BiggerThan', 'BiggerEqualThan'] as const;
const TEXT_OPS = ['Equal', 'NotEqual', 'Contains', 'NotContain', 'StartsWith', 'EndsWith'] as const;
const VALUES: Readonly<Record<ValueType, readonly string[]>> = {
  boolean: ['true', 'false'],
  string: ['red', 'green', 'blue', ''],
  number: ['0', '1.5', '-20', '1000'],
  json: ['{"a":1}', '[1,2]', '{}'],
};

/** Flags and segments such as a team can have in a center, users with attributes as they come; the same for the same seed. */
export function worldOf(seed: number, flagCount: number, userCount: number): World {
  const random = seededRandom(seed);
  const users = Array.from({ length: userCount }, (_, index) => userOf(random, index));
  const keys = users.map(({ key }) => key);
  const segments = SEGMENTS.map((id) => segmentOf(random, id, keys));
  const flags = Array.from({ length: flagCount }, (_, index) => flagOf(random, `flag-${index}`, keys));
  return { flags, segments, users };
}

function userOf(random: Random, index: number): Who {
  const custom: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    if (random() < 0.25) continue;
    custom[name] = name === 'age' || name === 'score' ? pick(random, NUMBERS) : pick(random, TEXTS);
  }
  // Their names are not blank: three SDKs take no user without one.
  return { key: `user-${index}`, name: pick(random, ['Ada', 'Grace', 'été', 'FR']), custom };
}

function conditionOf(random: Random): Condition {
  const property = pick(random, PROPERTIES);
  const choice = random();
  if (choice < 0.25)
    return { property: pick(random, ['age', 'score']), op: pick(random, NUMERIC_OPS), value: pick(random, OPERANDS) };
  if (choice < 0.6) return { property, op: pick(random, TEXT_OPS), value: pick(random, TEXTS) };
  if (choice < 0.75)
    return { property, op: pick(random, ['MatchRegex', 'NotMatchRegex']), value: pick(random, PATTERNS) };
  if (choice < 0.9) {
    const list = some(random, 1, 4, () => pick(random, [...TEXTS, ...NUMBERS]));
    return { property, op: pick(random, ['IsOneOf', 'NotOneOf']), value: JSON.stringify(list) };
  }
  return { property, op: pick(random, ['IsTrue', 'IsFalse']), value: '' };
}

function segmentOf(random: Random, id: string, keys: readonly string[]): Segment {
  const conditions = () => some(random, 1, 2, () => conditionOf(random));
  return {
    ...STAMPS,
    id,
    name: id,
    included: keys.filter(() => random() < 0.1),
    excluded: keys.filter(() => random() < 0.1),
    rules: some(random, 0, 2, (index) => ({ id: `s${index}`, name: `rule ${index}`, conditions: conditions() })),
    isArchived: false,
  };
}

function flagOf(random: Random, key: string, keys: readonly string[]): Flag {
  const variationType = pick(random, ['boolean', 'string', 'number', 'json'] as const);
  const variations = VALUES[variationType].map((value, index) => ({ id: `v${index}`, value }));
  const id = () => `v${Math.floor(random() * variations.length)}`;
  const interval = (lo: number, hi: number) => ({ id: id(), rollout: [lo, hi] as [number, number], exptRollout: 1 });
  const serve = () => {
    const cut = Math.floor(random() * 99 + 1) / 100;
    const dispatchKey = random() < 0.3 ? pick(random, ['country', 'plan', 'name', 'email']) : null;
    const whole = random() < 0.4;
    const shares = whole ? [interval(0, 1)] : [interval(0, cut), interval(cut, 1)];
    return { dispatchKey, includedInExpt: false, variations: shares };
  };
  const segmentCondition = () => ({
    property: pick(random, ['User is in segment', 'User is not in segment']),
    op: null,
    value: JSON.stringify(some(random, 1, 2, () => pick(random, SEGMENTS))),
  });
  const condition = () => (random() < 0.2 ? segmentCondition() : conditionOf(random));
  return {
    ...STAMPS,
    id: key,
    key,
    name: key,
    variationType,
    variations,
    targetUsers: random() < 0.3 ? [{ keyIds: keys.filter(() => random() < 0.1), variationId: id() }] : [],
    rules: some(random, 0, 3, (index) => ({
      id: `r${index}`,
      name: `rule ${index}`,
      conditions: some(random, 1, 2, condition),
      ...serve(),
    })),
    isEnabled: random() < 0.92,
    disabledVariationId: id(),
    fallthrough: serve(),
    exptIncludeAllTargets: true,
    tags: [],
    isArchived: random() < 0.05,
  };
}

const STAMPS = { envId: '', createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };

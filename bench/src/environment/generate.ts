import {
  type BenchUser,
  type Condition,
  type Environment,
  type LogicalFlag,
  type LogicalSegment,
  switchFlag,
} from './model.js';
import { between, pick, type Random, shuffled } from './random.js';

const COUNTRIES = ['DE', 'FR', 'IT', 'ES', 'NL', 'PL', 'SE', 'US', 'JP', 'BR'] as const;
export const PLANS: readonly string[] = Array.from({ length: 50 }, (_, i) => `plan-${i}`);
const MAIL_HOSTS = ['corp.example.com', 'mail.example.org', 'example.net'] as const;

/** `count` users with keys `user-0`, `user-1`, … */
export function makeUsers(random: Random, count: number): BenchUser[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `user-${i}`,
    name: `User ${i}`,
    country: pick(random, COUNTRIES),
    plan: pick(random, PLANS),
    age: between(random, 18, 80),
    email: `first.last${i}@${pick(random, MAIL_HOSTS)}`,
  }));
}

export function makeSegments(random: Random, count: number, sizes: readonly [number, number]): LogicalSegment[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `segment-${i}`,
    included: someUserKeys(random, between(random, ...sizes)),
  }));
}

/** An environment as applications have them: mostly simple flags, some with targets, rules, segments or a rollout. */
export function makeEnvironment(random: Random, flagCount: number, segments: readonly LogicalSegment[]): Environment {
  const flags = Array.from({ length: flagCount }, (_, i) => makeFlag(random, `flag-${i}`, i % 20, segments));
  return { flags: shuffled(random, flags), segments };
}

/** The kinds come in fixed parts of twenty, so that every environment has the same mix whatever its size. */
function makeFlag(random: Random, key: string, part: number, segments: readonly LogicalSegment[]): LogicalFlag {
  if (part < 6) return switchFlag(key, { share: 100 });
  if (part < 9) return switchFlag(key, { enabled: false, share: 100 });
  if (part < 12) return switchFlag(key, { targets: someUserKeys(random, between(random, 5, 50)) });
  if (part < 16) {
    const rules = Array.from({ length: between(random, 1, 3) }, () => makeRule(random));
    return switchFlag(key, { rules });
  }
  if (part < 18) return switchFlag(key, { rules: [[{ test: 'in-segment', segment: pick(random, segments).key }]] });
  return switchFlag(key, { share: pick(random, [5, 10, 25, 50]) });
}

/** One or two conditions, of different attributes. */
function makeRule(random: Random): Condition[] {
  const conditions: Condition[] = [
    { test: 'equals', attribute: 'country', value: pick(random, COUNTRIES) },
    { test: 'at-least', attribute: 'age', value: between(random, 30, 70) },
    { test: 'one-of', attribute: 'plan', values: shuffled(random, PLANS).slice(0, between(random, 3, 20)) },
  ];
  return shuffled(random, conditions).slice(0, between(random, 1, 2));
}

function someUserKeys(random: Random, count: number): string[] {
  const keys = new Set<string>();
  while (keys.size < count) keys.add(`user-${between(random, 0, 9_999)}`);
  return [...keys];
}

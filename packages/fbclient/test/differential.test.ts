/**
 * fbclient against the naive evaluator of the conformance suite, on thousands of random flags and users, drawn from
 * the seed of the property tests. A disagreement is shrunk before it is shown.
 */
import {
  type Environment,
  evaluateAll,
  evaluate as evaluateNaively,
  type Flag,
  bucketOf as naiveBucketOf,
  type RequestedType,
  randomEnvironment,
  randomFlagKey,
  randomUser,
  seededRandom,
  type User,
} from 'fbclient-conformance/reference';
import { describe, expect, it } from 'vitest';
import { bucketOf } from '../src/flags/bucket.js';
import type { FlagStore } from '../src/flags/store.js';
import { FBClient, type FBUser } from '../src/index.js';
import { evaluateWith, flatUser, storeOf } from './fixtures/support.js';
import { effort, seed } from './support/property.js';

console.info(`SEED=${seed}`);

const ENVIRONMENTS = 1_500 * effort;
const USERS_EACH = 6;
const TYPES: RequestedType[] = ['string', 'boolean', 'number', 'json'];

interface Trial {
  environment: Environment;
  flagKey: string;
  user: User;
  type: RequestedType;
}

const FALLBACK = 'the fallback';

function resultWith(store: FlagStore, { flagKey, user, type }: Omit<Trial, 'environment'>): unknown {
  const { detail, event } = evaluateWith(store, flagKey, flatUser(user), type, FALLBACK);
  const { value, variationId, reason } = detail;
  return { value, variationId, reason, event };
}

const ours = (trial: Trial): unknown => resultWith(storeOf(trial.environment.flags, trial.environment.segments), trial);

const theirs = ({ environment, flagKey, user, type }: Trial): unknown =>
  evaluateNaively(environment, flagKey, user, type, FALLBACK);

const differ = (mine: unknown, naive: unknown): boolean => JSON.stringify(mine) !== JSON.stringify(naive);

const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, position) => position !== index);

/** Every trial that is a little smaller: an entity, a rule, a condition, a target or an attribute less. */
function* smaller(trial: Trial): Generator<Trial> {
  const { environment, user } = trial;
  const { flags, segments } = environment;
  for (const index of flags.keys()) yield { ...trial, environment: { segments, flags: without(flags, index) } };
  for (const index of segments.keys()) yield { ...trial, environment: { flags, segments: without(segments, index) } };
  for (const [index, flag] of flags.entries()) {
    for (const less of smallerFlags(flag)) {
      yield { ...trial, environment: { segments, flags: flags.with(index, less) } };
    }
  }
  for (const [index, segment] of segments.entries()) {
    for (const rule of segment.rules.keys()) {
      const less = { ...segment, rules: without(segment.rules, rule) };
      yield { ...trial, environment: { flags, segments: segments.with(index, less) } };
    }
  }
  const custom = Object.entries(user.custom ?? {});
  for (const index of custom.keys()) {
    yield { ...trial, user: { ...user, custom: Object.fromEntries(without(custom, index)) } };
  }
}

function* smallerFlags(flag: Flag): Generator<Flag> {
  for (const index of flag.targetUsers.keys()) yield { ...flag, targetUsers: without(flag.targetUsers, index) };
  for (const [index, rule] of flag.rules.entries()) {
    yield { ...flag, rules: without(flag.rules, index) };
    for (const condition of rule.conditions.keys()) {
      const less = { ...rule, conditions: without(rule.conditions, condition) };
      yield { ...flag, rules: flag.rules.with(index, less) };
    }
  }
}

/** The smallest trial on the way down that still disagrees. */
function shrunk(trial: Trial): Trial {
  for (const less of smaller(trial)) if (differ(ours(less), theirs(less))) return shrunk(less);
  return trial;
}

describe('fbclient and the naive evaluator agree', () => {
  it(`on ${ENVIRONMENTS * USERS_EACH * TYPES.length} random evaluations`, () => {
    const random = seededRandom(seed);
    for (let round = 0; round < ENVIRONMENTS; round++) {
      const environment = randomEnvironment(random);
      const store = storeOf(environment.flags, environment.segments);
      for (let turn = 0; turn < USERS_EACH; turn++) {
        const flagKey = randomFlagKey(random, environment);
        const user = randomUser(random);
        for (const type of TYPES) {
          const trial = { environment, flagKey, user, type };
          if (!differ(resultWith(store, trial), theirs(trial))) continue;
          const small = shrunk(trial);
          expect({ trial: small, result: ours(small) }).toEqual({ trial: small, result: theirs(small) });
        }
      }
    }
  });

  it('on every flag of random environments at once', async () => {
    const random = seededRandom(seed + 1);
    for (let round = 0; round < 300 * effort; round++) {
      const environment = randomEnvironment(random);
      const data = { eventType: 'full', featureFlags: environment.flags, segments: environment.segments };
      await using client = new FBClient({ offline: true, bootstrap: { messageType: 'data-sync', data } });
      const user = randomUser(random);
      const states = [...client.getAllLatestFlagVariations(flatUser(user) as FBUser)].map(
        ({ flagKey, value, variationId, reason }) => ({ flagKey, value, variationId, reason }),
      );
      expect({ environment, user, states }).toEqual({ environment, user, states: evaluateAll(environment, user) });
    }
  });

  it('on the buckets of random texts of every length around the blocks of MD5', () => {
    const random = seededRandom(seed + 2);
    const alphabet = ['a', 'Z', '0', '-', 'é', 'Я', '中', '😀'];
    for (let length = 0; length < 200; length++) {
      for (let turn = 0; turn < 20; turn++) {
        const letters = turn < 10 ? 4 : alphabet.length;
        const text = Array.from({ length }, () => alphabet[Math.floor(random() * letters)]).join('');
        if (bucketOf(text) !== naiveBucketOf(text)) expect([text, bucketOf(text)]).toEqual([text, naiveBucketOf(text)]);
      }
    }
  });
});

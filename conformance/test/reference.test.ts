import { describe, expect, it } from 'vitest';
import { fixtureFiles } from '../src/authoring/all.js';
import type { Frame } from '../src/fixtures/types.js';
import {
  bucketOf,
  evaluate,
  evaluateAll,
  hashOf,
  makeSecret,
  makeToken,
  ReferenceStore,
  randomEnvironment,
  randomUser,
  readToken,
  seededRandom,
  tokenPosition,
} from '../src/reference/index.js';

const textOf = (frame: Frame): string => ('text' in frame ? frame.text : JSON.stringify(frame.json));

// The tables are written by hand and the reference from the rules: each proves the other.
for (const file of fixtureFiles) {
  describe(`the reference agrees with ${file.group}`, () => {
    switch (file.kind) {
      case 'evaluate':
        it.each(file.cases)('$id', ({ given, when, then }) => {
          expect(evaluate(given, when.flag, given.user, when.type, when.default)).toEqual(then);
        });
        break;
      case 'bulk':
        it.each(file.cases)('$id', ({ given, then }) => {
          const entries = evaluateAll(given, given.user);
          expect(entries ?? []).toEqual(then.flags);
          expect(entries !== undefined).toBe(then.success ?? true);
        });
        break;
      case 'bucket':
        it.each(file.cases)('$id', ({ given, then }) => {
          const input = given.flagKey + given.attribute;
          expect({ hash: hashOf(input), bucket: bucketOf(input) }).toEqual(then);
        });
        break;
      case 'sync':
        it.each(file.cases)('$id', ({ given, when, then }) => {
          const store = new ReferenceStore();
          expect(given.messages.map((frame) => store.apply(textOf(frame)))).toEqual(then.messages);
          expect({ initialized: store.initialized, cursor: store.cursor }).toEqual({
            initialized: then.initialized,
            cursor: then.cursor,
          });
          for (const key of when.flags) {
            const result = evaluate(store.environment, key, when.user, 'string', null);
            expect([key, result.value]).toEqual([key, Object.entries(then.flags).find(([name]) => name === key)?.[1]]);
          }
        });
        break;
      case 'token':
        it.each(file.cases)('$id', ({ given, then }) => {
          const position = tokenPosition(given.secret, given.random);
          expect({ position, token: makeToken(given.secret, given.timestamp, position) }).toEqual(then);
          const read = { secret: given.secret.replace(/=+$/, ''), timestamp: given.timestamp, position };
          expect(readToken(then.token)).toEqual(read);
        });
        break;
      case 'secret':
        it.each(file.cases)('$id', ({ given, then }) => {
          expect(makeSecret(given.randomGuid, given.environmentGuid)).toBe(then.secret);
        });
        break;
      case 'insight':
        it.each(file.cases)('$id', ({ given, when, then }) => {
          const recorded = when.calls.flatMap((call) => {
            if (call.call !== 'evaluate') return [];
            const { event } = evaluate(given, call.flag, given.user, call.type, call.default);
            return event === null ? [] : [{ flag: call.flag, ...event }];
          });
          const expected = (then.payload as { variations?: Record<string, unknown>[] }[]).flatMap((item) =>
            (item.variations ?? []).map((variation) => {
              const { id, value } = variation.variation as { id: string; value: string };
              const { featureFlagKey: flag, sendToExperiment } = variation;
              return { flag, variationId: id, value, sendToExperiment };
            }),
          );
          expect(recorded).toEqual(expected);
        });
    }
  });
}

describe('random environments', () => {
  it('are the same for the same seed', () => {
    const make = (seed: number): unknown => {
      const random = seededRandom(seed);
      return [randomEnvironment(random), randomUser(random)];
    };
    expect(make(7)).toEqual(make(7));
    expect(make(7)).not.toEqual(make(8));
  });

  it('reach every reason, and users with and without what is asked for', () => {
    const random = seededRandom(20_261_122);
    const reasons = new Map<string, number>();
    for (let round = 0; round < 500; round++) {
      const environment = randomEnvironment(random);
      const user = randomUser(random);
      for (const { key } of environment.flags) {
        const { reason } = evaluate(environment, key, user, 'number', 0);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const reason of ['Off', 'TargetMatch', 'RuleMatch', 'Fallthrough', 'WrongType', 'Error']) {
      expect([reason, (reasons.get(reason) ?? 0) > 20]).toEqual([reason, true]);
    }
  });
});

import fc from 'fast-check';
import { compileDataSyncNow, decodeFlag, decodeSegment, Failure, FlagStore, Occasion, OPERATORS } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/documents/judge.js';
import { check } from '../support/property.js';

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('', ' ', 'on', 'off', 'true', '0.5', '["a"]', '^a$', '('),
);
const junk = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.constant([]),
  fc.constant({}),
  fc.constant(undefined),
);
/** Mostly what is right, sometimes anything. */
const mostly = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: junk });
const id = mostly(fc.constantFrom('on', 'off'));
const list = <T>(item: fc.Arbitrary<T>, maxLength = 3) => mostly(fc.array(item, { maxLength }));

const share = mostly(fc.constantFrom([0, 1], [0, 0.5], [0.5, 1], [0, 0], [0.2, 1], [0, 0.3]));
const rollout = list(fc.record({ id, rollout: share, exptRollout: mostly(fc.constantFrom(0, 0.5, 1)) }));
const condition = mostly(
  fc.record({
    property: mostly(fc.constantFrom('country', 'age', 'keyId', 'User is in segment', 'User is not in segment')),
    op: mostly(fc.constantFrom(...OPERATORS)),
    value: mostly(fc.constantFrom('nz', '18', '["vip"]', '^a+$', '')),
  }),
);
const rule = mostly(fc.record({ id: mostly(fc.uuid()), conditions: list(condition), variations: rollout }));
const flag = mostly(
  fc.record({
    variationType: mostly(fc.constantFrom('boolean', 'string')),
    variations: mostly(
      fc.constant([
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
      ]),
    ),
    isEnabled: mostly(fc.boolean()),
    isArchived: mostly(fc.constant(false)),
    disabledVariationId: id,
    targetUsers: list(fc.record({ keyIds: list(mostly(fc.constantFrom('u1', 'u2'))), variationId: id })),
    rules: list(rule, 2),
    fallthrough: mostly(fc.record({ variations: mostly(fc.constant([{ id: 'on', rollout: [0, 1] }])) })),
    tags: list(text),
    extra: junk,
  }),
);
const segment = mostly(
  fc.record({
    included: list(mostly(fc.constantFrom('u1', 'u2'))),
    excluded: list(mostly(fc.constantFrom('u3'))),
    rules: list(mostly(fc.record({ conditions: list(condition) })), 2),
  }),
);

const USERS = [{ key: 'u1' }, { key: 'u2', country: 'nz', age: '36' }, { key: 'u3', country: 'aa', age: 'x' }];

/** A verdict's document as it is kept, with what only the server sets. */
function kept(document: object, key: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify({ ...document, id: key, updatedAt: new Date(1_000).toISOString() }));
}

describe('the judge, given anything', () => {
  it('refuses a flag with faults that have a place and a sentence, or lets one through that always evaluates', async () => {
    let taken = 0;
    await check(
      fc.property(flag, (input) => {
        const verdict = judge('flag', input, 'f');
        if (!verdict.ok) {
          expect(verdict.faults.length).toBeGreaterThan(0);
          for (const { path, message } of verdict.faults) {
            expect(typeof path).toBe('string');
            expect(message).toMatch(/\.$/);
          }
          return;
        }
        taken += 1;
        const document = kept(verdict.document, 'f');
        expect(decodeFlag(document)).toMatchObject({ ok: true });
        const store = new FlagStore();
        // Whether the segments that a flag uses are there is decided elsewhere; here they all are.
        const segments = verdict.references.map(({ value }) =>
          kept({ included: ['u1'], excluded: [], rules: [], isArchived: false }, value),
        );
        const data = { eventType: 'full' as const, featureFlags: [document], segments };
        const { changes, skipped } = compileDataSyncNow(data, 'no-match');
        expect(skipped).toEqual([]);
        store.commit(changes);
        for (const user of USERS) {
          expect(store.flag('f')?.evaluate(new Occasion(user, store))).not.toBeInstanceOf(Failure);
        }
      }),
      3_000,
    );
    expect(taken, 'flags that were let through').toBeGreaterThan(50);
  });

  it('lets a flag through again as it let it through, and unchanged', async () => {
    await check(
      fc.property(flag, (input) => {
        const verdict = judge('flag', input, 'f');
        if (!verdict.ok) return;
        const document = kept(verdict.document, 'f');
        const again = judge('flag', document, 'f');
        expect(again).toMatchObject({ ok: true, references: verdict.references });
        if (again.ok) expect(kept(again.document, 'f')).toEqual(document);
      }),
      1_000,
    );
  });

  it('refuses a segment or lets one through that an SDK can decode', async () => {
    let taken = 0;
    await check(
      fc.property(segment, (input) => {
        const verdict = judge('segment', input, 's');
        if (!verdict.ok) return;
        taken += 1;
        expect(decodeSegment(kept(verdict.document, 's'))).toMatchObject({ ok: true });
        expect(verdict.references).toEqual([]);
      }),
      1_000,
    );
    expect(taken, 'segments that were let through').toBeGreaterThan(50);
  });
});

import { describe, expect, it } from 'vitest';
import { compileDataSyncNow } from '../../src/core.js';
import { Failure } from '../../src/flags/failure.js';
import { Occasion } from '../../src/flags/occasion.js';
import type { FlagStore } from '../../src/flags/store.js';
import { storeOf } from '../support/store.js';
import { everybody, segmentFlag, updatedAt, wireFlag, wireRule, wireSegment } from '../support/wire.js';

const NEWER = { updatedAt: updatedAt(2) };

/** Flags of every kind, those for everybody and those that ask who it is in turn. */
function store(): FlagStore {
  const half = { id: 'v-on', rollout: [0, 0.5], exptRollout: 1 } as const;
  const otherHalf = { id: 'v-off', rollout: [0.5, 1], exptRollout: 1 } as const;
  const flags = [
    wireFlag('targeted', 'on', { targetUsers: [{ keyIds: ['ada'], variationId: 'v-off' }] }),
    wireFlag('plain'),
    wireFlag('ruled', 'on', { rules: [wireRule([{ property: 'country', op: 'Equal', value: 'NL' }], 'v-off')] }),
    wireFlag('disabled', 'on', { isEnabled: false }),
    segmentFlag('for-staff', ['staff']),
    wireFlag('broken', 'on', { fallthrough: everybody('gone') }),
    wireFlag('divided', 'on', { fallthrough: { includedInExpt: false, variations: [half, otherHalf] } }),
    segmentFlag('for-nobody', ['gone']),
    wireFlag('archived', 'on', { isArchived: true }),
  ];
  return storeOf(flags, [wireSegment('staff', ['ada'])]);
}

function allOf(held: FlagStore, user: { readonly key: string }): Record<string, string> {
  const flags = held.allFlags();
  const outcomes = flags.evaluate(new Occasion(user, held));
  expect(outcomes).toHaveLength(flags.keys.length);
  return Object.fromEntries(outcomes.map((outcome, index) => [flags.keys[index], textOf(outcome)]));
}

function textOf(outcome: Failure | { readonly variation: { readonly value: string } }): string {
  return outcome instanceof Failure ? outcome.text : outcome.variation.value;
}

function eachOf(held: FlagStore, user: { readonly key: string }): Record<string, string> {
  return Object.fromEntries(
    held.activeFlags().map((flag) => [flag.key, textOf(flag.evaluate(new Occasion(user, held)))]),
  );
}

function patch(held: FlagStore, flags: readonly unknown[], segments: readonly unknown[] = []): void {
  held.commit(compileDataSyncNow({ eventType: 'patch', featureFlags: flags, segments }, 'no-match').changes);
}

describe('all flags of a store', () => {
  it('serve each user what each of them serves, whoever was asked for before', () => {
    const held = store();
    const users = [{ key: 'ada' }, { key: 'bob', country: 'NL' }, { key: 'cyd' }, { key: 'ada' }];
    for (const user of users) expect({ user, all: allOf(held, user) }).toEqual({ user, all: eachOf(held, user) });
    expect(allOf(held, { key: 'ada' })).toMatchObject({ targeted: 'off', plain: 'on', ruled: 'on', 'for-staff': 'on' });
    expect(allOf(held, { key: 'bob' })).toMatchObject({ targeted: 'on', plain: 'on', 'for-staff': 'off' });
  });

  it('leave what an earlier call gave as it was', () => {
    const held = store();
    const flags = held.allFlags();
    const ofAda = flags.evaluate(new Occasion({ key: 'ada' }, held));
    const texts = ofAda.map(textOf);
    flags.evaluate(new Occasion({ key: 'bob' }, held));
    expect(ofAda.map(textOf)).toEqual(texts);
  });

  it('are those of the last commit', () => {
    const held = store();
    const user = { key: 'cyd' };
    expect(allOf(held, user)).toMatchObject({ plain: 'on', 'for-staff': 'off' });
    patch(held, [
      wireFlag('plain', 'new', NEWER),
      wireFlag('disabled', 'on', { isArchived: true, ...NEWER }),
      wireFlag('added'),
    ]);
    patch(held, [], [wireSegment('staff', ['cyd'], NEWER)]);
    const all = allOf(held, user);
    expect(all).toMatchObject({ plain: 'new', added: 'on', 'for-staff': 'on' });
    expect(all).not.toHaveProperty('disabled');
    expect(all).toEqual(eachOf(held, user));
  });

  it('are the same object until the next commit', () => {
    const held = store();
    const before = held.allFlags();
    expect(held.allFlags()).toBe(before);
    patch(held, [wireFlag('added')]);
    expect(held.allFlags()).not.toBe(before);
  });
});

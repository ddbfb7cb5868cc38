import { beforeEach, describe, expect, it } from 'vitest';
import type { AllFlagStates } from '../../src/evaluation/all-flag-states.js';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import type { AnyFlags } from '../../src/evaluation/types.js';
import type { JsonValue } from '../../src/flags/variation.js';
import { storeOf } from '../support/store.js';
import { everybody, wireFlag } from '../support/wire.js';

let used: string[] = [];
beforeEach(() => {
  used = [];
});

function states(defaults: Record<string, JsonValue> = {}): AllFlagStates<AnyFlags> {
  const store = storeOf([
    wireFlag('switch', 'true', { variationType: 'boolean' }),
    wireFlag('count', '5', { variationType: 'number' }),
    wireFlag('settings', '{"a":1}', { variationType: 'json' }),
    wireFlag('misspelt', 'yes', { variationType: 'boolean' }),
    wireFlag('broken', 'on', { fallthrough: everybody('gone') }),
    wireFlag('__proto__', 'own'),
    wireFlag('archived', 'on', { isArchived: true }),
  ]);
  const settings = { store, status: { initialized: true }, defaults: new Map(Object.entries(defaults)) };
  const evaluator = new Evaluator(settings, {
    served: (_user, { flag }) => used.push(flag.key),
    failed: () => used.push('a failure'),
  });
  return evaluator.all({ key: 'ada' });
}

describe('all flags of a user', () => {
  it('are the active ones, with their values as the server holds them', () => {
    expect([...states()]).toEqual([
      {
        flagKey: 'switch',
        value: 'true',
        variationId: 'v-on',
        reason: 'Fallthrough',
        reasonText: 'no targeting rule matched',
      },
      {
        flagKey: 'count',
        value: '5',
        variationId: 'v-on',
        reason: 'Fallthrough',
        reasonText: 'no targeting rule matched',
      },
      {
        flagKey: 'settings',
        value: '{"a":1}',
        variationId: 'v-on',
        reason: 'Fallthrough',
        reasonText: 'no targeting rule matched',
      },
      {
        flagKey: 'misspelt',
        value: 'yes',
        variationId: 'v-on',
        reason: 'Fallthrough',
        reasonText: 'no targeting rule matched',
      },
      {
        flagKey: 'broken',
        value: '',
        variationId: '',
        reason: 'Error',
        reasonText: 'the fallthrough rolls out a variation that does not exist',
      },
      {
        flagKey: '__proto__',
        value: 'own',
        variationId: 'v-on',
        reason: 'Fallthrough',
        reasonText: 'no targeting rule matched',
      },
    ]);
    expect(states().keys()).toEqual(['switch', 'count', 'settings', 'misspelt', 'broken', '__proto__']);
  });

  it('are not used by looking at them', () => {
    const all = states();
    void [...all, ...all.keys(), all.toJSON(), JSON.stringify(all)];
    expect(used).toEqual([]);
  });

  it.each<[string, unknown, unknown, string]>([
    ['switch', false, true, 'Fallthrough'],
    ['count', 0, 5, 'Fallthrough'],
    ['count', '', '5', 'Fallthrough'],
    ['settings', {}, { a: 1 }, 'Fallthrough'],
    ['__proto__', '', 'own', 'Fallthrough'],
    ['switch', 0, 0, 'WrongType'],
    ['broken', 'mine', 'mine', 'Error'],
    ['archived', 'mine', 'mine', 'Error'],
    ['constructor', 'mine', 'mine', 'Error'],
  ])('are used one by one: %s with the default %j', (flagKey, fallback, value, reason) => {
    const all = states();
    const detail = all.get(flagKey, fallback as string);
    expect(detail).toMatchObject({ flagKey, value, reason });
    expect(all.getVariation(flagKey, fallback as string)).toEqual(value);
    expect(used).toEqual(reason === 'Fallthrough' ? [flagKey, flagKey] : []);
  });

  it('take a configured default where a call gives none', () => {
    const nothing = undefined as unknown as string;
    expect(states({ broken: 'configured' }).getVariation('broken', nothing)).toBe('configured');
    expect(states({ count: 7 }).getVariation('count', nothing)).toBe(5);
    expect(states().getVariation('switch', nothing)).toBe(true);
  });

  it('have a JSON form with values of the flags’ own types, which is frozen and has no inherited names', () => {
    const json = states().toJSON();
    expect(JSON.parse(JSON.stringify(json))).toMatchObject({
      success: true,
      reason: 'all active flags',
      flags: {
        switch: { value: true, variationId: 'v-on', reason: 'Fallthrough' },
        count: { value: 5, variationId: 'v-on', reason: 'Fallthrough' },
        settings: { value: { a: 1 }, variationId: 'v-on', reason: 'Fallthrough' },
        misspelt: { value: null, variationId: '', reason: 'WrongType' },
        broken: { value: null, variationId: '', reason: 'Error' },
      },
    });
    expect(Object.keys(json.flags)).toContain('__proto__');
    expect('toString' in json.flags).toBe(false);
    for (const part of [json, json.flags, ...Object.values(json.flags)]) expect(Object.isFrozen(part)).toBe(true);
  });
});

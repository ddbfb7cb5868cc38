import { describe, expect, it } from 'vitest';
import { convert, detailOf, evaluate, requestedType } from '../../src/evaluation/evaluate.js';
import { Failure } from '../../src/flags/failure.js';
import { FlagStore } from '../../src/flags/store.js';
import { THROWING_USERS, UNUSABLE_USERS } from '../support/odd-users.js';
import { storeOf } from '../support/store.js';
import { everybody, wireFlag, wireRule } from '../support/wire.js';

const ADA = { key: 'ada' };

function detail(flag: Parameters<typeof wireFlag>[2] & { value?: string }, fallback: unknown) {
  return detailFor(ADA, flag, fallback);
}

function detailFor(user: unknown, flag: Parameters<typeof wireFlag>[2] & { value?: string }, fallback: unknown) {
  const { value = 'on', ...overrides } = flag ?? {};
  const outcome = evaluate(storeOf([wireFlag('flag', value, overrides)]), true, 'flag', user);
  return detailOf('flag', outcome, convert(outcome, requestedType(fallback)), fallback);
}

describe('the type that is asked for', () => {
  it.each<[string, unknown, string]>([
    ['true', true, 'boolean'],
    ['false', false, 'boolean'],
    ['a text', '', 'string'],
    ['a number', 0, 'number'],
    ['NaN', Number.NaN, 'number'],
    ['an object', {}, 'json'],
    ['an array', [], 'json'],
    ['null', null, 'own'],
    ['a date', new Date(0), 'json'],
    ['a function', () => 1, 'json'],
    ['a symbol', Symbol('x'), 'json'],
    ['a bigint', 1n, 'json'],
    ['nothing', undefined, 'own'],
  ])('by a default of %s', (_name, fallback, type) => {
    expect(requestedType(fallback)).toBe(type);
  });
});

describe('an evaluation', () => {
  it.each<[string, unknown, unknown]>([
    ['true', false, true],
    ['on', '', 'on'],
    ['1.5', 0, 1.5],
    ['{"a":[1]}', {}, { a: [1] }],
    ['null', {}, null],
    ['"text"', [], 'text'],
  ])('of %s with a default converts to its type', (value, fallback, expected) => {
    expect(detail({ value }, fallback)).toEqual({
      flagKey: 'flag',
      value: expected,
      variationId: 'v-on',
      reason: 'Fallthrough',
      reasonText: 'no targeting rule matched',
    });
  });

  it.each<[string, string, unknown]>([
    ['boolean', 'TRUE', true],
    ['number', '15e-1', 1.5],
    ['number', ' 5 ', 5],
    ['json', '[null]', [null]],
    ['json', 'null', null],
    ['string', 'true', 'true'],
    ['string', 'null', 'null'],
    ['colour', 'red', 'red'],
    ['', 'red', 'red'],
  ])('without a default, or with null, has the type of the flag: %s', (variationType, value, expected) => {
    expect(detail({ variationType, value }, undefined).value).toEqual(expected);
    expect(detail({ variationType, value }, null)).toMatchObject({ value: expected, reason: 'Fallthrough' });
  });

  it.each([
    ['boolean', 'yes'],
    ['number', '1,000'],
    ['json', 'yes'],
  ])('with null gives null where a %s flag holds something else', (variationType, value) => {
    expect(detail({ variationType, value }, null)).toMatchObject({ value: null, variationId: '', reason: 'WrongType' });
  });

  it.each<[string, string, unknown]>([
    ['boolean', 'yes', false],
    ['number', 'yes', 7],
    ['JSON', 'yes', { kept: true }],
  ])('that finds no %s in %s gives the default', (_type, value, fallback) => {
    const result = detail({ value, variationType: 'string' }, fallback);
    expect(result).toMatchObject({ variationId: '', reason: 'WrongType' });
    expect(result.value).toBe(fallback);
  });

  it('without a default that cannot be converted to the flag’s own type gives nothing', () => {
    expect(detail({ value: 'yes', variationType: 'boolean' }, undefined)).toMatchObject({
      value: undefined,
      reason: 'WrongType',
    });
  });

  it('asks for the type that the caller wants, not for the flag’s', () => {
    expect(detail({ variationType: 'number', value: 'true' }, false)).toMatchObject({ value: true });
    expect(detail({ variationType: 'boolean', value: 'true' }, '')).toMatchObject({ value: 'true' });
  });
});

describe('an evaluation that fails says why and gives exactly the default', () => {
  const fallback = { mine: true };

  it.each<[string, FlagStore, boolean, unknown, string, string]>([
    ['before there is data', new FlagStore(), false, 'flag', 'ClientNotReady', 'the client has no data yet'],
    ['for an unknown flag', new FlagStore(), true, 'flag', 'Error', 'there is no such flag, or it is archived'],
    [
      'for an archived flag',
      storeOf([wireFlag('flag', 'on', { isArchived: true })]),
      true,
      'flag',
      'Error',
      'there is no such flag, or it is archived',
    ],
    ['for a flag key of null', new FlagStore(), true, null, 'Error', 'the flag key is not a string'],
    ['for a flag key of a number', new FlagStore(), true, 5, 'Error', 'the flag key is not a string'],
    ['for a flag key of an object', new FlagStore(), true, {}, 'Error', 'the flag key is not a string'],
    ['for an empty flag key', new FlagStore(), true, '', 'Error', 'there is no such flag, or it is archived'],
    ['for an inherited name', new FlagStore(), true, '__proto__', 'Error', 'there is no such flag, or it is archived'],
  ])('%s', (_name, store, initialized, flagKey, reason, reasonText) => {
    const outcome = evaluate(store, initialized, flagKey, ADA);
    const result = detailOf('flag', outcome, convert(outcome, 'json'), fallback);
    expect(result).toEqual({ flagKey: 'flag', value: fallback, variationId: '', reason, reasonText });
    expect(result.value).toBe(fallback);
  });

  it.each(UNUSABLE_USERS)('for what is no user: %s', (_name, user) => {
    expect(detailFor(user, {}, 'x')).toMatchObject({ value: 'x', reason: 'Error' });
  });

  it.each(THROWING_USERS)('for a user that throws where it is reached: %s', (_name, user) => {
    const rules = [wireRule([{ property: 'country', op: 'Equal', value: 'NL' }])];
    const result = detailFor(user, { rules }, 'x');
    expect(result).toMatchObject({ value: 'x', reason: 'Error' });
    expect(JSON.stringify(result)).not.toContain('MARKED');
  });

  it.each<[string, Parameters<typeof wireFlag>[2], string]>([
    [
      'disabled',
      { isEnabled: false, disabledVariationId: 'gone' },
      'the variation for the disabled flag does not exist',
    ],
    [
      'targeted',
      { targetUsers: [{ keyIds: ['ada'], variationId: 'gone' }] },
      'an individual target gets a variation that does not exist',
    ],
    ['matched', { rules: [wireRule([], 'gone')] }, 'the matched rule rolls out a variation that does not exist'],
    ['left over', { fallthrough: everybody('gone') }, 'the fallthrough rolls out a variation that does not exist'],
  ])('for a variation that does not exist where the user is %s', (_name, flag, reasonText) => {
    expect(detail({ ...flag }, 'x')).toEqual({
      flagKey: 'flag',
      value: 'x',
      variationId: '',
      reason: 'Error',
      reasonText,
    });
  });

  it('is not touched by damage that it does not reach', () => {
    const damaged = [wireRule([{ property: 'keyId', op: 'MatchRegex', value: '(' }])];
    expect(detail({ rules: damaged, targetUsers: [{ keyIds: ['ada'], variationId: 'v-on' }] }, 'x')).toMatchObject({
      value: 'on',
      reason: 'TargetMatch',
    });
    expect(detail({ rules: damaged, isEnabled: false }, 'x')).toMatchObject({ value: 'off', reason: 'Off' });
    expect(detail({ rules: [wireRule([]), ...damaged] }, 'x')).toMatchObject({ value: 'on', reason: 'RuleMatch' });
  });
});

it('a failure stays a failure whatever type is asked for', () => {
  const failure = new Failure('broken');
  for (const type of ['boolean', 'string', 'number', 'json', 'own'] as const)
    expect(convert(failure, type)).toBe(failure);
});

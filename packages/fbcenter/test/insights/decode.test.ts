import { describe, expect, it } from 'vitest';
import { decodeInsights } from '../../src/insights/decode.js';
import { evaluation, metric, NOTHING } from '../support/tallies.js';

const user = { keyId: 'u1' };
const served = (featureFlagKey: unknown, id: unknown, sendToExperiment?: unknown) => ({
  featureFlagKey,
  variation: { id },
  sendToExperiment,
});
const measured = (eventName: unknown, numericValue: unknown) => ({ eventName, numericValue });

describe('a body of insights', () => {
  it.each([undefined, null, {}, 'text', 5, true])('that is %j is not understood at all', (body) => {
    expect(decodeInsights(body)).toBeUndefined();
  });

  it.each<[string, unknown[], object]>([
    ['nothing', [], {}],
    ['a user alone', [{ user }], { identifications: 1 }],
    ['a user with nulls', [{ user, variations: null, metrics: null }], { identifications: 1 }],
    ['a user with empty lists', [{ user, variations: [], metrics: [] }], {}],
    ['an evaluation', [{ user, variations: [served('f', 'on')] }], { evaluations: [evaluation('f', 'on')] }],
    [
      'evaluations of an experiment',
      [{ user, variations: [served('f', 'on', true), served('f', 'on', false), served('f', 'on', 'true')] }],
      { evaluations: [evaluation('f', 'on', 3, 1)] },
    ],
    [
      'evaluations by several users',
      [
        { user, variations: [served('f', 'on')] },
        { user: { keyId: 'u2' }, variations: [served('f', 'on'), served('f', 'off')] },
      ],
      { evaluations: [evaluation('f', 'on', 2), evaluation('f', 'off')] },
    ],
    ['metrics', [{ user, metrics: [measured('m', 2), measured('m', -3)] }], { metrics: [metric('m', 2, -3)] }],
    [
      'metrics whose numbers are texts',
      [{ user, metrics: [measured('m', '2.5'), measured('m', '-3'), measured('n', '1e2')] }],
      { metrics: [metric('m', 2.5, -3), metric('n', 100)] },
    ],
    [
      'both in one item',
      [{ user, variations: [served('f', 'on')], metrics: [measured('m', 0)] }],
      { evaluations: [evaluation('f', 'on')], metrics: [metric('m', 0)] },
    ],
    [
      'names of every object',
      [{ user, variations: [served('__proto__', 'constructor')], metrics: [measured('toString', 1)] }],
      { evaluations: [evaluation('__proto__', 'constructor')], metrics: [metric('toString', 1)] },
    ],
    ['a user with a very long key', [{ user: { keyId: 'x'.repeat(10_000) } }], { identifications: 1 }],
    [
      'the longest names',
      [{ user, variations: [served('f'.repeat(256), 'v'.repeat(256))], metrics: [measured('m'.repeat(256), 1)] }],
      { evaluations: [evaluation('f'.repeat(256), 'v'.repeat(256))], metrics: [metric('m'.repeat(256), 1)] },
    ],
  ])('with %s is counted', (_, body, expected) => {
    expect(decodeInsights(body)).toEqual({ ...NOTHING, ...expected });
  });

  it.each<[string, unknown, number]>([
    ['null', null, 1],
    ['a list', [], 1],
    ['a number', 5, 1],
    ['without a user', { variations: [served('f', 'on')] }, 1],
    ['with a user that is a text', { user: 'u1' }, 1],
    ['with a blank user', { user: { keyId: ' \t' } }, 1],
    ['with a key that has a zero in it', { user: { keyId: 'u\u0000' } }, 1],
    ['with a key of broken Unicode', { user: { keyId: 'u\ud800' } }, 1],
    ['with variations that are no list', { user, variations: {} }, 1],
    ['with metrics that are no list', { user, metrics: 5 }, 1],
    ['with two lists that are none', { user, variations: 'x', metrics: 'y' }, 2],
    ['with evaluations that are no objects', { user, variations: [null, 5, 'x', []] }, 4],
    ['with a flag that is no text', { user, variations: [served(5, 'on')] }, 1],
    ['with a flag that is too long', { user, variations: [served('f'.repeat(257), 'on')] }, 1],
    ['without a variation', { user, variations: [{ featureFlagKey: 'f' }] }, 1],
    ['with a blank variation', { user, variations: [served('f', '')] }, 1],
    ['with metrics that are no objects', { user, metrics: [null, 5] }, 2],
    ['with a metric of no name', { user, metrics: [measured(undefined, 1)] }, 1],
    [
      'with metrics of no number',
      { user, metrics: [measured('m', undefined), measured('m', null), measured('m', true), measured('m', [1])] },
      4,
    ],
    [
      'with metrics of texts that are no number',
      {
        user,
        metrics: ['', ' ', 'one', '1,5', '0x10', '1_000', 'NaN', 'Infinity', '1e999'].map((text) =>
          measured('m', text),
        ),
      },
      9,
    ],
    [
      'with metrics of numbers that are not finite',
      { user, metrics: [measured('m', Number.POSITIVE_INFINITY), measured('m', Number.NaN)] },
      2,
    ],
  ])('with an item %s rejects that and counts the others', (_, item, rejected) => {
    const good = { user, variations: [served('good', 'v')] };
    expect(decodeInsights([good, item, good])).toEqual({
      ...NOTHING,
      evaluations: [evaluation('good', 'v', 2)],
      rejected,
    });
  });

  it('with a part that is damaged counts the rest of the same item', () => {
    const item = { user, variations: [served('f', 'on'), null], metrics: [measured('m', 'x'), measured('m', 1)] };
    expect(decodeInsights([item])).toEqual({
      ...NOTHING,
      evaluations: [evaluation('f', 'on')],
      metrics: [metric('m', 1)],
      rejected: 2,
    });
  });

  it('counts evaluations of what is served only', () => {
    const item = { user, variations: [served('f', 'on'), served('f', 'other'), served('g', 'on')] };
    expect(decodeInsights([item], (key, id) => key === 'f' && id === 'on')).toEqual({
      ...NOTHING,
      evaluations: [evaluation('f', 'on')],
      rejected: 2,
    });
  });

  it.each<[string, unknown[], object]>([
    ['items', Array(10_002).fill({ user }), { identifications: 10_000, rejected: 2 }],
    [
      'evaluations',
      [{ user, variations: Array(10_002).fill(served('f', 'on')) }],
      { evaluations: [evaluation('f', 'on', 9_999)], rejected: 3 },
    ],
    [
      'metrics',
      [{ user, metrics: Array(10_002).fill(measured('m', 0)) }],
      { metrics: [{ ...metric('m', 0), count: 9_999 }], rejected: 3 },
    ],
  ])('reads no more %s than a request may have', (_, body, expected) => {
    expect(decodeInsights(body)).toEqual({ ...NOTHING, ...expected });
  });
});

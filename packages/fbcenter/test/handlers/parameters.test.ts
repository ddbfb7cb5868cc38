import { describe, expect, it } from 'vitest';
import { parameter, truth, wholeNumber } from '../../src/handlers/parameters.js';
import { Refusal } from '../../src/model/refusal.js';
import { exchangeOf } from '../support/exchange.js';

const asking = (query: string) =>
  exchangeOf({ path: '/flags/f', params: { key: 'f' }, query: new URLSearchParams(query) });

/** The value that is read, or the sentence that refuses it. */
function read<T>(value: () => T): T | string {
  try {
    return value();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('invalid-request');
    return error.message;
  }
}

const RANGE = { fallback: 100, min: 1, max: 1_000 };
const REFUSED = 'limit must be a whole number from 1 to 1000.';

describe('a number in the query', () => {
  it.each<[string, number | string]>([
    ['', 100],
    ['limit=1', 1],
    ['limit=1000', 1_000],
    ['limit=007', 7],
    ['limit=5&limit=6', 5],
    ['limit=0', REFUSED],
    ['limit=1001', REFUSED],
    ['limit=-1', REFUSED],
    ['limit=1.5', REFUSED],
    ['limit=1e2', REFUSED],
    ['limit=0x10', REFUSED],
    ['limit=', REFUSED],
    ['limit=%205', REFUSED],
    ['limit=99999999999999999999', REFUSED],
  ])('of ?%s is %s', (query, expected) => {
    expect(read(() => wholeNumber(asking(query), 'limit', RANGE))).toBe(expected);
  });
});

describe('a truth in the query', () => {
  it.each<[string, boolean | string | undefined]>([
    ['', undefined],
    ['archived=true', true],
    ['archived=false', false],
    ['archived=', 'archived must be true or false.'],
    ['archived=TRUE', 'archived must be true or false.'],
    ['archived=1', 'archived must be true or false.'],
  ])('of ?%s is %s', (query, expected) => {
    expect(read(() => truth(asking(query), 'archived'))).toBe(expected);
  });
});

it('a part of the path is empty when the path has no such part', () => {
  expect([parameter(asking(''), 'key'), parameter(asking(''), 'other')]).toEqual(['f', '']);
});

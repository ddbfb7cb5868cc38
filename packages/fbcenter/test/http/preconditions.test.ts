import { describe, expect, it } from 'vitest';
import { isKnown, preconditionOf } from '../../src/http/preconditions.js';
import { Refusal } from '../../src/model/refusal.js';

/** RFC 9110, 13.1.1 and 13.1.2. `undefined` is a document that is not there. */
describe('a precondition', () => {
  type Holds = readonly [none: boolean, one: boolean, two: boolean];

  it.each<[string, Record<string, string>, Holds]>([
    ['If-Match, any', { 'if-match': '*' }, [false, true, true]],
    ['If-Match, any, with space', { 'if-match': ' * ' }, [false, true, true]],
    ['If-Match, one', { 'if-match': '"1"' }, [false, true, false]],
    ['If-Match, one without quotes', { 'if-match': '1' }, [false, true, false]],
    ['If-Match, another', { 'if-match': '"3"' }, [false, false, false]],
    ['If-Match, several', { 'if-match': '"3", "2"' }, [false, false, true]],
    ['If-Match, several without space', { 'if-match': '"1","2"' }, [false, true, true]],
    ['If-Match, several with empty ones', { 'if-match': ',"3",, ,"2",' }, [false, false, true]],
    ['If-Match, weak', { 'if-match': 'W/"1"' }, [false, false, false]],
    ['If-Match, weak and strong', { 'if-match': 'W/"1", "2"' }, [false, false, true]],
    ['If-Match, one with a comma in it', { 'if-match': '"1,2"' }, [false, false, false]],
    ['If-Match, an empty one', { 'if-match': '""' }, [false, false, false]],
    ['If-None-Match, any', { 'if-none-match': '*' }, [true, false, false]],
    ['If-None-Match, one', { 'if-none-match': '"1"' }, [true, false, true]],
    ['If-None-Match, weak', { 'if-none-match': 'W/"1"' }, [true, false, true]],
    ['If-None-Match, several', { 'if-none-match': 'W/"2", "1"' }, [true, false, false]],
    ['both', { 'if-match': '"1", "2"', 'if-none-match': '"2"' }, [false, true, false]],
    ['both, which nothing fulfils', { 'if-match': '*', 'if-none-match': '*' }, [false, false, false]],
  ])('%s: %j', (_, headers, expected) => {
    const holds = preconditionOf(headers);
    expect([undefined, '"1"', '"2"'].map((tag) => holds?.(tag))).toEqual(expected);
  });

  it('is none without the headers', () => {
    expect(preconditionOf({})).toBeUndefined();
  });

  it.each(['', ' ', ',', 'abc', '"1', '1"', 'w/"1"', '"1" "2"', '*, "1"', '"1", *', '"1"; "2"', '12345678901234567'])(
    'that cannot be read is refused, not ignored: %j',
    (header) => {
      expect(() => preconditionOf({ 'if-match': header })).toThrow(Refusal);
      expect(() => preconditionOf({ 'if-none-match': header })).toThrow(/If-None-Match must be/);
    },
  );
});

describe('what a reader has', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['*', true],
    ['"1"', true],
    ['W/"1"', true],
    ['"2", W/"1"', true],
    ['"2"', false],
    ['nonsense', false],
  ])('by If-None-Match %s is what it would get: %s', (header, expected) => {
    expect(isKnown(header === undefined ? {} : { 'if-none-match': header }, '"1"')).toBe(expected);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyProblem } from '../../src/documents/keys.js';
import { nameProblem } from '../../src/documents/names.js';
import { CenterError, InvalidConfigError, StorageError } from '../../src/errors.js';
import { check } from '../support/property.js';

const LONG = 'Must not be longer than 256 characters.';
const BLANK = 'Must not be blank.';
const ENDS = 'Must not begin or end with white space.';

describe('a key', () => {
  it.each<[string, string | undefined]>([
    ['a', undefined],
    ['a b', undefined],
    ['a/b?c#d%', undefined],
    ['..', undefined],
    ['ключ 🚩', undefined],
    ['__proto__', undefined],
    ['x'.repeat(256), undefined],
    ['🚩'.repeat(128), undefined],
    ['x'.repeat(257), LONG],
    ['🚩'.repeat(129), LONG],
    ['', BLANK],
    [' ', BLANK],
    ['\n\t', BLANK],
    ['\u00a0', BLANK],
    [' a', ENDS],
    ['a ', ENDS],
    ['a\u3000', ENDS],
    ['a\nb', 'Must not contain control characters or broken Unicode.'],
    ['a\0b', 'Must not contain control characters or broken Unicode.'],
    ['a\u0085b', 'Must not contain control characters or broken Unicode.'],
    ['a\ud800b', 'Must not contain control characters or broken Unicode.'],
    ['\udc00b', 'Must not contain control characters or broken Unicode.'],
  ])('%j: %s', (key, problem) => {
    expect(keyProblem(key)).toBe(problem);
  });

  it('that is taken survives an address and JSON', async () => {
    await check(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (key) => {
        if (keyProblem(key) !== undefined) return;
        const { pathname } = new URL(`/flags/x${encodeURIComponent(key)}`, 'http://center');
        expect(decodeURIComponent(pathname.slice('/flags/x'.length))).toBe(key);
        expect(JSON.parse(JSON.stringify(key))).toBe(key);
        expect(Buffer.from(key).toString()).toBe(key);
      }),
      300,
    );
  });
});

describe('a name', () => {
  it.each<[string, string | undefined]>([
    ['Development', undefined],
    [' with space around ', undefined],
    ['x'.repeat(256), undefined],
    ['x'.repeat(257), LONG],
    ['', BLANK],
    ['   ', BLANK],
    ['one\ntwo', 'Must not contain control characters or broken Unicode.'],
    ['one\u2028two', 'Must not contain control characters or broken Unicode.'],
    ['one\u2029two', 'Must not contain control characters or broken Unicode.'],
    ['\ud83d', 'Must not contain control characters or broken Unicode.'],
  ])('%j: %s', (name, problem) => {
    expect(nameProblem(name)).toBe(problem);
  });
});

describe('the errors of the center', () => {
  it('have a code, a sentence and a cause', () => {
    const cause = new Error('EADDRINUSE');
    expect(new CenterError('port-in-use', 'Port 1 is in use', { cause })).toMatchObject({
      name: 'CenterError',
      code: 'port-in-use',
      message: 'Port 1 is in use',
      cause,
    });
  });

  it('of a storage pass unless the data is damaged', () => {
    expect(new StorageError('Later.').code).toBe('storage-unavailable');
    expect(new StorageError('Never.', { code: 'damaged-data' })).toMatchObject({
      name: 'StorageError',
      code: 'damaged-data',
    });
    expect(new StorageError('Later.', { code: undefined }).code).toBe('storage-unavailable');
  });

  it.each([
    [1, 'option0: m'],
    [2, 'option0: m; option1: m'],
    [20, 'option19: m'],
    [21, 'option19: m; and 1 more'],
    [5_000, 'option19: m; and 4980 more'],
  ])('name every one of %d settings, the first of them in the sentence', (count, end) => {
    const problems = Array.from({ length: count }, (_, index) => ({ option: `option${index}`, message: 'm' }));
    const error = new InvalidConfigError(problems);
    expect(error).toBeInstanceOf(CenterError);
    expect(error.problems).toBe(problems);
    expect(error.code).toBe('invalid-config');
    expect(error.message).toMatch(/^The flag center cannot start with these settings: option0: m/);
    expect(error.message.endsWith(end)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/flags/failure.js';
import { compilePattern, MAX_PATTERN_LENGTH } from '../../src/flags/re2-pattern.js';

/** The longest that one match may take, in milliseconds; some 25 ms, and room for a busy machine. */
const LONGEST_MATCH = 1_000;

describe('a pattern', () => {
  it.each<[string, string, boolean]>([
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['^abc$', 'abc', true],
    ['', 'abc', true],
    ['', '', true],
    ['A', 'abc', false],
    ['(?i)A', 'abc', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['^b$', 'a\nb\nc', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['\\d{3}', 'a123', true],
    ['\\d', '١', false],
    ['\\w+', 'é', false],
    ['\\p{L}', 'é', true],
    ['^.$', '🙂', true],
    ['[\\x{1F600}-\\x{1F64F}]', '🙂', true],
    ['a|b', 'b', true],
    ['\\.com$', 'mail@fbclient.com', true],
  ])('%j in %j: %s', (source, text, found) => {
    expect(compilePattern(source)?.test(text)).toBe(found);
  });

  it.each([
    ['an open group', '('],
    ['an open class', '['],
    ['nothing to repeat', '*a'],
    ['a trailing backslash', 'a\\'],
    ['an unknown escape', '\\q'],
    ['a bad range', '[z-a]'],
    ['a look-ahead', 'a(?=b)'],
    ['a look-behind', '(?<=a)b'],
    ['a back-reference', '(a)\\1'],
    ['too many repeats', 'a{1001}'],
    ['repeats of repeats', '(a{1000}){1000}'],
    ['a program that is too large', '[a-zA-Z0-9]{1000}(b{1000})'],
    ['too many characters', 'a'.repeat(MAX_PATTERN_LENGTH + 1)],
  ])('with %s cannot be used', (_name, source) => {
    expect(compilePattern(source)).toBeUndefined();
  });

  it('may have as many characters as are allowed', () => {
    expect(compilePattern('a'.repeat(MAX_PATTERN_LENGTH))?.test('a'.repeat(MAX_PATTERN_LENGTH))).toBe(true);
  });
});

describe('a match ends soon, whatever the pattern and the text', () => {
  it.each([
    ['^(a+)+$', 'a', 'b'],
    ['^(a|a)*$', 'a', 'b'],
    ['^(a|aa)+$', 'a', 'b'],
    ['(.*)(.*)(.*)(.*)(.*)x', 'a', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    ['(a?){500}a{500}', 'a', ''],
    ['[^x]{900}y', 'a', ''],
    ['(x+x+)+y', 'x', ''],
  ])('%s', (source, unit, end) => {
    const pattern = compilePattern(source);
    for (const length of [30, 1_000, 30_000, 1_000_000]) {
      const start = performance.now();
      const found = pattern?.test(unit.repeat(length) + end);
      expect(performance.now() - start, `a text of ${length}`).toBeLessThan(LONGEST_MATCH);
      expect(found).not.toBe(true);
    }
  });

  it('because a text that is too long for a pattern is not tried: that is an error, never a match', () => {
    expect(compilePattern('a')?.test('a'.repeat(3_000_000))).toBeInstanceOf(Failure);
    expect(compilePattern('[^x]{900}y')?.test('a'.repeat(10_000))).toBeInstanceOf(Failure);
  });

  it('while everyday patterns work on texts of tens of thousands of characters', () => {
    expect(compilePattern('^[a-z0-9._-]+@[a-z0-9-]+\\.[a-z]+$')?.test(`${'a'.repeat(30_000)}@fbclient.org`)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../src/protocol/decimal.js';

describe('a decimal number', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['7', 7],
    ['+7', 7],
    ['-7', -7],
    ['-0', -0],
    ['007', 7],
    ['1.5', 1.5],
    ['0.1', 0.1],
    ['1.50', 1.5],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1e+3', 1000],
    ['1e-3', 0.001],
    ['-2.5e-2', -0.025],
    ['9007199254740993', 9_007_199_254_740_992],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
    ['1e-400', 0],
    [' 5 ', 5],
    ['\t5\n', 5],
    ['\v\f\r5', 5],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['1.e3', 1000],
  ])('%s is read', (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  it.each([
    '',
    ' ',
    '\u00a05',
    '\u30005',
    '\ufeff5',
    '5\u200b',
    '1 000',
    '- 5',
    '.',
    '+',
    '-',
    '--1',
    '+-1',
    '1e',
    '1e+',
    'e3',
    '1e1.5',
    '0x10',
    '0b1',
    '0o7',
    '1_000',
    '1,000',
    '1.2.3',
    '1n',
    'NaN',
    'Infinity',
    '-Infinity',
    'true',
    'null',
    '1e309',
    '-1e309',
    '١٢٣',
    '１２',
    '½',
    '−1',
  ])('%j is none', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});

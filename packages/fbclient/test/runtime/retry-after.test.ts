import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/runtime/retry-after.js';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('a Retry-After header', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    ['007', 7_000],
    [' 5 ', 5_000],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 12:00:00 GMT', 0],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ])('%j is read', (header, milliseconds) => {
    expect(parseRetryAfter(header, NOW)).toBe(milliseconds);
  });

  it.each(['301', '999999999999999999999', 'Fri, 02 Jan 2026 12:00:00 GMT'])(
    '%j is honoured for five minutes',
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBe(300_000);
    },
  );

  it.each([
    undefined,
    '',
    ' ',
    '-5',
    '+5',
    '1.5',
    '5 s',
    '5s',
    '1e3',
    '0x10',
    'soon',
    'soon 1',
    'NaN',
    '2026-01-01',
    '2026-01-01T12:00:30Z',
    'Thu, 01 Jan 2026 12:00:30',
    'Thu, 01 Jan 2026 12:00:30 CET',
    'Thu, 99 Jan 2026 12:00:30 GMT',
    '5, 10',
  ])('%j says nothing', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });
});

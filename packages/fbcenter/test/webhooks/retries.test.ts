import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, retryAfterIn, waitAfter } from '../../src/webhooks/retries.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;

describe('the wait after an attempt', () => {
  it.each([
    [1, 5_000],
    [2, 30_000],
    [3, 2 * MINUTE],
    [4, 10 * MINUTE],
    [5, 30 * MINUTE],
    [6, 2 * HOUR],
    [7, 6 * HOUR],
    [8, 12 * HOUR],
  ])('the %i. is %i ms, a tenth more or less', (attempts, wait) => {
    expect(waitAfter(attempts, 0.5)).toBe(wait);
    expect(waitAfter(attempts, 0)).toBe(wait * 0.9);
    expect(waitAfter(attempts, 1)).toBe(Math.round(wait * 1.1));
  });

  it('ends after the last attempt, whatever the receiver asks for', () => {
    expect(MAX_ATTEMPTS).toBe(9);
    expect(waitAfter(MAX_ATTEMPTS - 1, 0)).toBeDefined();
    expect(waitAfter(MAX_ATTEMPTS, 0)).toBeUndefined();
    expect(waitAfter(MAX_ATTEMPTS, 0, HOUR)).toBeUndefined();
  });

  it.each([
    [1, 60_000, 60_000],
    [1, 1_000, 5_000],
    [8, 60_000, 12 * HOUR],
    [1, 48 * HOUR, 24 * HOUR],
  ])('after attempt %i of a receiver that asks for %i ms is %i ms', (attempts, asked, expected) => {
    expect(waitAfter(attempts, 0.5, asked)).toBe(expected);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['2026-01-01T00:00:30Z', undefined],
    [undefined, undefined],
  ])('%j asks for %s ms', (header, expected) => {
    expect(retryAfterIn(header, now)).toBe(expected);
  });
});

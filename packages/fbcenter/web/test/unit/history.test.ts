import { describe, expect, it } from 'vitest';
import { historyOf, scaleTop } from '../../src/model/history.js';

const FROM = '2026-01-01T00:00:00.000Z';
const body = (variations: Record<string, readonly number[]>, bucket: 'minute' | 'hour' | 'day' = 'hour') => ({
  bucket,
  from: FROM,
  length: 1_000,
  variations: Object.entries(variations).map(([id, counts]) => ({ id, counts })),
});

describe('evaluations over time', () => {
  it('stand in the order of the flag, with their sums', () => {
    const history = historyOf(body({ gone: [1, 0], off: [0, 0], on: [2, 3] }), ['on', 'off']);
    expect(history.variations).toEqual([
      { id: 'on', counts: [2, 3], total: 5 },
      { id: 'gone', counts: [1, 0], total: 1 },
    ]);
    expect(history).toMatchObject({ totals: [3, 3], total: 6, max: 3 });
    expect(history.times).toEqual([Date.parse(FROM), Date.parse(FROM) + 1_000]);
  });

  it.each<['minute' | 'hour' | 'day', number]>([
    ['minute', 120],
    ['hour', 168],
    ['day', 90],
  ])('by the %s are the latest %d', (bucket, shown) => {
    const counts = Array.from({ length: 400 }, (_, index) => index);
    const { totals, times } = historyOf(body({ on: counts }, bucket), ['on']);
    expect([totals.length, totals.at(-1), times[0]]).toEqual([shown, 399, Date.parse(FROM) + (400 - shown) * 1_000]);
  });

  it('of none are nothing', () => {
    expect(historyOf(body({}), ['on'])).toEqual({ times: [], variations: [], totals: [], total: 0, max: 0 });
  });
});

describe('the top of the scale', () => {
  it.each([
    [0, 4],
    [3, 4],
    [5, 5],
    [9, 10],
    [11, 20],
    [41, 50],
    [100, 100],
    [101, 200],
    [730, 800],
    [950, 1_000],
    [8_400, 10_000],
  ])('of %d is %d', (max, top) => {
    expect(scaleTop(max)).toBe(top);
  });
});

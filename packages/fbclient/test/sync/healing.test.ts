import { describe, expect, it } from 'vitest';
import { fullCame, type HealingTimes, NO_FULL_YET, nextQuestionAt } from '../../src/sync/healing.js';

const NOW = 1_000_000;
const NEVER = Number.POSITIVE_INFINITY;
const TIMES: HealingTimes = { resyncInterval: 60_000, fullResyncInterval: 3_600_000 };
const next = (times: Partial<HealingTimes>, fullDueAt: number, fullTook = 0, random = 0.5): number =>
  nextQuestionAt({ ...TIMES, ...times }, { fullDueAt, fullTook }, NOW, random) - NOW;

describe('the next question on an open stream', () => {
  it.each<[string, Partial<HealingTimes>, number, number]>([
    ['comes after the interval', {}, NEVER, 60_000],
    ['comes earlier when everything is due', {}, NOW + 5_000, 5_000],
    [
      'waits for the interval when everything is overdue, because the last question was not answered',
      {},
      NOW - 1,
      60_000,
    ],
    ['comes for everything alone where the other is off', { resyncInterval: false }, NOW + 700_000, 700_000],
    ['is repeated after a minute where everything is overdue', { resyncInterval: false }, NOW, 60_000],
    [
      'is repeated sooner where everything is asked for more often',
      { resyncInterval: false, fullResyncInterval: 5_000 },
      NOW,
      5_000,
    ],
    ['does not ask for everything where that is off', { fullResyncInterval: false }, NEVER, 60_000],
    ['never comes where both are off', { resyncInterval: false, fullResyncInterval: false }, NEVER, NEVER],
  ])('%s', (_name, times, fullDueAt, wait) => {
    expect(next(times, fullDueAt)).toBe(wait);
  });

  it('is spread: up to an eighth of the interval earlier or later', () => {
    expect(next({}, NEVER, 0, 0)).toBe(52_500);
    expect(next({}, NEVER, 0, 0.999_999_999)).toBeCloseTo(67_500, 0);
  });

  it('is put off when the server answers every question with everything: it takes a twentieth of the time at most', () => {
    expect(next({}, NEVER, 10_000)).toBe(200_000);
    expect(next({}, NEVER, 100)).toBe(60_000);
  });
});

describe('a full message', () => {
  it('puts the next question for everything off by the period, give or take an eighth', () => {
    expect(fullCame(TIMES, NO_FULL_YET, NOW, 0.5).fullDueAt).toBe(NOW + 3_600_000);
    expect(fullCame(TIMES, NO_FULL_YET, NOW, 0).fullDueAt).toBe(NOW + 3_150_000);
  });

  it('is not asked for again where that is off', () => {
    expect(fullCame({ ...TIMES, fullResyncInterval: false }, NO_FULL_YET, NOW, 0.5)).toEqual(NO_FULL_YET);
  });
});

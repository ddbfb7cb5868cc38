import { describe, expect, it } from 'vitest';
import { fullCame, type HealingTimes, NO_FULL_YET, nextQuestion, nextQuestionAt } from '../../src/sync/healing.js';

const NOW = 1_000_000;
const NEVER = Number.POSITIVE_INFINITY;
const TIMES: HealingTimes = { resyncInterval: 60_000, fullResyncInterval: 3_600_000 };
const next = (times: Partial<HealingTimes>, fullDueAt: number, fullTook = 0, random = 0.5): number =>
  nextQuestionAt({ ...TIMES, ...times }, { ...NO_FULL_YET, fullDueAt, fullTook }, NOW, random) - NOW;

describe('the next question on an open stream', () => {
  it.each<[string, Partial<HealingTimes>, number, number]>([
    ['comes after the interval', {}, NEVER, 60_000],
    ['comes earlier when everything is due', {}, NOW + 5_000, 5_000],
    ['comes at once when everything is overdue', {}, NOW - 1, -1],
    ['comes for everything alone where the other is off', { resyncInterval: false }, NOW + 700_000, 700_000],
    ['does not ask for everything where that is off', { fullResyncInterval: false }, NEVER, 60_000],
    ['never comes where both are off', { resyncInterval: false, fullResyncInterval: false }, NEVER, NEVER],
  ])('%s', (_name, times, fullDueAt, wait) => {
    expect(next(times, fullDueAt)).toBe(Math.max(wait, 0));
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

describe('a question', () => {
  /** What a server is asked that answers only what is asked from the cursor 5: from where, and after how many minutes. */
  function asked(fullResyncInterval: number, questions: number): readonly (readonly [number, number])[] {
    const times = { ...TIMES, fullResyncInterval };
    let memory = { ...NO_FULL_YET, fullDueAt: NOW };
    let now = NOW;
    return Array.from({ length: questions }, () => {
      const { from, healing } = nextQuestion(times, memory, now, 5);
      memory = healing;
      const entry = [from, (now - NOW) / 60_000] as const;
      now += 60_000;
      return entry;
    });
  }

  it('for everything that is not answered comes again ever later, and what is newer is asked for meanwhile', () => {
    const everything = asked(3_600_000, 200).filter(([from]) => from === 0);
    expect(everything.map(([, minute]) => minute)).toEqual([0, 10, 30, 70, 130, 190]);
  });

  it('for everything is never the next one after one that is not answered, however short the period', () => {
    expect(asked(20_000, 6).map(([from]) => from)).toEqual([0, 5, 0, 5, 0, 5]);
  });

  it('is for what is newer where the other is off', () => {
    const times = { ...TIMES, fullResyncInterval: false as const };
    expect(nextQuestion(times, NO_FULL_YET, NOW, 5)).toEqual({ from: 5, healing: NO_FULL_YET });
  });
});

describe('a full message', () => {
  it('ends the row of questions for everything that were not answered', () => {
    const { healing } = nextQuestion(TIMES, { ...NO_FULL_YET, fullDueAt: NOW, fullsAsked: 3 }, NOW, 5);
    expect(healing).toMatchObject({ fullsAsked: 4, awaitsFull: true });
    expect(fullCame(TIMES, healing, NOW, 0.5)).toMatchObject({ fullsAsked: 0, awaitsFull: false });
  });

  it('puts the next question for everything off by the period, give or take an eighth', () => {
    expect(fullCame(TIMES, NO_FULL_YET, NOW, 0.5).fullDueAt).toBe(NOW + 3_600_000);
    expect(fullCame(TIMES, NO_FULL_YET, NOW, 0).fullDueAt).toBe(NOW + 3_150_000);
  });

  it('is not asked for again where that is off', () => {
    expect(fullCame({ ...TIMES, fullResyncInterval: false }, NO_FULL_YET, NOW, 0.5)).toEqual(NO_FULL_YET);
  });
});

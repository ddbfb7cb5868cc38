import { describe, expect, it } from 'vitest';
import {
  answeredIn,
  answerLimit,
  connectLimit,
  FIRST_PATIENCE,
  oneMoreLate,
  silenceLimit,
} from '../../src/sync/patience.js';

const late = (times: number) => ({ late: times, took: 0 });

describe('patience with a server', () => {
  it.each([
    [0, 60_000, 300_000, 10_000],
    [1, 120_000, 600_000, 20_000],
    [2, 240_000, 1_200_000, 30_000],
    [3, 300_000, 1_800_000, 30_000],
    [1_000, 300_000, 1_800_000, 30_000],
  ])('after %d late answers in a row: silence, answer, connection', (times, silence, answer, connection) => {
    expect(silenceLimit(late(times))).toBe(silence);
    expect(answerLimit(late(times))).toBe(answer);
    expect(connectLimit(late(times), 10_000)).toBe(connection);
  });

  it.each([
    [100, 60_000, 300_000],
    [27_000, 81_000, 300_000],
    [90_000, 270_000, 300_000],
    [200_000, 300_000, 600_000],
    [3_600_000, 300_000, 1_800_000],
  ])('with one that needed %d ms before: silence, answer', (took, silence, answer) => {
    expect(silenceLimit(answeredIn(took))).toBe(silence);
    expect(answerLimit(answeredIn(took))).toBe(answer);
  });

  it('is as at first once an answer came in time', () => {
    const tried = oneMoreLate(oneMoreLate(FIRST_PATIENCE));
    expect(tried).toEqual(late(2));
    expect(answeredIn(0)).toEqual(FIRST_PATIENCE);
  });
});

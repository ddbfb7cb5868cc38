import { describe, expect, it } from 'vitest';
import {
  answeredIn,
  answerLimit,
  connectLimit,
  FIRST_PATIENCE,
  oneMoreLate,
  oneMoreSlow,
  openedInTime,
  silenceLimit,
} from '../../src/sync/patience.js';

const late = (times: number) => ({ ...FIRST_PATIENCE, late: times });
const slow = (times: number) => ({ ...FIRST_PATIENCE, slow: times });

describe('patience with a server', () => {
  it.each([
    [0, 60_000, 300_000],
    [1, 120_000, 600_000],
    [2, 240_000, 1_200_000],
    [3, 300_000, 1_800_000],
    [1_000, 300_000, 1_800_000],
  ])('after %d late answers in a row: silence, answer', (times, silence, answer) => {
    expect(silenceLimit(late(times))).toBe(silence);
    expect(answerLimit(late(times))).toBe(answer);
    // A server that answers late accepts connections as before.
    expect(connectLimit(late(times), 10_000)).toBe(10_000);
  });

  it.each([
    [0, 10_000],
    [1, 20_000],
    [2, 30_000],
    [1_000, 30_000],
  ])('after %d sockets in a row that were slow to open: connection', (times, connection) => {
    expect(connectLimit(slow(times), 10_000)).toBe(connection);
    // That says nothing of answers.
    expect([silenceLimit(slow(times)), answerLimit(slow(times))]).toEqual([60_000, 300_000]);
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
    expect(oneMoreSlow(oneMoreSlow(FIRST_PATIENCE))).toEqual(slow(2));
    expect(openedInTime({ ...tried, slow: 2 })).toEqual(tried);
  });
});

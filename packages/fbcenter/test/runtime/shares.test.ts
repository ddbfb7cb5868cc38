import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inShares } from '../../src/runtime/shares.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const members = (count: number) => Array.from({ length: count }, (_, index) => index);

/** How many were ended at which time. */
async function endedOf(count: number, time: number): Promise<readonly (readonly [at: number, count: number])[]> {
  const ended = new Map<number, number>();
  const begun = Date.now();
  const done = inShares(members(count), time, () => {
    const at = Date.now() - begun;
    ended.set(at, (ended.get(at) ?? 0) + 1);
  });
  await vi.runAllTimersAsync();
  await done;
  return [...ended];
}

describe('members that are ended in shares', () => {
  it.each([
    [0, 1_000, []],
    [1, 1_000, [[0, 1]]],
    // Few are no crowd.
    [50, 1_000, [[0, 50]]],
    [
      51,
      1_000,
      [
        [0, 50],
        [100, 1],
      ],
    ],
    // Without time all at once.
    [500, 0, [[0, 500]]],
    [500, 99, [[0, 500]]],
    [
      1_000,
      500,
      [
        [0, 200],
        [100, 200],
        [200, 200],
        [300, 200],
        [400, 200],
      ],
    ],
  ])('%i over %i ms go as %j', async (count, time, expected) => {
    expect(await endedOf(count, time)).toEqual(expected);
  });

  it('are ended each once, in their order, within the time', async () => {
    const ended: number[] = [];
    const done = inShares(members(12_345), 3_000, (member) => ended.push(member));
    await vi.advanceTimersByTimeAsync(3_000);
    await done;
    expect(ended).toEqual(members(12_345));
  });
});

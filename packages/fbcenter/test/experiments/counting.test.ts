import { describe, expect, it, vi } from 'vitest';
import { countingOf, isOpenAt } from '../../src/experiments/counting/counting.js';
import {
  exposed,
  IN_EXCLUDED_SEGMENT,
  measured,
  type Participant,
  SEVERAL,
  TARGETED,
  totalsOf,
} from '../../src/experiments/counting/participant.js';
import { emptySums, RunningSums } from '../../src/experiments/counting/sums.js';
import { aMetric, anIteration, aPlan } from '../support/experiments.js';

const counting = countingOf(
  anIteration(
    0,
    aPlan([aMetric({ type: 'sum' }), aMetric({ key: 'n', type: 'count' }), aMetric({ key: 'c', event: 'click' })]),
  ),
);
const user = (variation: number, firstAt = 10, totals: readonly number[] = [5, 1, 0]): Participant => ({
  variation,
  firstAt,
  totals: variation < 0 ? [] : totals,
});
/** Two purchases, at 8 and at 12. */
const log = (event: string, from: number, until: number) =>
  [
    { event: 'purchase', at: 8, value: 3 },
    { event: 'purchase', at: 12, value: 5 },
  ].filter((one) => one.event === event && one.at >= from && one.at < until);

describe('a user after an exposure', () => {
  it.each<[string, Participant | undefined, number, number, Participant]>([
    ['who was not known', undefined, 0, 10, user(0)],
    ['who was not known, earlier', undefined, 1, 7, user(1, 7, [8, 2, 0])],
    ['who was not known, and is a target', undefined, TARGETED, 7, user(TARGETED, 7)],
    ['later, with the same variation', user(0), 0, 11, user(0)],
    ['at the same time', user(0), 0, 10, user(0)],
    ['earlier, with the same variation', user(0), 0, 8, user(0, 8, [8, 2, 0])],
    ['with another variation', user(0), 1, 11, user(SEVERAL)],
    ['earlier, with another variation', user(0), 1, 3, user(SEVERAL, 3)],
    ['who was seen with several', user(SEVERAL), 0, 3, user(SEVERAL)],
    ['who was seen with several, and is a target', user(SEVERAL), TARGETED, 3, user(TARGETED, 3)],
    ['who is a target now', user(0), TARGETED, 12, user(TARGETED)],
    ['who is in the excluded segment now', user(1), IN_EXCLUDED_SEGMENT, 12, user(IN_EXCLUDED_SEGMENT)],
    ['who was a target', user(TARGETED), 0, 3, user(TARGETED)],
    ['who was in the excluded segment', user(IN_EXCLUDED_SEGMENT), 0, 3, user(IN_EXCLUDED_SEGMENT)],
  ])('%s', (_, before, variation, at, after) => {
    expect(exposed(counting, before, { variation, at }, log)).toEqual(after);
  });

  it('is the same object when nothing changes, and nothing is read', () => {
    const before = user(0);
    const reading = vi.fn(log);
    expect(exposed(counting, before, { variation: 0, at: 11 }, reading)).toBe(before);
    expect(reading).not.toHaveBeenCalled();
  });

  it('has its events read once for all metrics that count them', () => {
    const reading = vi.fn(log);
    expect(totalsOf(counting, 8, reading)).toEqual([8, 2, 0]);
    expect(reading.mock.calls.map(([event]) => event)).toEqual(['purchase', 'click']);
  });
});

describe('a user after an event', () => {
  it.each<[string, Participant, string, number, readonly number[] | 'unchanged']>([
    ['after the exposure', user(0), 'purchase', 11, [7, 2, 0]],
    ['at the exposure', user(0), 'purchase', 10, [7, 2, 0]],
    ['before the exposure', user(0), 'purchase', 9, 'unchanged'],
    ['of another metric', user(0), 'click', 11, [5, 1, 1]],
    ['of no metric', user(0), 'other', 11, 'unchanged'],
    ['who was seen with several variations', user(SEVERAL), 'purchase', 11, 'unchanged'],
    ['who is a target', user(TARGETED), 'purchase', 11, 'unchanged'],
  ])('%s', (_, before, event, at, totals) => {
    const after = measured(counting, before, { event, at, value: 2 });
    if (totals === 'unchanged') expect(after).toBe(before);
    else expect(after).toEqual({ ...before, totals });
  });
});

describe('an iteration is open', () => {
  const iteration = {
    start: 10,
    end: 50,
    pauses: [
      { from: 20, to: 30 },
      { from: 40, to: null },
    ],
  };
  it.each([
    [9, false],
    [10, true],
    [19, true],
    [20, false],
    [29, false],
    [30, true],
    [39, true],
    [40, false],
    [50, false],
  ])('at %i: %s', (at, isOpen) => {
    expect(isOpenAt(iteration, at)).toBe(isOpen);
  });

  it('without an end, for ever', () => {
    expect(isOpenAt({ start: 10, end: null, pauses: [] }, Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});

describe('running sums', () => {
  const sumsAfter = (...changes: readonly (readonly [Participant | undefined, Participant])[]) => {
    const sums = new RunningSums(counting);
    for (const [before, after] of changes) sums.replace(before, after);
    return sums.build();
  };

  it('of nobody are empty', () => {
    expect(sumsAfter()).toEqual(emptySums(counting));
  });

  it('move with a user', () => {
    const sums = sumsAfter([undefined, user(0)], [undefined, user(0, 10, [0, 0, 0])], [user(0), user(1)]);
    expect(sums.variations.map(({ users, metrics }) => [users, metrics[0]?.sum, metrics[0]?.nonzero])).toEqual([
      [1, 0, 0],
      [1, 5, 1],
    ]);
  });

  it('count who is left out, by the reason', () => {
    const changes = [SEVERAL, TARGETED, TARGETED, IN_EXCLUDED_SEGMENT].map(
      (reason) => [undefined, user(reason)] as const,
    );
    expect(sumsAfter(...changes).excluded).toEqual({ several: 1, targeted: 2, segment: 1 });
    expect(sumsAfter([undefined, user(SEVERAL)], [user(SEVERAL), user(TARGETED)]).excluded).toEqual({
      several: 0,
      targeted: 1,
      segment: 0,
    });
  });

  it('keep twice the digits of a number, and go on with them', () => {
    const first = new RunningSums(counting);
    first.replace(undefined, user(0, 10, [0.1, 1, 0]));
    first.replace(undefined, user(0, 10, [1e12, 1, 0]));
    const second = new RunningSums(counting, first.build());
    second.replace(user(0, 10, [1e12, 1, 0]), user(SEVERAL));
    expect(second.build().variations[0]?.metrics[0]).toMatchObject({ sum: 0.1, sumSquares: 0.1 * 0.1, nonzero: 1 });
  });

  it('note the newest event, and what counts for nothing', () => {
    const sums = new RunningSums(counting);
    for (const at of [5, 9, 7]) sums.saw(at);
    for (const late of [1, 1]) sums.leaveOut({ late, oversized: 3, undeclared: 4 });
    sums.replayed();
    expect(sums.build()).toMatchObject({ newest: 9, late: 2, replays: 1, oversized: 6, undeclared: 8 });
  });
});

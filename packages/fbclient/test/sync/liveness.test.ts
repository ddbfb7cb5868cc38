import { describe, expect, it } from 'vitest';
import {
  type End,
  endedAfterIdle,
  firstPings,
  heard,
  type IdleCuts,
  NO_IDLE_CUTS,
  pinged,
  ponged,
  silentAt,
} from '../../src/sync/liveness.js';

const INTERVAL = 15_000;

describe('the pings of a connection', () => {
  it('make it silent an interval after the first ping since which nothing was heard', () => {
    const quiet = pinged(pinged(heard(firstPings(0), 0), 10, INTERVAL), 700, INTERVAL);
    expect(silentAt(quiet, INTERVAL)).toBe(10 + INTERVAL);
    expect(quiet).toMatchObject({ sent: 2, answered: 0, dueAt: 700 + INTERVAL });
  });

  it('do not while anything is heard, whatever it is', () => {
    for (const sign of [heard, ponged]) {
      const alive = sign(pinged(firstPings(0), 10, INTERVAL), 20);
      expect(silentAt(alive, INTERVAL)).toBe(Number.POSITIVE_INFINITY);
      expect(alive).toMatchObject({ heardAt: 20, survived: 20 });
      expect(sign(alive, 25).survived).toBe(20);
      expect(silentAt(pinged(alive, 30, INTERVAL), INTERVAL)).toBe(30 + INTERVAL);
    }
  });

  it('are answered by as many pongs as were asked for, and no more', () => {
    const answered = ponged(ponged(pinged(firstPings(0), 1, INTERVAL), 2), 3);
    expect(answered.answered).toBe(1);
    expect(ponged(pinged(answered, 4, INTERVAL), 5).answered).toBe(2);
  });
});

describe('connections that end', () => {
  const ended = (idle: number, survived = 0, lived = idle): End => ({ idle, survived, lived });
  const learn = (cuts: IdleCuts, interval: number, ...ends: readonly End[]): IdleCuts =>
    ends.reduce((learnt, end) => endedAfterIdle(learnt, end, interval), cuts);
  const after = (...idle: readonly number[]): IdleCuts =>
    learn(NO_IDLE_CUTS, INTERVAL, ...idle.map((one) => ended(one)));
  /** What a proxy that cuts after ten seconds has taught. */
  const TAUGHT = after(10_000, 10_000, 10_000);

  it.each<[string, readonly number[], number | undefined]>([
    ['three times after the same idle time', [10_000, 10_000, 10_000], 5_000],
    ['nearly the same, and the shortest counts', [10_000, 10_900, 9_950], 4_975],
    ['after a short one', [3_000, 3_200, 3_100], 1_550],
    ['twice', [10_000, 10_000], undefined],
    ['after different times', [10_000, 4_000, 10_000], undefined],
    ['three times, but not in a row', [10_000, 10_000, 2_000, 10_000], undefined],
    ['at once, which has another cause', [100, 100, 100, 100], undefined],
    ['soon, which a server does that crashes on data', [700, 700, 700, 2_900, 2_900, 2_900], undefined],
    ['after more than a ping interval, which pings would have ended', [16_000, 16_000, 16_000], undefined],
  ])('%s', (_name, idle, interval) => {
    expect(after(...idle).interval).toBe(interval);
  });

  it('after the same age are no idle cut: they were idle for as long before', () => {
    // A load balancer that ends connections after 55 s, and pings each 15 s.
    const ends = Array.from({ length: 6 }, () => ended(10_000, 15_000, 55_000));
    expect(learn(NO_IDLE_CUTS, INTERVAL, ...ends)).toEqual(NO_IDLE_CUTS);
    // In between they end a row.
    expect(learn(after(10_000, 10_000), INTERVAL, ended(10_000, 15_000), ended(10_000)).interval).toBeUndefined();
  });

  it('are pinged more often still when that was not enough', () => {
    expect(learn(TAUGHT, 5_000, ended(4_000), ended(4_000), ended(4_000)).interval).toBe(2_000);
  });

  it.each<[string, readonly End[], number | undefined]>([
    ['once', [ended(3)], 5_000],
    ['twice soon', [ended(3, 5_000, 8_000), ended(3, 5_000, 8_000)], 5_000],
    ['three times soon: the pings do not help', Array.from({ length: 3 }, () => ended(3, 5_000, 99_000)), undefined],
    ['late, which the pings have made possible', Array.from({ length: 9 }, () => ended(3, 5_000, 100_000)), 5_000],
    [
      'soon, but not in a row',
      [ended(3, 5_000, 8_000), ended(3, 5_000, 8_000), ended(3, 5_000, 100_000), ended(3, 5_000, 8_000)],
      5_000,
    ],
  ])('for another reason later, %s, are pinged as before or as was learnt', (_name, ends, interval) => {
    expect(learn(TAUGHT, 5_000, ...ends).interval).toBe(interval);
  });
});

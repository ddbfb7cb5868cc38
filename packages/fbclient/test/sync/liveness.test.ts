import { describe, expect, it } from 'vitest';
import {
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
      expect(alive.heardAt).toBe(20);
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
  const after = (...idle: readonly number[]): IdleCuts =>
    idle.reduce((cuts, one) => endedAfterIdle(cuts, one, INTERVAL), NO_IDLE_CUTS);

  it.each<[string, readonly number[], number | undefined]>([
    ['three times after the same idle time', [10_000, 10_000, 10_000], 5_000],
    ['nearly the same, and the shortest counts', [10_000, 10_900, 9_950], 4_975],
    ['after a short one, within the least tolerance', [600, 750, 590], 295],
    ['twice', [10_000, 10_000], undefined],
    ['after different times', [10_000, 4_000, 10_000], undefined],
    ['three times, but not in a row', [10_000, 10_000, 2_000, 10_000], undefined],
    ['at once, which has another cause', [100, 100, 100, 100], undefined],
    ['after more than a ping interval, which pings would have ended', [16_000, 16_000, 16_000], undefined],
  ])('%s', (_name, idle, interval) => {
    expect(after(...idle).interval).toBe(interval);
  });

  it('are pinged more often still when that was not enough', () => {
    const once = after(10_000, 10_000, 10_000);
    const twice = [4_000, 4_000, 4_000].reduce((cuts, idle) => endedAfterIdle(cuts, idle, 5_000), once);
    expect(twice.interval).toBe(2_000);
  });

  it('for another reason later do not change what was learnt', () => {
    const once = after(10_000, 10_000, 10_000);
    expect(endedAfterIdle(once, 3, 5_000).interval).toBe(5_000);
  });
});

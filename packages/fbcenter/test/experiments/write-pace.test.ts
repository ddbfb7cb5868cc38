import { describe, expect, it } from 'vitest';
import { WritePace } from '../../src/experiments/intake/write-pace.js';

/** A pace on a clock that only moves while somebody waits, and what was waited for. */
function paceOn(time = { at: 1_000 }) {
  const waits: number[] = [];
  const pace = new WritePace({
    now: () => time.at,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      time.at += milliseconds;
    },
  });
  return { pace, waits, time };
}

describe('the pace of writes', () => {
  it.each<[when: string, after: number, wait: number]>([
    ['at once after another', 0, 4],
    ['a moment after another', 1, 3],
    ['just before the gap is over', 3.75, 0.25],
    ['when the gap is over', 4, 0],
    ['after a rest', 60_000, 0],
  ])('lets one begin %s, and no sooner than the gap after it', async (_, after, wait) => {
    const { pace, waits, time } = paceOn();
    pace.ended();
    time.at += after;
    await pace.next();
    expect(waits).toEqual([wait]);
  });

  it('keeps the first one waiting for nothing', async () => {
    const { pace, waits } = paceOn();
    await pace.next();
    expect(waits).toEqual([0]);
  });

  it('counts the gap from the end of the last one, however long that took', async () => {
    const { pace, waits, time } = paceOn();
    for (const took of [1, 30]) {
      await pace.next();
      time.at += took;
      pace.ended();
    }
    await pace.next();
    expect(waits).toEqual([0, 4, 4]);
  });

  it('lets nobody begin in the same turn of the event loop', async () => {
    const order: string[] = [];
    const begun = new WritePace().next().then(() => order.push('begun'));
    await Promise.resolve();
    setImmediate(() => order.push('another turn'));
    order.push('this turn');
    await begun;
    expect(order).toEqual(['this turn', 'begun']);
  });
});

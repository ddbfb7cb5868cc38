import { describe, expect, it } from 'vitest';
import { LastUses } from '../../src/access/last-uses.js';
import { isOver, SESSION_TIMES } from '../../src/access/session-times.js';
import { FakeClock } from '../support/fake-clock.js';

describe('the last use of a credential', () => {
  it('is written once a minute, for each by itself', () => {
    const clock = new FakeClock(0);
    const written: [string, number][] = [];
    const uses = new LastUses({ used: async (times) => void written.push(...times) }, clock);
    for (const [time, id] of [
      [0, 'a'],
      [30_000, 'a'],
      [30_000, 'b'],
      [59_999, 'a'],
      [60_000, 'a'],
      // A clock that is set back is another time.
      [-1, 'a'],
    ] as const) {
      clock.time = time;
      uses.note(id);
    }
    expect(written).toEqual([
      ['a', 0],
      ['b', 30_000],
      ['a', 60_000],
      ['a', -1],
    ]);
  });

  it('that could not be written is written with the next use', async () => {
    let fails = true;
    const written: string[] = [];
    const used = async (times: ReadonlyMap<string, number>) => {
      if (fails) throw new Error('on purpose');
      written.push(...times.keys());
    };
    const uses = new LastUses({ used }, new FakeClock());
    uses.note('a');
    await Promise.resolve();
    await Promise.resolve();
    fails = false;
    uses.note('a');
    uses.note('a');
    expect(written).toEqual(['a']);
  });

  it('is remembered for some thousands only', () => {
    const written: string[] = [];
    const uses = new LastUses({ used: async (times) => void written.push(...times.keys()) }, new FakeClock());
    for (let index = 0; index < 20_001; index++) uses.note(`id-${index}`);
    uses.note('id-20000');
    uses.note('id-0');
    expect(written).toHaveLength(20_002);
    expect(written.at(-1)).toBe('id-0');
  });
});

describe('a session', () => {
  const session = { id: 's', userId: 'u', agent: '', createdAt: 1_000, lastUsedAt: 5_000 };
  it.each([
    [5_000, false],
    [5_000 + SESSION_TIMES.idle - 1, false],
    [5_000 + SESSION_TIMES.idle, true],
    // A clock that is set back ends nothing.
    [0, false],
  ])('at %d is over: %s', (now, expected) => {
    expect(isOver(session, now)).toBe(expected);
  });

  it('is over at its absolute end, however lately it was used', () => {
    const used = { ...session, lastUsedAt: 1_000 + SESSION_TIMES.absolute };
    expect([isOver(used, 999 + SESSION_TIMES.absolute), isOver(used, 1_000 + SESSION_TIMES.absolute)]).toEqual([
      false,
      true,
    ]);
  });
});

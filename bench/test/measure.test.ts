import { describe, expect, it } from 'vitest';
import { loopOver, timeOf } from '../src/measure/loops.js';
import { inTurns } from '../src/measure/rounds.js';
import { medians } from '../src/measure/statistics.js';

describe.each([
  ['a loop', false],
  ['a loop that awaits', true],
])('%s', (_, isAsync) => {
  const asked: string[] = [];
  const ask = (item: string): string | Promise<string> => {
    asked.push(item);
    return isAsync ? Promise.resolve(item.toUpperCase()) : item.toUpperCase();
  };

  it('goes on with the items where its last run has ended, and counts the right values', async () => {
    const loop = loopOver(isAsync, ['a', 'b', 'c'], ['A', 'other', 'C'], ask);
    expect([await loop(2), await loop(3)]).toEqual([1, 2]);
    expect(asked).toEqual(['a', 'b', 'c', 'a', 'b']);
  });

  it('is not measured with wrong values', async () => {
    const loop = loopOver(isAsync, ['a'], ['other'], ask);
    await expect(timeOf(loop, { warmUp: 0, stretch: 1 })).rejects.toThrow('1 of 1 values were wrong');
  });
});

describe('what is measured', () => {
  /** Takes so much CPU time, in microseconds. */
  const busy = (time: number): void => {
    const used = (): number => {
      const { user, system } = process.cpuUsage();
      return user + system;
    };
    for (const end = used() + time; used() < end; );
  };

  it('is one operation at the least, and no more where that takes longer than the stretch', async () => {
    let runs = 0;
    const loop = loopOver(false, [5_000], [undefined], (time) => {
      runs += 1;
      busy(time);
    });
    expect(await timeOf(loop, { warmUp: 0, stretch: 1 })).toBeGreaterThanOrEqual(5e6);
    // Once to find out how long it takes.
    expect(runs).toBe(2);
  });

  it('has every operation in it, so that what is dear now and then counts by its part', async () => {
    const times = Array.from({ length: 10 }, (_, index) => (index === 9 ? 1_000 : 100));
    const time = await timeOf(
      loopOver(
        false,
        times,
        times.map(() => undefined),
        busy,
      ),
      { warmUp: 0, stretch: 100 },
    );
    expect(time).toBeGreaterThanOrEqual(180e3);
  });
});

it('contestants take turns, each round beginning with another', async () => {
  const turns: string[] = [];
  const results = await inTurns(['a', 'b', 'c'], 4, async (name) => turns.push(name));
  expect(turns.join('')).toBe('abcbcacababc');
  expect([...results]).toEqual([
    ['a', [1, 6, 8, 10]],
    ['b', [2, 4, 9, 11]],
    ['c', [3, 5, 7, 12]],
  ]);
});

it('the middle is taken of each figure by itself', () => {
  const all = [
    { cpu: 1, bytes: 30 },
    { cpu: 3, bytes: 10 },
    { cpu: 2, bytes: 20 },
  ];
  expect(medians(all)).toEqual({ cpu: 2, bytes: 20 });
});

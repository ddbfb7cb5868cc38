import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempts, remember } from '../../src/access/attempts.js';
import { check } from '../support/property.js';

const WINDOW = 60_000;

describe('attempts', () => {
  it('are counted by key, each in a window that begins with the first one', () => {
    const attempts = new Attempts(WINDOW, 10);
    expect([attempts.add('a', 0), attempts.add('a', 1_000), attempts.add('b', 30_000)]).toEqual([1, 2, 1]);
    expect([attempts.count('a', WINDOW - 1), attempts.count('b', WINDOW - 1), attempts.count('c', 0)]).toEqual([
      2, 1, 0,
    ]);
    expect([attempts.count('a', WINDOW), attempts.count('b', WINDOW)]).toEqual([0, 1]);
    expect(attempts.add('a', WINDOW)).toBe(1);
  });

  it.each([
    [0, 60],
    [1, 60],
    [999, 60],
    [1_000, 59],
    [59_000, 1],
    [59_999, 1],
    [60_000, 60],
  ])('after %i ms are over in so many seconds: %i', (now, seconds) => {
    const attempts = new Attempts(WINDOW, 10);
    attempts.add('a', 0);
    expect(attempts.secondsLeft('a', now)).toBe(seconds);
  });

  it('that are forgiven do not count, and none is forgiven twice', () => {
    const attempts = new Attempts(WINDOW, 10);
    attempts.add('a', 0);
    attempts.add('a', 0);
    attempts.forgive('a', 0);
    expect(attempts.count('a', 0)).toBe(1);
    for (let index = 0; index < 3; index++) attempts.forgive('a', 0);
    attempts.forgive('nobody', 0);
    expect([attempts.count('a', 0), attempts.count('nobody', 0)]).toEqual([0, 0]);
    attempts.add('a', 0);
    attempts.forgive('a', WINDOW);
    expect(attempts.count('a', WINDOW)).toBe(0);
  });

  it('are forgotten of the oldest keys where there are too many; who comes again is new', () => {
    const attempts = new Attempts(WINDOW, 3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) attempts.add(key, 0);
    expect(['a', 'b', 'c', 'd'].map((key) => attempts.count(key, 0))).toEqual([2, 0, 1, 1]);
  });

  it('are as many as there were within the window, and never of more keys than are remembered', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      after: fc.integer({ min: 0, max: 40_000 }),
      isForgiven: fc.boolean(),
    });
    return check(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
        const attempts = new Attempts(WINDOW, most);
        // The same by hand: in the order in which keys came last.
        let model: { key: string; since: number; count: number }[] = [];
        let now = 0;
        for (const { key, after, isForgiven } of steps) {
          now += after;
          const known = model.find((one) => one.key === key && now - one.since < WINDOW);
          if (isForgiven) {
            attempts.forgive(key, now);
            if (known !== undefined && known.count > 0) known.count -= 1;
          } else {
            const window = known ?? { key, since: now, count: 0 };
            window.count += 1;
            model = [...model.filter((one) => one.key !== key), window].slice(-most);
            expect(attempts.add(key, now)).toBe(window.count);
          }
          for (const name of ['a', 'b', 'c', 'd', 'e']) {
            const found = model.find((one) => one.key === name && now - one.since < WINDOW);
            // What is over is forgotten at once when it is asked for, which makes room for nobody else here.
            expect(attempts.count(name, now)).toBe(found?.count ?? 0);
          }
          model = model.filter((one) => now - one.since < WINDOW);
        }
      }),
      100,
    );
  });
});

describe('a map that remembers some', () => {
  it.each<[string, string, number, string]>([
    ['has them all while there is room', 'abc', 3, 'a b c'],
    ['loses the oldest', 'abcd', 3, 'b c d'],
    ['has who comes again as the newest', 'abcad', 3, 'c a d'],
    ['may have one', 'abc', 1, 'c'],
  ])('%s', (_, keys, most, left) => {
    const map = new Map<string, number>();
    for (const [index, key] of [...keys].entries()) remember(map, key, index, most);
    expect([...map.keys()].join(' ')).toBe(left);
  });
});

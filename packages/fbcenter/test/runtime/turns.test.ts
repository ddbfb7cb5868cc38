import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../src/runtime/turns.js';

let now = 0;

beforeEach(async () => {
  // What a test before this one has begun is over.
  await setImmediate();
  await setImmediate();
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});

/** Work of steps that take a while each; notes each step with the turn of the event loop that it was in. */
async function work(steps: number, duration: number, note: () => void): Promise<void> {
  const turns = new Turns();
  for (let step = 0; step < steps; step++) {
    now += duration;
    note();
    if (turns.isDue) await turns.next();
  }
}

/** Counts the turns of the event loop until work is done, and how long the longest was. */
async function watched(works: readonly Promise<void>[]): Promise<{ readonly turns: number; readonly longest: number }> {
  let isOver = false;
  void Promise.all(works).then(() => {
    isOver = true;
  });
  let [turns, longest, begin] = [0, 0, now];
  while (!isOver) {
    await setImmediate();
    turns += 1;
    longest = Math.max(longest, now - begin);
    begin = now;
  }
  return { turns, longest };
}

describe('work in turns of the event loop', () => {
  it.each<[string, number, number, number]>([
    ['short work', 1, 4, 1],
    ['long work', 1, 50, 1],
    ['work whose steps are long', 3, 4, 20],
    ['a hundred pieces of long work', 100, 50, 1],
    ['a hundred pieces of short work', 100, 3, 1],
  ])('holds it for a slice at a time and one step of each that comes: %s', async (_, howMany, steps, duration) => {
    const works = Array.from({ length: howMany }, () => work(steps, duration, () => {}));
    // Each that begins takes a step before it asks.
    const first = now;
    expect(first).toBeLessThanOrEqual(5 + howMany * duration);
    const { longest } = await watched(works);
    // One slice is ended by the step that is too long for it.
    expect(longest).toBeLessThanOrEqual(4 + duration);
    expect(now).toBe(howMany * steps * duration);
  });

  it('gets its turns in the order in which it came, however many slices it needs', async () => {
    const order: string[] = [];
    await Promise.all(['a', 'b', 'c'].map((name) => work(3, 5, () => order.push(name))));
    expect(order.join('')).toBe('abcabcabc');
  });

  it('is due once five milliseconds are used up, and not again before another five', async () => {
    const turns = new Turns();
    expect(turns.isDue).toBe(false);
    now += 4;
    expect(turns.isDue).toBe(false);
    now += 1;
    expect(turns.isDue).toBe(true);
    await turns.next();
    expect(turns.isDue).toBe(false);
    now += 5;
    expect(turns.isDue).toBe(true);
  });

  it('lets others run', async () => {
    const others = setImmediate('others');
    expect(await Promise.race([others, new Turns().next()])).toBe('others');
  });

  it('that is alone goes on as long as its slice lasts, and needs no turn for what fits in', async () => {
    const { turns } = await watched([work(4, 1, () => {})]);
    expect(turns).toBe(1);
  });

  it('ends at its next turn once nobody needs it, and the others go on', async () => {
    let isGone = false;
    let steps = 0;
    const abandoned = (async () => {
      const turns = new Turns(() => isGone);
      for (;;) {
        steps += 1;
        now += 5;
        if (turns.isDue) await turns.next();
      }
    })();
    const other = work(10, 5, () => {});
    await setImmediate();
    isGone = true;
    await expect(abandoned).rejects.toMatchObject({ statusCode: 408 });
    const before = steps;
    await other;
    expect(steps).toBe(before);
  });
});

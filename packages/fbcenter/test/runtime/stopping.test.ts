import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { once } from '../../src/runtime/once.js';
import { Stopping } from '../../src/runtime/stopping.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a stop', () => {
  it('is announced at once, waits, and then ends what goes on, each with the time that it has', async () => {
    const stopping = new Stopping();
    const ended: string[] = [];
    stopping.add(async (time) => void ended.push(`first ${time}`));
    stopping.add(async (time) => void ended.push(`second ${time}`));
    expect(stopping.isAnnounced).toBe(false);
    const run = stopping.run({ delay: 1_000, time: 300 });
    expect(stopping.isAnnounced).toBe(true);
    await vi.advanceTimersByTimeAsync(999);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual(['first 300', 'second 300']);
    await run;
  });

  it('waits for nothing when it is not to', async () => {
    const stopping = new Stopping();
    let isEnded = false;
    stopping.add(async () => {
      isEnded = true;
    });
    await stopping.run({ delay: 0, time: 0 });
    expect(isEnded).toBe(true);
  });

  it('is over when everything has ended', async () => {
    const stopping = new Stopping();
    stopping.add(() => new Promise((resolve) => void setTimeout(resolve, 500)));
    let isOver = false;
    const run = stopping.run({ delay: 0, time: 500 }).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await run;
  });
});

describe('work that happens once', () => {
  it('gives everybody the first result', async () => {
    let count = 0;
    const work = once(async () => {
      count += 1;
    });
    expect(work()).toBe(work());
    await work();
    expect(count).toBe(1);
  });
});

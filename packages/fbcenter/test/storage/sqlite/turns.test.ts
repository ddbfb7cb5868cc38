import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import { BUSY, Turns } from '../../../src/storage/sqlite/turns.js';
import { closedGate } from '../../support/fake-change-log.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('turns', () => {
  it('come one after the other, in the order in which they were asked for', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await setImmediate();
      log.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all(['a', 'b', 'c'].map((name) => turns.run(work(name))))).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('are never taken at once, not even the first', () => {
    let ran = false;
    void new Turns().run(() => {
      ran = true;
    });
    expect(ran).toBe(false);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('on purpose');
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
  ])('go on when one %s, and its caller hears of it', async (_, fail) => {
    const turns = new Turns();
    const failing = turns.run(fail);
    const next = turns.run(() => 'next');
    await expect(failing).rejects.toThrow('on purpose');
    expect(await next).toBe('next');
  });

  it('may be asked for within a turn: it comes after those that wait', async () => {
    const turns = new Turns();
    const log: string[] = [];
    let inner: Promise<unknown> | undefined;
    const first = turns.run(() => {
      log.push('first');
      inner = turns.run(() => log.push('inner'));
    });
    const second = turns.run(() => log.push('second'));
    await Promise.all([first, second]);
    await inner;
    expect(log).toEqual(['first', 'second', 'inner']);
  });
});

describe('work that finds another process at work', () => {
  it('is done again a moment later, and others have their turns in between', async () => {
    const turns = new Turns();
    let attempts = 0;
    const writing = turns.runWhenFree(async () => {
      attempts += 1;
      return attempts < 4 ? BUSY : 'written';
    });
    const reading = turns.run(() => attempts);
    expect(await reading).toBe(1);
    expect(await writing).toBe('written');
    expect(attempts).toBe(4);
  });

  it('is given up after a second, with what to do', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 300;
      return now;
    });
    let attempts = 0;
    const writing = new Turns().runWhenFree(async () => {
      attempts += 1;
      return BUSY;
    });
    await expect(writing).rejects.toThrow(StorageError);
    await expect(writing).rejects.toThrow('Another process works on the database for too long: try again later.');
    expect(attempts).toBe(4);
  });

  it('and fails otherwise is not done again', async () => {
    let attempts = 0;
    const writing = new Turns().runWhenFree(async () => {
      attempts += 1;
      throw new Error('on purpose');
    });
    await expect(writing).rejects.toThrow('on purpose');
    expect(attempts).toBe(1);
  });

  it('keeps its result, also one that is undefined', async () => {
    expect(await new Turns().runWhenFree(async () => undefined)).toBeUndefined();
  });

  it('waits for those before it', async () => {
    const turns = new Turns();
    const { gate, open } = closedGate();
    const log: string[] = [];
    const first = turns.run(async () => {
      await gate;
      log.push('first');
    });
    const second = turns.runWhenFree(async () => void log.push('second'));
    await setImmediate();
    expect(log).toEqual([]);
    open();
    await Promise.all([first, second]);
    expect(log).toEqual(['first', 'second']);
  });
});

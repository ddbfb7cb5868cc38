import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { TIMER_MAX } from '../../src/runtime/clock.js';
import { type Wait, waitFor } from '../../src/runtime/wait.js';
import { FakeClock } from '../support/fake-clock.js';

let clock: FakeClock;
let done: (result: string) => void;
let begun: boolean;
beforeEach(() => {
  clock = new FakeClock();
  begun = false;
});

function wait(how: unknown): Promise<string> {
  return waitFor(clock, how as Wait, 15_000, 'gave up', (finish) => {
    begun = true;
    done = finish;
    return () => {
      begun = false;
    };
  });
}

describe('a wait', () => {
  it('ends with what it waited for, and leaves nothing behind', async () => {
    const { signal } = new AbortController();
    const waiting = wait({ timeout: 1_000, signal });
    expect(begun).toBe(true);
    done('came');
    await expect(waiting).resolves.toBe('came');
    expect(begun).toBe(false);
    expect(clock.timers()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('keeps the process alive', () => {
    void wait(1_000);
    expect(clock.timers('awaited')).toBe(1);
  });

  it.each<[string, unknown, number]>([
    ['milliseconds', 1_000, 1_000],
    ['a fraction of one', 0.5, 0.5],
    ['zero', 0, 0],
    ['less than zero', -5, 0],
    ['for ever', Number.POSITIVE_INFINITY, TIMER_MAX],
    ['more than a timer can', 1e12, TIMER_MAX],
    ['an object', { timeout: 1_000 }, 1_000],
    ['an object with nothing in it', {}, 15_000],
    ['nothing', undefined, 15_000],
    ['null', null, 15_000],
    ['NaN', Number.NaN, 15_000],
    ['a text', '1000', 15_000],
    ['an object with a text', { timeout: '1000' }, 15_000],
    ['an object with null', { timeout: null, signal: null }, 15_000],
    ['an object with what is no signal', { timeout: 1_000, signal: {} }, 1_000],
    ['an object with a signal of a text', { timeout: 1_000, signal: 'abort' }, 1_000],
  ])('lasts as long as it says: %s', async (_name, how, milliseconds) => {
    const waiting = wait(how);
    expect(clock.untilNext).toBe(milliseconds);
    await clock.advance(milliseconds);
    await expect(waiting).resolves.toBe('gave up');
    expect(begun).toBe(false);
  });

  it('ends early when its signal is raised', async () => {
    const abort = new AbortController();
    const waiting = wait({ signal: abort.signal });
    abort.abort();
    await expect(waiting).resolves.toBe('gave up');
    expect(begun).toBe(false);
    expect(clock.timers()).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('does not begin when its signal was raised before', async () => {
    await expect(wait({ signal: AbortSignal.abort() })).resolves.toBe('gave up');
    expect(begun).toBe(false);
    expect(clock.timers()).toBe(0);
  });

  it('removes its listener from a signal that is used for many waits', async () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 50; round++) {
      const waiting = wait({ timeout: 10, signal });
      await clock.advance(10);
      await waiting;
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

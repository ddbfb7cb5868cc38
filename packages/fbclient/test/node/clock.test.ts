import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/node/clock.js';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the clock of Node.js', () => {
  it('takes timers that are numbers, as jsdom has them', () => {
    const started: number[] = [];
    const ended: unknown[] = [];
    vi.stubGlobal('setTimeout', (_callback: () => void, milliseconds: number) => started.push(milliseconds));
    vi.stubGlobal('clearTimeout', (timer: unknown) => ended.push(timer));
    systemClock.background(10, () => undefined)();
    systemClock.awaited(20, () => undefined)();
    expect({ started, ended }).toEqual({ started: [10, 20], ended: [1, 2] });
  });

  it('gives the event loop a turn where there is no setImmediate, as in jsdom', async () => {
    vi.stubGlobal('setImmediate', undefined);
    await new Promise<void>((resolve) => systemClock.nextTurn(resolve));
  });

  it('gives the event loop a turn under fake timers too', async () => {
    vi.useFakeTimers();
    await new Promise<void>((resolve) => systemClock.nextTurn(resolve));
  });

  it('follows fake timers with everything that is a matter of time', () => {
    vi.useFakeTimers();
    const fired: string[] = [];
    systemClock.background(1_000, () => fired.push('background'));
    systemClock.awaited(1_000, () => fired.push('awaited'));
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual(['background', 'awaited']);
  });
});

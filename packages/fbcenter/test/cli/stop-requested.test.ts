import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stopRequested } from '../../src/cli/stop-requested.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process with a parent, and whether it is to stop. */
function start(env: Readonly<Record<string, string>>, ppid = 7) {
  const listeners = new Map<string, () => void>();
  const process = { env, ppid, once: (signal: string, listener: () => void) => void listeners.set(signal, listener) };
  const state = { isStopped: false };
  void stopRequested(process, 7).then(() => {
    state.isStopped = true;
  });
  return { process, state, signal: (name: string) => listeners.get(name)?.() };
}

describe('a process is to stop', () => {
  it.each(['SIGINT', 'SIGTERM'])('at %s', async (name) => {
    const { state, signal } = start({});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state.isStopped).toBe(false);
    signal(name);
    await vi.advanceTimersByTimeAsync(0);
    expect([state.isStopped, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it.each<[string, Record<string, string>, number, number, boolean]>([
    ['when npm has started it and its parent is gone', { npm_command: 'exec' }, 7, 1, true],
    ['when its parent was gone before it could look', { npm_command: 'run-script' }, 1, 1, true],
    ['not while its parent is there', { npm_command: 'exec' }, 7, 7, false],
    ['not when somebody else has started it: a daemon outlives its shell', {}, 7, 1, false],
  ])('%s', async (_, env, before, after, expected) => {
    const { process, state } = start(env, before);
    process.ppid = after;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state.isStopped).toBe(expected);
    if (expected) expect(vi.getTimerCount()).toBe(0);
  });
});

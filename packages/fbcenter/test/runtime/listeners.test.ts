import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Listeners } from '../../src/runtime/listeners.js';

describe('listeners', () => {
  const failure = new Error('on purpose');
  const fail = () => {
    throw failure;
  };

  it.each<[string, () => unknown]>([
    ['throws', fail],
    ['returns a promise that rejects', async () => fail()],
    // biome-ignore lint/suspicious/noThenProperty: what it is about
    ['returns a thenable that throws', () => ({ then: fail })],
  ])('are not disturbed by one that %s; its error is reported', async (_, bad) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const errors: unknown[] = [];
    const heard: string[] = [];
    const listeners = new Listeners<string>((error) => errors.push(error));
    listeners.add(bad);
    listeners.add((event) => heard.push(event));
    listeners.emit('e');
    expect(heard).toEqual(['e']);
    await setImmediate();
    expect(errors).toEqual([failure]);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from '../../src/streaming/byte-budget.js';

describe('a byte budget', () => {
  it('lets go in the order of asking, as much as fits, and anything when nothing is on its way', async () => {
    const budget = new ByteBudget(100);
    const started: string[] = [];
    const releases = new Map<string, () => void>();
    const ask = (name: string, bytes: number) => {
      void budget.take(bytes).then((release) => {
        started.push(name);
        releases.set(name, release);
      });
    };
    ask('a', 60);
    ask('b', 40);
    ask('huge', 1_000);
    ask('c', 10);
    await setImmediate();
    expect(started).toEqual(['a', 'b']);
    releases.get('a')?.();
    releases.get('a')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b']);
    releases.get('b')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b', 'huge']);
    releases.get('huge')?.();
    await setImmediate();
    expect(started).toEqual(['a', 'b', 'huge', 'c']);
  });
});

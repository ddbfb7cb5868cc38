import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
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

describe('a byte budget with any requests', () => {
  it('is never exceeded but by one that is too large by itself, keeps the order, and starves nobody', async () => {
    const request = fc.record({ bytes: fc.integer({ min: 0, max: 150 }), releasesAfter: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 20 }), async (requests) => {
        const budget = new ByteBudget(100);
        const started: number[] = [];
        let underWay: { readonly bytes: number; readonly release: () => void }[] = [];
        for (const [index, { bytes, releasesAfter }] of requests.entries()) {
          void budget.take(bytes).then((release) => {
            started.push(index);
            underWay.push({ bytes, release });
          });
          await setImmediate();
          const total = underWay.reduce((sum, { bytes: taken }) => sum + taken, 0);
          expect(total <= 100 || underWay.filter(({ bytes: taken }) => taken > 0).length === 1).toBe(true);
          for (const { release } of underWay.slice(0, releasesAfter)) release();
          underWay = underWay.slice(releasesAfter);
        }
        for (let turn = 0; started.length < requests.length; turn++) {
          expect(turn, 'somebody waits for ever').toBeLessThan(requests.length + 1);
          for (const { release } of underWay) release();
          underWay = [];
          await setImmediate();
        }
        expect(started).toEqual(requests.map((_, index) => index));
      }),
      { numRuns: 100 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { InsightRecorder } from '../../src/insights/recorder.js';
import { TallyBuilder } from '../../src/insights/tally.js';
import type { Tally } from '../../src/model/tally.js';
import { check } from '../support/property.js';

describe('the insight recorder', () => {
  const tally = (...flagKeys: string[]): Tally => ({
    evaluations: flagKeys.map((flagKey) => ({ flagKey, variationId: 'v', count: 1, experimentCount: 0 })),
    metrics: [{ eventName: 'm', count: 1, sum: 2, min: 2, max: 2 }],
    identifications: 1,
    rejected: 1,
  });

  function recorderOn(write: (tallies: ReadonlyMap<string, Tally>) => Promise<void>) {
    return new InsightRecorder({ record: write });
  }

  it('writes what comes in one turn of the event loop in one go, added up for each environment', async () => {
    const write = vi.fn(async () => {});
    const recorder = recorderOn(write);
    await Promise.all([
      recorder.record('e1', tally('a', 'b')),
      recorder.record('e1', tally('a')),
      recorder.record('e2', tally('a')),
    ]);
    expect(write).toHaveBeenCalledTimes(1);
    expect(write).toHaveBeenCalledWith(
      new Map([
        [
          'e1',
          {
            evaluations: [
              { flagKey: 'a', variationId: 'v', count: 2, experimentCount: 0 },
              { flagKey: 'b', variationId: 'v', count: 1, experimentCount: 0 },
            ],
            metrics: [{ eventName: 'm', count: 2, sum: 4, min: 2, max: 2 }],
            identifications: 2,
            rejected: 2,
          },
        ],
        ['e2', tally('a')],
      ]),
    );
    await recorder.record('e1', tally('c'));
    expect(write).toHaveBeenCalledTimes(2);
  });

  it.each<[what: string, turns: number, writes: number]>([
    ['in turns that follow each other', 10, 1],
    ['without an end', 40, 3],
  ])('writes what comes %s in one go, and keeps nobody waiting for ever', async (_, turns, writes) => {
    const written: number[] = [];
    const recorder = recorderOn(async (tallies) => {
      for (const { evaluations } of tallies.values()) written.push(...evaluations.map(({ count }) => count));
    });
    const records: Promise<void>[] = [];
    await new Promise<void>((allCame) => {
      // As requests do, each comes in its turn before what is put off to the end of the turn.
      const come = (): void => {
        if (records.length + 1 < turns) setImmediate(come);
        else allCame();
        records.push(recorder.record('e', tally('a')));
      };
      come();
    });
    await Promise.all(records);
    expect(written).toHaveLength(writes);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(turns);
  });

  it('writes what is large in several transactions, and others have their turns in between', async () => {
    const written: Tally[] = [];
    let turns = 0;
    const recorder = recorderOn(async (tallies) => {
      setImmediate(() => {
        turns += 1;
      });
      for (const one of tallies.values()) written.push(one);
      expect(turns).toBe(Math.max(0, written.length - 1));
    });
    const keys = Array.from({ length: 1_000 }, (_, index) => `f${index}`);
    await recorder.record('e', tally(...keys));
    expect(written.length).toBeGreaterThan(3);
    for (const { evaluations } of written) expect(evaluations.length).toBeLessThanOrEqual(250);
    const builder = new TallyBuilder();
    for (const one of written) builder.add(one);
    expect(builder.build()).toEqual(tally(...keys));
  });

  it('fails all that share a write that fails, and none after it', async () => {
    const failure = new Error('on purpose');
    const recorder = recorderOn(vi.fn(async () => {}).mockRejectedValueOnce(failure));
    const both = await Promise.allSettled([recorder.record('e', tally('a')), recorder.record('e', tally('b'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await recorder.record('e', tally('c'));
  });

  it('takes no more than memory is set aside for, until it is written', async () => {
    const recorder = new InsightRecorder({ record: async () => {} }, 3);
    const first = recorder.record('e', tally('a', 'b', 'c'));
    await expect(recorder.record('e', tally('a'))).rejects.toMatchObject({ code: 'busy' });
    await first;
    await recorder.record('e', tally('a'));
  });
});

describe('the insight recorder, whatever comes when', () => {
  it('writes everything once, or fails everybody whose write failed', async () => {
    const call = fc.record({
      environmentId: fc.constantFrom('e1', 'e2'),
      flagKey: fc.constantFrom('a', 'b', 'c'),
      count: fc.integer({ min: 1, max: 9 }),
      waits: fc.boolean(),
    });
    await check(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), fc.nat(3), async (calls, failing) => {
        const kept = new Map<string, number>();
        let writes = 0;
        const recorder = new InsightRecorder({
          record: async (tallies) => {
            writes += 1;
            if (writes === failing) throw new Error('on purpose');
            for (const [environmentId, { evaluations }] of tallies) {
              for (const { flagKey, count } of evaluations) {
                const name = `${environmentId} ${flagKey}`;
                kept.set(name, (kept.get(name) ?? 0) + count);
              }
            }
          },
        });
        const acknowledged = new Map<string, number>();
        const records = [];
        for (const { environmentId, flagKey, count, waits } of calls) {
          const evaluations = [{ flagKey, variationId: 'v', count, experimentCount: 0 }];
          const recorded = recorder
            .record(environmentId, { evaluations, metrics: [], identifications: 0, rejected: 0 })
            .then(
              () => {
                const name = `${environmentId} ${flagKey}`;
                acknowledged.set(name, (acknowledged.get(name) ?? 0) + count);
              },
              () => {},
            );
          records.push(recorded);
          if (waits) await recorded;
        }
        await Promise.all(records);
        expect(kept).toEqual(acknowledged);
      }),
      200,
    );
  });
});

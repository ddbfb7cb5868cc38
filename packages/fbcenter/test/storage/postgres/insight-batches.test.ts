import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import type { Tally } from '../../../src/model/tally.js';
import type { Insights } from '../../../src/storage/insights.js';
import { inBatches } from '../../../src/storage/postgres/insight-batches.js';
import { evaluation, metric, NOTHING } from '../../support/tallies.js';

type Tallies = ReadonlyMap<string, Tally>;

/** Insights that are written when the test says so. */
function scripted() {
  const written: Tallies[] = [];
  const pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const record = (tallies: Tallies) => {
    written.push(tallies);
    return new Promise<void>((resolve, reject) => void pending.push({ resolve, reject }));
  };
  const batches = inBatches({ record } as Insights);
  const tick = () => new Promise((resolve) => setImmediate(resolve));
  const tally = (count: number): Tallies =>
    new Map([['e', { ...NOTHING, evaluations: [evaluation('f', 'on', count)] }]]);
  return { batches, written, pending, tick, tally };
}

describe('insights in batches', () => {
  it('are written one after the other, with all that have come meanwhile', async () => {
    const { batches, written, pending, tick, tally } = scripted();
    const first = batches.record(tally(1));
    const others = [
      batches.record(tally(2)),
      batches.record(new Map([['other', { ...NOTHING, metrics: [metric('m', 1)] }]])),
    ];
    await tick();
    expect(written).toHaveLength(1);
    pending[0]?.resolve();
    await first;
    await tick();
    expect([...(written[1]?.keys() ?? [])]).toEqual(['e', 'other']);
    pending[1]?.resolve();
    await Promise.all(others);
    expect(written).toHaveLength(2);
  });

  it('fail alone when one of them cannot be kept', async () => {
    const { batches, written, pending, tick, tally } = scripted();
    const first = batches.record(tally(1));
    const [good, bad] = [batches.record(tally(2)), batches.record(tally(3))];
    pending[0]?.resolve();
    await first;
    await tick();
    pending[1]?.reject(new Error('one of them is bad'));
    await tick();
    pending[2]?.resolve();
    await tick();
    pending[3]?.reject(new Error('this one'));
    await expect(good).resolves.toBeUndefined();
    await expect(bad).rejects.toThrow('this one');
    expect(written).toHaveLength(4);
  });

  it('are not written once more when nobody knows whether they were: they would count twice', async () => {
    const { batches, written, pending, tick, tally } = scripted();
    const first = batches.record(tally(1));
    const others = [batches.record(tally(2)), batches.record(tally(3))];
    pending[0]?.resolve();
    await first;
    await tick();
    pending[1]?.reject(new StorageError('lost', { code: 'outcome-unknown' }));
    const outcomes = await Promise.allSettled(others);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(written).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { bucketAt } from '../../src/model/buckets.js';
import { anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';
import { BreakableLibrary, HAS_POSTGRES, leasedSchema, openTestStorage, postgresUrl } from '../support/postgres.js';
import { evaluation, metric } from '../support/tallies.js';
import { storageContract } from './contract/contract.js';

describe.skipIf(!HAS_POSTGRES)('a PostgreSQL', () => {
  const url = postgresUrl;
  storageContract('PostgreSQL', async (options) => {
    const breakable = new BreakableLibrary();
    const all = { ...options, url: url(), schema: await leasedSchema(url()), library: await breakable.library() };
    const storage = await openTestStorage(all);
    return {
      storage,
      breakStep: (index) => breakable.breakStep(index),
      async reopen() {
        await storage.close();
        return openTestStorage(all);
      },
    };
  });

  it('adds up what several centers record at the same time of the same flags, in one minute and over several, and new ones in between', async () => {
    const clock = new FakeClock();
    const options = { url: url(), schema: await leasedSchema(url()), clock };
    const storages = [];
    for (let count = 0; count < 4; count++) storages.push(await openTestStorage(options));
    const [first] = storages;
    if (first === undefined) throw new Error('there is no storage');
    const environments = [anEnvironment(), anEnvironment()];
    for (const environment of environments) await first.environments.create(environment, []);
    const began = clock.time;
    let batches = 0;
    for (let round = 0; round < 40; round++) {
      clock.time += 17_000;
      const records = storages.flatMap((storage, index) =>
        [0, 1].map((half) => {
          batches += 1;
          // Each in an order of its own, and with a new one now and then.
          const flags = Array.from({ length: 12 }, (_, at) => `f${(at * 7 + index * 5 + half) % 12}`);
          if (round % 10 === index) flags.unshift(`new-${round}`);
          const tally = {
            evaluations: flags.map((flag) => evaluation(flag, 'on', 1, 1)),
            metrics: [metric(`m${index % 2}`, 1), metric('m', 2)],
            identifications: 1,
            rejected: 2,
          };
          const ordered = half === 0 ? environments : environments.toReversed();
          return storage.insights.record(new Map(ordered.map(({ id }) => [id, tally])));
        }),
      );
      await Promise.all(records);
    }
    for (const { id } of environments) {
      const report = await first.insights.report(id);
      const sum = (counts: readonly { readonly count: number }[]) =>
        counts.reduce((total, { count }) => total + count, 0);
      const added = 4 * 4 * 2;
      expect(sum(report.evaluations)).toBe(batches * 12 + added);
      expect(report.metrics.find(({ eventName }) => eventName === 'm')).toMatchObject({
        count: batches,
        sum: 2 * batches,
      });
      expect([report.identifications, report.rejected]).toEqual([batches, 2 * batches]);
      for (const unit of ['minute', 'hour', 'day'] as const) {
        const history = await first.insights.history(id, 'f3', unit, bucketAt(unit, began), bucketAt(unit, clock.time));
        expect(sum(history)).toBe(batches);
      }
    }
  }, 120_000);
});

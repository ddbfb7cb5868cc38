import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { intactValue, keptText, keptValue } from '../../src/storage/kept-json.js';
import { SqliteConnection } from '../../src/storage/sqlite/connection.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { anEnvironment } from '../support/environments.js';
import { aMetric, anIteration } from '../support/experiments.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('a value that is kept as text', () => {
  it.each([[{ a: [1, 'ä\n', null] }], [[]], ['text'], [0]])('%j comes back', (value) => {
    expect(keptValue(keptText(value))).toEqual(value);
  });

  it('is damaged when any of its bits has flipped', () => {
    const bytes = Buffer.from(keptText({ users: 120, sum: 4.5 }));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      expect(intactValue(flipped.toString())).toBeUndefined();
    }
  });

  it.each(['', '\n', '{}', '{}\n', 'nonsense\n1'])('is damaged when it is %j', (text) => {
    expect(intactValue(text)).toBeUndefined();
    expect(() => keptValue(text)).toThrow(expect.objectContaining({ code: 'damaged-data' }));
  });
});

describe('what is damaged of experiments', () => {
  it('is left out, disturbs no other, and can be counted anew', async () => {
    const folder = temporaryFolder();
    const environment = anEnvironment();
    const first = openSqliteStorage({ folder });
    await first.environments.create(environment, []);
    for (const key of ['a', 'b']) await first.experiments.saveMetric(environment.id, aMetric({ key }));
    const good = await first.experiments.addIteration(environment.id, anIteration(1_000));
    const bad = await first.experiments.addIteration(environment.id, anIteration(1_000));
    const events = [{ kind: 'exposure' as const, place: 1, user: 1, at: 2_000, iteration: good.id, variation: 0 }];
    const request = { hash: 'r', events, next: undefined, uncounted: new Map() };
    await first.experimentData.take(environment.id, [request], [good]);
    await first.close();
    const file = new SqliteConnection(join(folder, 'fbcenter.db'));
    file.exec(`UPDATE experiment_metrics SET text = replace(text, 'purchase', 'purchasf') WHERE key = 'a'`);
    file.exec(`UPDATE iterations SET text = replace(text, '1000', '1001') WHERE id = ${bad.id}`);
    file.exec(`UPDATE iteration_sums SET text = replace(text, '"users":1', '"users":3')`);
    file.close();
    const second = openSqliteStorage({ folder });
    expect((await second.experiments.metrics(environment.id)).map(({ key }) => key)).toEqual(['b']);
    expect((await second.experiments.openIterations()).map(({ iteration }) => iteration)).toEqual([good]);
    await expect(second.experimentData.sums(good.id)).rejects.toMatchObject({ code: 'damaged-data' });
    expect(await second.experimentData.rebuild(good)).toBeUndefined();
    expect((await second.experimentData.sums(good.id))?.variations.map(({ users }) => users)).toEqual([1, 0]);
    await second.close();
  });

  it('is lost alone when it was not in its place yet, and the operator hears of it', async () => {
    const folder = temporaryFolder();
    const environment = anEnvironment();
    const first = openSqliteStorage({ folder });
    await first.environments.create(environment, []);
    const iteration = await first.experiments.addIteration(environment.id, anIteration(1_000));
    const enter = (storage: Storage, user: number, hash = `of ${user}`) => {
      const events = [{ kind: 'exposure' as const, place: 1, user, at: 2_000, iteration: iteration.id, variation: 0 }];
      const request = { hash, events, next: undefined, uncounted: new Map() };
      return storage.experimentData.take(environment.id, [request], [iteration]);
    };
    for (const user of [101, 102, 103]) await enter(first, user);
    await first.close();
    const inFile = <T>(look: (file: SqliteConnection) => T): T => {
      const file = new SqliteConnection(join(folder, 'fbcenter.db'));
      try {
        return look(file);
      } finally {
        file.close();
      }
    };
    const users = () =>
      inFile((file) =>
        file.rows<{ user: number }>('SELECT user FROM participants ORDER BY user').map(({ user }) => user),
      );
    expect(users()).toEqual([]);
    inFile((file) => file.exec(`UPDATE counted_journal SET text = replace(text, ',102,', ',109,')`));
    const log = memoryLogger();
    const second = openSqliteStorage({ folder, log });
    expect(users()).toEqual([101, 103]);
    expect(log.lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/^error .*damaged in part: have those that run counted anew/)]),
    );
    // Whoever was lost enters when seen again; sums and users agree when they are counted anew.
    await enter(second, 102, 'later');
    await second.experimentData.rebuild(iteration);
    expect((await second.experimentData.sums(iteration.id))?.variations[0]?.users).toBe(3);
    await second.close();
    const quiet = memoryLogger();
    await openSqliteStorage({ folder, log: quiet }).close();
    expect(quiet.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});

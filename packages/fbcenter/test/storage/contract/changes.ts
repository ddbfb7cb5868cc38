import { describe, expect, it } from 'vitest';
import type { Commit } from '../../../src/model/change-log.js';
import { aDraft, anEnvironment } from '../../support/environments.js';
import { KEPT_VERSIONS, type SetUp } from './subject.js';

/** What every storage must report of its changes, and to which cursors. */
export function changesContract(setUp: SetUp): void {
  describe('the changes', () => {
    it('are everything, or what is newer than a cursor, archived included, in the order of versions', async () => {
      const { storage, environment, write } = await setUp();
      expect(await storage.changes.everything(environment.id)).toEqual({ cursor: 0, documents: [] });
      const a = await write('a');
      const b = await write('b', 'segment');
      const a2 = await write('a', 'flag', true);
      expect(await storage.changes.everything(environment.id)).toEqual({ cursor: a2.version, documents: [b, a2] });
      expect(await storage.changes.since(environment.id, a.version)).toEqual({
        cursor: a2.version,
        documents: [b, a2],
      });
      expect(await storage.changes.since(environment.id, b.version)).toEqual({
        cursor: a2.version,
        documents: [a2],
      });
      expect(await storage.changes.since(environment.id, a2.version)).toEqual({ cursor: a2.version, documents: [] });
      expect((await storage.changes.everything(anEnvironment().id)).documents).toEqual([]);
    });
  });

  describe('a cursor', () => {
    it('is known when it is a version that the environment has had, replaced since or not', async () => {
      const { storage, environment, clock, write } = await setUp();
      expect(await storage.changes.since(environment.id, 0)).toBeUndefined();
      const seeded = anEnvironment();
      await storage.environments.create(seeded, [aDraft('a'), aDraft('b')]);
      const { cursor: seed, documents } = await storage.changes.everything(seeded.id);
      expect(await storage.changes.since(seeded.id, seed)).toEqual({ cursor: seed, documents: [] });
      // Nobody was ever given a part of what an environment begins with.
      expect(await storage.changes.since(seeded.id, documents[0]?.version ?? 0)).toBeUndefined();
      clock.time += 100;
      const first = await write('a');
      clock.time += 100;
      const second = await write('a');
      for (const stranger of [-1, 1, seed, first.version - 1, first.version + 0.5, second.version + 1, 9e15]) {
        expect(await storage.changes.since(environment.id, stranger), String(stranger)).toBeUndefined();
      }
      expect(await storage.changes.since(environment.id, first.version)).toMatchObject({ documents: [second] });
      expect(await storage.changes.since(anEnvironment().id, first.version)).toBeUndefined();
    });

    it('is not known when what had that version was undone', async () => {
      const { storage, environment } = await setUp();
      let undone = 0;
      await storage
        .transact(async (transaction) => {
          undone = (await transaction.documents.write(environment.id, aDraft('a'))).version;
          throw new Error('undo');
        })
        .catch(() => {});
      expect(await storage.changes.since(environment.id, undone)).toBeUndefined();
    });

    it('is known for as many versions as are kept, for each environment by itself', async () => {
      const { storage, environment, write } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, [aDraft('a')]);
      const { cursor: elsewhere } = await storage.changes.everything(other.id);
      const versions: number[] = [];
      for (let count = 0; count < KEPT_VERSIONS + 2; count++) versions.push((await write('a')).version);
      const known = await Promise.all(versions.map((version) => storage.changes.since(environment.id, version)));
      expect(known.map((changes) => changes !== undefined)).toEqual(versions.map((_, index) => index >= 2));
      expect(await storage.changes.since(other.id, elsewhere)).toBeDefined();
    });

    it('stays known across a restart', async ({ skip }) => {
      const { environment, write, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const first = await write('a');
      const second = await write('a');
      const storage = await reopen();
      expect(await storage.changes.since(environment.id, first.version)).toMatchObject({ documents: [second] });
      expect(await storage.changes.since(environment.id, second.version)).toMatchObject({ documents: [] });
      expect(await storage.changes.since(environment.id, first.version - 1)).toBeUndefined();
    });
  });

  describe('commits', () => {
    it('are reported once each, in the order of versions, before the write fulfils and when they can be read', async () => {
      const { storage, environment, clock } = await setUp();
      const reported: Commit[] = [];
      const order: string[] = [];
      storage.changes.watch((commit) => {
        reported.push(commit);
        order.push(`reported ${commit.key}`);
      });
      await Promise.all(
        ['a', 'b', 'c'].map(async (key) => {
          await storage.documents.write(environment.id, aDraft(key));
          order.push(`wrote ${key}`);
        }),
      );
      const { documents } = await storage.changes.everything(environment.id);
      const { id: environmentId, key: environmentKey } = environment;
      expect(reported).toEqual(
        documents.map((document) => ({
          ...document,
          environmentId,
          environmentKey,
          committedAt: clock.precise(),
        })),
      );
      for (const key of ['a', 'b', 'c']) {
        expect(order.indexOf(`reported ${key}`)).toBeLessThan(order.indexOf(`wrote ${key}`));
      }
    });

    it('are reported for each document of a transaction, and not at all when it is undone', async () => {
      const { storage, environment } = await setUp();
      const reported: string[] = [];
      storage.changes.watch(({ key }) => reported.push(key));
      await storage.transact(async (transaction) => {
        await transaction.documents.write(environment.id, aDraft('a'));
        await transaction.documents.write(environment.id, aDraft('b'));
        expect(reported).toEqual([]);
      });
      await storage
        .transact(async (transaction) => {
          await transaction.documents.write(environment.id, aDraft('c'));
          throw new Error('undo');
        })
        .catch(() => {});
      expect(reported).toEqual(['a', 'b']);
    });

    it('reach the other listeners and the writer although one listener throws; none after unsubscribing', async () => {
      const { storage, environment, write } = await setUp();
      const reported: string[] = [];
      storage.changes.watch(() => {
        throw new Error('a bad listener');
      });
      const unsubscribe = storage.changes.watch(({ key }) => reported.push(key));
      await write('a');
      unsubscribe();
      unsubscribe();
      await write('b');
      expect(reported).toEqual(['a']);
      expect((await storage.changes.everything(environment.id)).documents).toHaveLength(2);
    });
  });
}

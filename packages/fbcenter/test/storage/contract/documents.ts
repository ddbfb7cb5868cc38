import { describe, expect, it } from 'vitest';
import { aDraft, anEnvironment } from '../../support/environments.js';
import type { SetUp } from './subject.js';

/** What every storage must do with flags, segments and their versions. */
export function documentsContract(setUp: SetUp): void {
  describe('versions', () => {
    it('are the time, and still differ and grow within one millisecond', async () => {
      const { clock, write } = await setUp();
      clock.time += 100;
      const versions = [];
      for (const key of ['a', 'b', 'a', 'c']) versions.push((await write(key)).version);
      expect(versions).toEqual([clock.time, clock.time + 1, clock.time + 2, clock.time + 3]);
      clock.time += 1_000;
      expect((await write('a')).version).toBe(clock.time);
    });

    it('grow although the clock steps back', async () => {
      const { clock, write } = await setUp();
      clock.time += 100;
      const before = (await write('a')).version;
      clock.time -= 3_600_000;
      expect((await write('b')).version).toBe(before + 1);
      expect((await write('a')).version).toBe(before + 2);
    });

    it('grow across a restart with a clock that stepped back', async ({ skip }) => {
      const { clock, write, environment, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      clock.time += 100;
      const before = (await write('a')).version;
      clock.time -= 3_600_000;
      const storage = await reopen();
      const after = await storage.documents.write(environment.id, aDraft('b'));
      expect(after.version).toBe(before + 1);
      expect((await storage.changes.everything(environment.id)).documents.map(({ key }) => key)).toEqual(['a', 'b']);
    });

    it('are counted for each environment by itself', async () => {
      const { storage, clock, write } = await setUp();
      const other = anEnvironment();
      clock.time += 100;
      await storage.environments.create(other, []);
      clock.time += 100;
      await write('a');
      await write('a');
      const inOther = await storage.documents.write(other.id, aDraft('a'));
      expect(inOther.version).toBe(clock.time);
    });
  });

  describe('documents', () => {
    const NAMES = ['__proto__', 'constructor', "it's", '"quoted"', 'ключ', '🚩', '%', 'A', 'a', ' x ', 'a'.repeat(256)];

    it('keeps whatever name they have, and flags and segments apart', async () => {
      const { storage, environment, write } = await setUp();
      for (const name of NAMES) {
        const flag = await write(name);
        expect(await storage.documents.get(environment.id, 'flag', name)).toEqual(flag);
        expect(await storage.documents.get(environment.id, 'segment', name)).toBeUndefined();
      }
      const segment = await write('A', 'segment', true);
      expect(await storage.documents.get(environment.id, 'segment', 'A')).toEqual(segment);
      expect((await storage.changes.everything(environment.id)).documents).toHaveLength(NAMES.length + 1);
    });

    it('lists them by key, in pages, archived or active', async () => {
      const { storage, environment, write } = await setUp();
      for (const [key, isArchived] of [
        ['d', false],
        ['b', true],
        ['a', false],
        ['c', true],
      ] as const) {
        await write(key, 'flag', isArchived);
      }
      const keys = async (query: { archived?: boolean; after?: string; limit?: number }) =>
        (await storage.documents.list(environment.id, 'flag', { limit: 10, ...query })).map(({ key }) => key).join('');
      expect(await keys({})).toBe('abcd');
      expect(await keys({ archived: true })).toBe('bc');
      expect(await keys({ archived: false })).toBe('ad');
      expect(await keys({ limit: 2 })).toBe('ab');
      expect(await keys({ limit: 2, after: 'b' })).toBe('cd');
      expect(await keys({ after: 'a', archived: false })).toBe('d');
      expect(await keys({ after: 'd' })).toBe('');
    });

    it('have a version and a state that can be asked without reading them', async () => {
      const { storage, environment, write } = await setUp();
      const active = await write('a');
      const archived = await write('b', 'segment', true);
      const { documents } = storage;
      expect(await documents.version(environment.id, 'flag', 'a')).toBe(active.version);
      expect(await documents.version(environment.id, 'segment', 'b')).toBe(archived.version);
      expect(await documents.version(environment.id, 'segment', 'a')).toBeUndefined();
      expect(await documents.state(environment.id, 'flag', 'a')).toBe('active');
      expect(await documents.state(environment.id, 'segment', 'b')).toBe('archived');
      expect(await documents.state(anEnvironment().id, 'flag', 'a')).toBeUndefined();
    });

    it('amount to their number and the bytes of their text, whatever was done to them', async () => {
      const { storage, environment, write } = await setUp();
      const sized = (key: string, filler: string) =>
        storage.documents.write(environment.id, { ...aDraft(key), text: () => `"${filler}"` });
      const { documents } = storage;
      expect(await documents.usage(environment.id)).toEqual({ documents: 0, bytes: 0 });
      await sized('a', 'x'.repeat(10));
      await sized('b', 'ключ');
      expect(await documents.usage(environment.id)).toEqual({ documents: 2, bytes: 12 + 10 });
      await sized('a', '');
      expect(await documents.usage(environment.id)).toEqual({ documents: 2, bytes: 2 + 10 });
      await documents.delete(environment.id, 'flag', 'b');
      expect(await documents.usage(environment.id)).toEqual({ documents: 1, bytes: 2 });
      await storage
        .transact(async (transaction) => {
          await transaction.documents.delete(environment.id, 'flag', 'a');
          throw new Error('undo');
        })
        .catch(() => {});
      expect(await documents.usage(environment.id)).toEqual({ documents: 1, bytes: 2 });
      await write('c', 'segment');
      const seeded = anEnvironment();
      await storage.environments.create(seeded, [aDraft('a'), aDraft('b')]);
      expect(await documents.usage(seeded.id)).toMatchObject({ documents: 2 });
    });
  });

  describe('a deletion', () => {
    it('forgets the document, is reported, and may be of what is not there', async () => {
      const { storage, environment, write } = await setUp();
      const reported: unknown[] = [];
      const unsubscribe = storage.changes.watchRemovals((removal) => reported.push(removal));
      const { version } = await write('a', 'flag', true);
      await write('a', 'segment');
      await storage.documents.delete(environment.id, 'flag', 'a');
      await storage.documents.delete(environment.id, 'flag', 'a');
      expect(reported).toEqual([{ environmentId: environment.id, kind: 'flag', key: 'a', version }]);
      expect(await storage.documents.get(environment.id, 'flag', 'a')).toBeUndefined();
      expect(await storage.documents.get(environment.id, 'segment', 'a')).toBeDefined();
      unsubscribe();
      await storage.documents.delete(environment.id, 'segment', 'a');
      expect(reported).toHaveLength(1);
      expect((await write('a')).version).toBeGreaterThan(version);
    });

    it('makes readers ask for everything who may not have heard that the document was archived, and no others', async () => {
      const { storage, environment, write } = await setUp();
      const before = await write('a');
      const archived = await write('a', 'flag', true);
      await storage.documents.delete(environment.id, 'flag', 'a');
      expect(await storage.changes.since(environment.id, before.version)).toBeUndefined();
      expect(await storage.changes.since(environment.id, archived.version)).toEqual({
        cursor: archived.version,
        documents: [],
      });
      expect(await storage.changes.everything(environment.id)).toEqual({ cursor: archived.version, documents: [] });
      const after = await write('b');
      expect(await storage.changes.since(environment.id, archived.version)).toMatchObject({ documents: [after] });
    });
  });
}

import { describe, expect, it } from 'vitest';
import { newSecret } from '../../src/access/secrets.js';
import type { Commit } from '../../src/model/change-log.js';
import type { DocumentDraft, DocumentKind } from '../../src/model/document.js';
import type { Environment } from '../../src/model/environment.js';
import type { Clock } from '../../src/runtime/clock.js';
import type { InsightLimits, Storage } from '../../src/storage/storage.js';
import { FakeClock } from './fake-clock.js';

export interface StorageUnderTest {
  readonly storage: Storage;
  /** Closes the storage and opens it again on the same data; absent when nothing outlives a storage. */
  reopen?(): Promise<Storage>;
  /**
   * Makes one step that the storage takes in its database fail, the `index`-th from now (0 is the next one).
   *
   * @returns a function that ends this and says whether the step was reached.
   */
  breakStep(index: number): () => boolean;
}

export interface StorageOptions {
  readonly clock: Clock;
  readonly insightLimits: InsightLimits;
  readonly keptVersions: number;
}

const KEPT_VERSIONS = 5;
const LIMITS: InsightLimits = { evaluationEntries: 3, metricEntries: 2 };
let serial = 0;

const NOTHING = { evaluations: [], metrics: [], identifications: 0, rejected: 0 };
const evaluation = (flagKey: string, variationId: string, count = 1, experimentCount = 0) => ({
  flagKey,
  variationId,
  count,
  experimentCount,
});
const metric = (eventName: string, ...values: number[]) => ({
  eventName,
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** An environment nobody else has. */
export function anEnvironment(key = `env-${++serial}`): Environment {
  const id = `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
  return { id, key, name: `The ${key}`, serverSecret: newSecret(id), clientSecret: newSecret(id) };
}

export function aDraft(key: string, kind: DocumentKind = 'flag', isArchived = false): DocumentDraft {
  return { kind, key, isArchived, text: (version) => JSON.stringify({ key, version }) };
}

/** What every storage must do; run it once per implementation. */
export function storageContract(name: string, open: (options: StorageOptions) => Promise<StorageUnderTest>): void {
  describe(`storage contract: ${name}`, () => {
    async function setUp() {
      const clock = new FakeClock();
      const opened = await open({ clock, insightLimits: LIMITS, keptVersions: KEPT_VERSIONS });
      const { storage } = opened;
      const environment = anEnvironment();
      expect(await storage.createEnvironment(environment, [])).toBe(true);
      const write = (key: string, kind?: DocumentKind, isArchived?: boolean) =>
        storage.transact(environment.id, (transaction) => transaction.write(aDraft(key, kind, isArchived)));
      return { ...opened, clock, environment, write };
    }

    describe('environments', () => {
      it('finds an environment by its key and by each of its secrets', async () => {
        const { storage, environment } = await setUp();
        expect(await storage.environments()).toEqual([environment]);
        expect(await storage.environment(environment.key)).toEqual(environment);
        expect(await storage.environment(environment.key.toUpperCase())).toBeUndefined();
        expect(await storage.secretOwner(environment.serverSecret)).toEqual({ environment, kind: 'server' });
        expect(await storage.secretOwner(environment.clientSecret)).toEqual({ environment, kind: 'client' });
        expect(await storage.secretOwner(environment.serverSecret.toLowerCase())).toBeUndefined();
        expect(await storage.secretOwner('')).toBeUndefined();
      });

      it.each([
        ['key', (taken: Environment) => ({ ...anEnvironment(), key: taken.key })],
        ['id', (taken: Environment) => ({ ...anEnvironment(), id: taken.id })],
        ['server secret', (taken: Environment) => ({ ...anEnvironment(), serverSecret: taken.serverSecret })],
        ['other kind of secret', (taken: Environment) => ({ ...anEnvironment(), clientSecret: taken.serverSecret })],
        ['own secret', () => ({ ...anEnvironment(), clientSecret: 'a'.repeat(44), serverSecret: 'a'.repeat(44) })],
      ])('refuses an environment whose %s is taken, and keeps nothing of it', async (_, clash) => {
        const { storage, environment } = await setUp();
        expect(await storage.createEnvironment(clash(environment), [aDraft('f')])).toBe(false);
        expect(await storage.environments()).toEqual([environment]);
      });

      it('creates an environment with its first documents, each under a version of its own, none in the future', async () => {
        const { storage, clock } = await setUp();
        const seeded = anEnvironment();
        await storage.createEnvironment(seeded, [aDraft('a'), aDraft('b'), aDraft('s', 'segment')]);
        const { cursor, documents } = await storage.changes.everything(seeded.id);
        expect(documents.map((document) => document.version)).toEqual([clock.time - 2, clock.time - 1, clock.time]);
        expect(cursor).toBe(clock.time);
      });

      it('replaces a secret, unless another environment or kind has it', async () => {
        const { storage, environment } = await setUp();
        const other = anEnvironment();
        await storage.createEnvironment(other, []);
        const secret = newSecret(environment.id);
        expect(await storage.replaceSecret(environment.id, 'server', secret)).toBe(true);
        expect(await storage.replaceSecret(environment.id, 'server', secret)).toBe(true);
        expect(await storage.secretOwner(environment.serverSecret)).toBeUndefined();
        expect((await storage.secretOwner(secret))?.environment.key).toBe(environment.key);
        expect(await storage.replaceSecret(environment.id, 'client', secret)).toBe(false);
        expect(await storage.replaceSecret(other.id, 'server', secret)).toBe(false);
        expect((await storage.environment(other.key))?.serverSecret).toBe(other.serverSecret);
      });
    });

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
        const after = await storage.transact(environment.id, (transaction) => transaction.write(aDraft('b')));
        expect(after.version).toBe(before + 1);
        expect((await storage.changes.everything(environment.id)).documents.map(({ key }) => key)).toEqual(['a', 'b']);
      });

      it('are counted for each environment by itself', async () => {
        const { storage, clock, write } = await setUp();
        const other = anEnvironment();
        clock.time += 100;
        await storage.createEnvironment(other, []);
        clock.time += 100;
        await write('a');
        await write('a');
        const inOther = await storage.transact(other.id, (transaction) => transaction.write(aDraft('a')));
        expect(inOther.version).toBe(clock.time);
      });
    });

    describe('documents', () => {
      const NAMES = [
        '__proto__',
        'constructor',
        "it's",
        '"quoted"',
        'ключ',
        '🚩',
        '%',
        'A',
        'a',
        ' x ',
        'a'.repeat(256),
      ];

      it('keeps whatever name they have, and flags and segments apart', async () => {
        const { storage, environment, write } = await setUp();
        for (const name of NAMES) {
          const flag = await write(name);
          expect(await storage.document(environment.id, 'flag', name)).toEqual(flag);
          expect(await storage.document(environment.id, 'segment', name)).toBeUndefined();
        }
        const segment = await write('A', 'segment', true);
        expect(await storage.document(environment.id, 'segment', 'A')).toEqual(segment);
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
          (await storage.documents(environment.id, 'flag', { limit: 10, ...query })).map(({ key }) => key).join('');
        expect(await keys({})).toBe('abcd');
        expect(await keys({ archived: true })).toBe('bc');
        expect(await keys({ archived: false })).toBe('ad');
        expect(await keys({ limit: 2 })).toBe('ab');
        expect(await keys({ limit: 2, after: 'b' })).toBe('cd');
        expect(await keys({ after: 'a', archived: false })).toBe('d');
        expect(await keys({ after: 'd' })).toBe('');
      });

      it('tells everything, and what is newer than a cursor, archived included, in the order of versions', async () => {
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
        await storage.createEnvironment(seeded, [aDraft('a'), aDraft('b')]);
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
          .transact(environment.id, async (transaction) => {
            undone = (await transaction.write(aDraft('a'))).version;
            throw new Error('undo');
          })
          .catch(() => {});
        expect(await storage.changes.since(environment.id, undone)).toBeUndefined();
      });

      it('is known for as many versions as are kept, for each environment by itself', async () => {
        const { storage, environment, write } = await setUp();
        const other = anEnvironment();
        await storage.createEnvironment(other, [aDraft('a')]);
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

    describe('transactions', () => {
      it('keep everything or nothing', async () => {
        const { storage, environment, write } = await setUp();
        const before = await write('a');
        const failure = new Error('on purpose');
        const failed = storage.transact(environment.id, async (transaction) => {
          await transaction.write(aDraft('a'));
          await transaction.write(aDraft('b'));
          throw failure;
        });
        await expect(failed).rejects.toBe(failure);
        expect((await storage.changes.everything(environment.id)).documents).toEqual([before]);
        await expect(
          storage.transact(environment.id, (transaction) =>
            transaction.write({
              ...aDraft('c'),
              text: () => {
                throw failure;
              },
            }),
          ),
        ).rejects.toBe(failure);
        expect((await storage.changes.everything(environment.id)).documents).toEqual([before]);
      });

      it('that reject have kept nothing and are not reported, whichever of their steps fails', async () => {
        const { storage, environment, write, breakStep } = await setUp();
        const reported: string[] = [];
        storage.changes.watch(({ key }) => reported.push(key));
        let step = 0;
        for (let isReached = true; isReached; step++) {
          const mend = breakStep(step);
          const [outcome] = await Promise.allSettled([write(`flag-${step}`)]);
          isReached = mend();
          const kept = await storage.document(environment.id, 'flag', `flag-${step}`);
          expect(kept !== undefined, `step ${step}`).toBe(outcome.status === 'fulfilled');
          expect(reported.includes(`flag-${step}`), `step ${step}`).toBe(outcome.status === 'fulfilled');
        }
        expect(step).toBeGreaterThan(2);
      });

      it('read what they wrote, and nobody else sees it before the end', async () => {
        const { storage, environment } = await setUp();
        const events: string[] = [];
        const writing = storage.transact(environment.id, async (transaction) => {
          await transaction.write(aDraft('a'));
          const own = await transaction.document('flag', 'a');
          events.push(`writer sees ${own?.key}`);
          expect((await transaction.documents('flag')).map(({ key }) => key)).toEqual(['a']);
          throw new Error('undo');
        });
        const reading = storage
          .document(environment.id, 'flag', 'a')
          .then((seen) => events.push(`reader sees ${seen}`));
        await Promise.allSettled([writing, reading]);
        expect(events).toEqual(['writer sees a', 'reader sees undefined']);
      });

      it('run one after another, so that no update is lost', async () => {
        const { storage, environment } = await setUp();
        const increment = () =>
          storage.transact(environment.id, async (transaction) => {
            const current = await transaction.document('flag', 'counter');
            const count = current === undefined ? 0 : JSON.parse(current.text).count;
            await transaction.write({ ...aDraft('counter'), text: () => JSON.stringify({ count: count + 1 }) });
          });
        await Promise.all(Array.from({ length: 50 }, increment));
        const counter = await storage.document(environment.id, 'flag', 'counter');
        expect(JSON.parse(counter?.text ?? '')).toEqual({ count: 50 });
      });

      it('refuse to be used when they are over', async () => {
        const { storage, environment } = await setUp();
        const leaked = await storage.transact(environment.id, async (transaction) => transaction);
        await expect(leaked.write(aDraft('late'))).rejects.toMatchObject({ code: 'storage_unavailable' });
        expect(await storage.document(environment.id, 'flag', 'late')).toBeUndefined();
      });

      it('fail for an environment that does not exist', async () => {
        const { storage } = await setUp();
        const writing = storage.transact(anEnvironment().id, (transaction) => transaction.write(aDraft('a')));
        await expect(writing).rejects.toMatchObject({ code: 'storage_unavailable' });
      });
    });

    describe('commits', () => {
      it('are told once each, in the order of versions, before the writer hears of it and when they can be read', async () => {
        const { storage, environment, clock } = await setUp();
        const told: Commit[] = [];
        const order: string[] = [];
        storage.changes.watch((commit) => {
          told.push(commit);
          order.push(`told ${commit.key}`);
        });
        await Promise.all(
          ['a', 'b', 'c'].map(async (key) => {
            await storage.transact(environment.id, (transaction) => transaction.write(aDraft(key)));
            order.push(`wrote ${key}`);
          }),
        );
        const { documents } = await storage.changes.everything(environment.id);
        const { id: environmentId, key: environmentKey } = environment;
        expect(told).toEqual(
          documents.map((document) => ({
            ...document,
            environmentId,
            environmentKey,
            committedAt: clock.precise(),
          })),
        );
        for (const key of ['a', 'b', 'c']) {
          expect(order.indexOf(`told ${key}`)).toBeLessThan(order.indexOf(`wrote ${key}`));
        }
      });

      it('are told for each document of a transaction, and not at all when it is undone', async () => {
        const { storage, environment } = await setUp();
        const told: string[] = [];
        storage.changes.watch(({ key }) => told.push(key));
        await storage.transact(environment.id, async (transaction) => {
          await transaction.write(aDraft('a'));
          await transaction.write(aDraft('b'));
          expect(told).toEqual([]);
        });
        await storage
          .transact(environment.id, async (transaction) => {
            await transaction.write(aDraft('c'));
            throw new Error('undo');
          })
          .catch(() => {});
        expect(told).toEqual(['a', 'b']);
      });

      it('reach the other listeners and the writer although one listener throws; none after unsubscribing', async () => {
        const { storage, environment, write } = await setUp();
        const told: string[] = [];
        storage.changes.watch(() => {
          throw new Error('a bad listener');
        });
        const unsubscribe = storage.changes.watch(({ key }) => told.push(key));
        await write('a');
        unsubscribe();
        unsubscribe();
        await write('b');
        expect(told).toEqual(['a']);
        expect((await storage.changes.everything(environment.id)).documents).toHaveLength(2);
      });
    });

    describe('insights', () => {
      it('add up, for each environment by itself', async () => {
        const { storage, environment, clock } = await setUp();
        const other = anEnvironment();
        await storage.createEnvironment(other, []);
        await storage.recordInsights(
          new Map([
            [
              environment.id,
              {
                evaluations: [evaluation('f', 'on', 3, 1), evaluation('f', 'off', 1)],
                metrics: [metric('buy', 2.5, -1)],
                identifications: 2,
                rejected: 1,
              },
            ],
            [other.id, { ...NOTHING, evaluations: [evaluation('f', 'on', 7)] }],
          ]),
        );
        clock.time += 5;
        await storage.recordInsights(
          new Map([
            [
              environment.id,
              {
                ...NOTHING,
                evaluations: [evaluation('f', 'on', 2, 2)],
                metrics: [metric('buy', 10)],
                identifications: 1,
              },
            ],
          ]),
        );
        const at = clock.time;
        expect(await storage.insights(environment.id)).toEqual({
          evaluations: [
            { ...evaluation('f', 'off', 1), lastAt: at - 5 },
            { ...evaluation('f', 'on', 5, 3), lastAt: at },
          ],
          metrics: [{ eventName: 'buy', count: 3, sum: 11.5, min: -1, max: 10, lastAt: at }],
          identifications: 3,
          rejected: 1,
          overflow: { evaluations: 0, metrics: 0 },
        });
        expect((await storage.insights(other.id)).evaluations).toEqual([
          { ...evaluation('f', 'on', 7), lastAt: at - 5 },
        ]);
      });

      it('take no more entries than allowed, count the rest, and still add to the entries there are', async () => {
        const { storage, environment } = await setUp();
        const evaluations = ['a', 'b', 'c', 'd', 'e'].map((key) => evaluation(key, 'on', 10));
        const metrics = ['x', 'y', 'z'].map((name) => metric(name, 1));
        for (let round = 0; round < 2; round++) {
          await storage.recordInsights(new Map([[environment.id, { ...NOTHING, evaluations, metrics }]]));
        }
        const report = await storage.insights(environment.id);
        expect(report.evaluations.map(({ flagKey, count }) => [flagKey, count])).toEqual([
          ['a', 20],
          ['b', 20],
          ['c', 20],
        ]);
        expect(report.metrics.map(({ eventName, count }) => [eventName, count])).toEqual([
          ['x', 2],
          ['y', 2],
        ]);
        expect(report.overflow).toEqual({ evaluations: 40, metrics: 2 });
      });

      it('keep a sum finite', async () => {
        const { storage, environment } = await setUp();
        for (let round = 0; round < 3; round++) {
          const metrics = [metric('big', 1.7e308), metric('small', -1.7e308)];
          await storage.recordInsights(new Map([[environment.id, { ...NOTHING, metrics }]]));
        }
        const { metrics } = await storage.insights(environment.id);
        expect(metrics.map(({ sum }) => sum)).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
      });

      it('keep nothing when one environment is not there', async () => {
        const { storage, environment } = await setUp();
        const tally = { ...NOTHING, evaluations: [evaluation('f', 'on')] };
        const recording = storage.recordInsights(
          new Map([
            [environment.id, tally],
            [anEnvironment().id, tally],
          ]),
        );
        await expect(recording).rejects.toMatchObject({ code: 'storage_unavailable' });
        expect((await storage.insights(environment.id)).evaluations).toEqual([]);
      });
    });

    describe('the rest', () => {
      it('keeps settings', async () => {
        const { storage } = await setUp();
        expect(await storage.setting('token')).toBeUndefined();
        await storage.saveSetting('token', 'one');
        await storage.saveSetting('token', 'two');
        expect(await storage.setting('token')).toBe('two');
      });

      it('keeps everything across a restart', async ({ skip }) => {
        const { storage, environment, write, reopen } = await setUp();
        if (reopen === undefined) return skip('nothing outlives this storage');
        const flag = await write('a');
        await storage.saveSetting('token', 'one');
        await storage.recordInsights(
          new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'on')], metrics: [metric('m', 1)] }]]),
        );
        const insights = await storage.insights(environment.id);
        const again = await reopen();
        expect(await again.environments()).toEqual([environment]);
        expect(await again.document(environment.id, 'flag', 'a')).toEqual(flag);
        expect(await again.setting('token')).toBe('one');
        expect(await again.insights(environment.id)).toEqual(insights);
      });

      it('finishes what is running when it is closed, then refuses everything', async () => {
        const { storage, environment, write } = await setUp();
        await storage.ping();
        const writing = write('a');
        const closing = storage.close();
        await expect(writing).resolves.toMatchObject({ key: 'a' });
        await closing;
        await storage.close();
        for (const call of [
          storage.ping(),
          storage.environments(),
          storage.changes.everything(environment.id),
          storage.changes.since(environment.id, 1),
          write('b'),
          storage.recordInsights(new Map()),
        ]) {
          await expect(call).rejects.toMatchObject({ code: 'storage_unavailable' });
        }
      });
    });
  });
}

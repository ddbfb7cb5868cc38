import { describe, expect, it } from 'vitest';
import { newSecret } from '../../../src/access/secrets.js';
import type { Transaction } from '../../../src/storage/storage.js';
import { aDraft, anEnvironment } from '../../support/environments.js';
import { evaluation, NOTHING } from '../../support/tallies.js';
import type { SetUp } from './subject.js';

/** What a transaction is. */
export function transactionsContract(setUp: SetUp): void {
  describe('transactions', () => {
    it('keep everything or nothing', async () => {
      const { storage, environment, write } = await setUp();
      const before = await write('a');
      const failure = new Error('on purpose');
      const failed = storage.transact(async (transaction) => {
        await transaction.documents.write(environment.id, aDraft('a'));
        await transaction.documents.write(environment.id, aDraft('b'));
        throw failure;
      });
      await expect(failed).rejects.toBe(failure);
      expect((await storage.changes.everything(environment.id)).documents).toEqual([before]);
      await expect(
        storage.documents.write(environment.id, {
          ...aDraft('c'),
          text: () => {
            throw failure;
          },
        }),
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
        const kept = await storage.documents.get(environment.id, 'flag', `flag-${step}`);
        expect(kept !== undefined, `step ${step}`).toBe(outcome.status === 'fulfilled');
        expect(reported.includes(`flag-${step}`), `step ${step}`).toBe(outcome.status === 'fulfilled');
      }
      expect(step).toBeGreaterThan(2);
    });

    it('of every other kind that reject have kept nothing, whichever of their steps fails', async () => {
      const { storage, environment, breakStep } = await setUp();
      let recorded = 0;
      for (let step = 0, isReached = true; isReached; step++) {
        const other = anEnvironment();
        const secret = newSecret(other.id);
        const name = `setting-${step}`;
        const tallies = new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'on')] }]]);
        const isRecorded = async () => {
          const before = recorded;
          const { evaluations } = await storage.insights.report(environment.id);
          recorded = evaluations[0]?.count ?? 0;
          return recorded > before;
        };
        const writes: readonly [() => Promise<unknown>, () => Promise<boolean>][] = [
          [
            () => storage.environments.create(other, [aDraft('a')]),
            async () => (await storage.environments.byKey(other.key)) !== undefined,
          ],
          [
            () => storage.secrets.add(environment.id, { kind: 'client', name: 'new', value: secret }),
            async () => (await storage.secrets.byValue(secret)) !== undefined,
          ],
          [() => storage.settings.save(name, 'x'), async () => (await storage.settings.get(name)) !== undefined],
          [() => storage.insights.record(tallies), isRecorded],
        ];
        isReached = false;
        for (const [write, isKept] of writes) {
          const mend = breakStep(step);
          const [outcome] = await Promise.allSettled([write()]);
          isReached = mend() || isReached;
          expect(await isKept(), `step ${step} of ${write}`).toBe(outcome.status === 'fulfilled');
        }
      }
    });

    it('span everything that the storage keeps: all of it, or nothing', async () => {
      const { storage } = await setUp();
      const other = anEnvironment();
      const fill = async ({ environments, documents, insights, settings }: Transaction) => {
        await environments.create(other, [aDraft('seed')]);
        await documents.write(other.id, aDraft('a'));
        await settings.save('name', 'value');
        await insights.record(new Map([[other.id, { ...NOTHING, evaluations: [evaluation('a', 'on')] }]]));
      };
      const seen = async () => [
        (await storage.environments.byKey(other.key))?.id,
        (await storage.documents.list(other.id, 'flag', {})).map(({ key }) => key),
        await storage.settings.get('name'),
        (await storage.insights.report(other.id)).evaluations.length,
      ];
      const undone = storage.transact(async (transaction) => {
        await fill(transaction);
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
      expect(await seen()).toEqual([undefined, [], undefined, 0]);
      await storage.transact(fill);
      expect(await seen()).toEqual([other.id, ['a', 'seed'], 'value', 1]);
    });

    it('read what they wrote, and nobody else sees it before the end', async () => {
      const { storage, environment } = await setUp();
      const events: string[] = [];
      const writing = storage.transact(async (transaction) => {
        await transaction.documents.write(environment.id, aDraft('a'));
        const own = await transaction.documents.get(environment.id, 'flag', 'a');
        events.push(`writer sees ${own?.key}`);
        expect((await transaction.documents.list(environment.id, 'flag', {})).map(({ key }) => key)).toEqual(['a']);
        throw new Error('undo');
      });
      const reading = storage.documents
        .get(environment.id, 'flag', 'a')
        .then((seen) => events.push(`reader sees ${seen}`));
      await Promise.allSettled([writing, reading]);
      // A reader may have to wait for the end or not.
      expect(events.sort()).toEqual(['reader sees undefined', 'writer sees a']);
    });

    it('run one after another, so that no update is lost', async () => {
      const { storage, environment } = await setUp();
      const increment = () =>
        storage.transact(async (transaction) => {
          const current = await transaction.documents.get(environment.id, 'flag', 'counter');
          const count = current === undefined ? 0 : JSON.parse(current.text).count;
          await transaction.documents.write(environment.id, {
            ...aDraft('counter'),
            text: () => JSON.stringify({ count: count + 1 }),
          });
        });
      await Promise.all(Array.from({ length: 50 }, increment));
      const counter = await storage.documents.get(environment.id, 'flag', 'counter');
      expect(JSON.parse(counter?.text ?? '')).toEqual({ count: 50 });
    });

    it('refuse to be used when they are over', async () => {
      const { storage, environment } = await setUp();
      const leaked = await storage.transact(async (transaction) => transaction);
      await expect(leaked.documents.write(environment.id, aDraft('late'))).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
      expect(await storage.documents.get(environment.id, 'flag', 'late')).toBeUndefined();
    });

    it('fail for an environment that does not exist', async () => {
      const { storage } = await setUp();
      const writing = storage.documents.write(anEnvironment().id, aDraft('a'));
      await expect(writing).rejects.toMatchObject({ code: 'storage-unavailable' });
    });
  });
}

import { describe, expect, it } from 'vitest';
import { evaluation, metric, NOTHING } from '../../support/tallies.js';
import type { SetUp } from './subject.js';

/** What the center itself keeps, and how a storage ends. */
export function lifecycleContract(setUp: SetUp): void {
  describe('a storage', () => {
    it('keeps settings', async () => {
      const { storage } = await setUp();
      expect(await storage.settings.get('token')).toBeUndefined();
      await storage.settings.save('token', 'one');
      await storage.settings.save('token', 'two');
      expect(await storage.settings.get('token')).toBe('two');
    });

    it('keeps everything across a restart', async ({ skip }) => {
      const { storage, environment, write, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const flag = await write('a');
      await storage.settings.save('token', 'one');
      await storage.insights.record(
        new Map([[environment.id, { ...NOTHING, evaluations: [evaluation('f', 'on')], metrics: [metric('m', 1)] }]]),
      );
      const insights = await storage.insights.report(environment.id);
      const again = await reopen();
      expect(await again.environments.list()).toEqual([environment]);
      expect(await again.documents.get(environment.id, 'flag', 'a')).toEqual(flag);
      expect(await again.settings.get('token')).toBe('one');
      expect(await again.insights.report(environment.id)).toEqual(insights);
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
        storage.environments.list(),
        storage.changes.everything(environment.id),
        storage.changes.since(environment.id, 1),
        write('b'),
        storage.insights.record(new Map()),
      ]) {
        await expect(call).rejects.toMatchObject({ code: 'storage-unavailable' });
      }
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Trigger } from '../../../src/model/trigger.js';
import type { Storage } from '../../../src/storage/storage.js';
import { anEnvironment } from '../../support/environments.js';
import type { SetUp } from './subject.js';

const aTrigger = (storage: Storage, environmentId: string, digest: string, overrides: Partial<Trigger> = {}) =>
  storage.triggers.add(
    { environmentId, flagKey: 'f', name: 'Alert', action: 'off', start: 'fbt_abc', createdBy: 'Ada', ...overrides },
    digest,
  );

/** What every storage must do with the triggers of flags. */
export function triggersContract(setUp: SetUp): void {
  describe('triggers', () => {
    it('are kept by flag, in the order in which they were made', async () => {
      const { storage, environment, clock } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const first = await aTrigger(storage, environment.id, 'one');
      const second = await aTrigger(storage, environment.id, 'two', { action: 'toggle', name: 'Script' });
      const ofOther = await aTrigger(storage, environment.id, 'three', { flagKey: 'g', action: 'on' });
      const elsewhere = await aTrigger(storage, other.id, 'four');
      expect(first).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{24}$/),
        environmentId: environment.id,
        flagKey: 'f',
        name: 'Alert',
        action: 'off',
        start: 'fbt_abc',
        isEnabled: true,
        createdBy: 'Ada',
        createdAt: clock.time,
        uses: 0,
        lastUsedAt: undefined,
      });
      expect(await storage.triggers.list(environment.id, 'f')).toEqual([first, second]);
      expect(await storage.triggers.list(environment.id)).toEqual([first, second, ofOther]);
      expect(await storage.triggers.list(other.id)).toEqual([elsewhere]);
      expect(await storage.triggers.list(environment.id, 'F')).toEqual([]);
    });

    it('are found by the digest of their token, with their environment, whether they are enabled or not', async () => {
      const { storage, environment } = await setUp();
      const trigger = await aTrigger(storage, environment.id, 'one');
      expect(await storage.triggers.byDigest('one')).toEqual({ trigger, environment });
      expect(await storage.triggers.byDigest('two')).toBeUndefined();
      const disabled = await storage.triggers.change(trigger.id, { isEnabled: false });
      expect(await storage.triggers.byDigest('one')).toEqual({ trigger: disabled, environment });
    });

    it('are changed in what is given, and a new token takes the place of the one before', async () => {
      const { storage, environment } = await setUp();
      let expected = await aTrigger(storage, environment.id, 'one');
      const other = await aTrigger(storage, environment.id, 'other');
      for (const [change, seen] of [
        [{}, {}],
        [{ name: 'Other' }, { name: 'Other' }],
        [{ isEnabled: false }, { isEnabled: false }],
        [
          { isEnabled: true, name: 'Third' },
          { isEnabled: true, name: 'Third' },
        ],
        [{ token: { digest: 'new', start: 'fbt_xyz' } }, { start: 'fbt_xyz' }],
      ] as const) {
        expected = { ...expected, ...seen };
        expect(await storage.triggers.change(expected.id, change)).toEqual(expected);
      }
      expect(await storage.triggers.byDigest('one')).toBeUndefined();
      expect((await storage.triggers.byDigest('new'))?.trigger).toEqual(expected);
      expect((await storage.triggers.byDigest('other'))?.trigger).toEqual(other);
      expect(await storage.triggers.change('x', { name: 'x' })).toBeUndefined();
    });

    it('count their uses, whatever the clock does', async () => {
      const { storage, environment } = await setUp();
      const { id } = await aTrigger(storage, environment.id, 'one');
      for (const at of [10, 30, 20]) await storage.triggers.used(id, at);
      await storage.triggers.used('x', 40);
      expect(await storage.triggers.list(environment.id)).toMatchObject([{ uses: 3, lastUsedAt: 30 }]);
    });

    it('are removed one by one, or all those of a flag', async () => {
      const { storage, environment } = await setUp();
      const [first, second, third] = [
        await aTrigger(storage, environment.id, 'one'),
        await aTrigger(storage, environment.id, 'two'),
        await aTrigger(storage, environment.id, 'three', { flagKey: 'g' }),
      ];
      expect(await storage.triggers.remove(first.id)).toBe(true);
      expect(await storage.triggers.remove(first.id)).toBe(false);
      expect(await storage.triggers.byDigest('one')).toBeUndefined();
      expect(await storage.triggers.list(environment.id)).toEqual([second, third]);
      await storage.triggers.removeOf(environment.id, 'f');
      expect(await storage.triggers.list(environment.id)).toEqual([third]);
    });

    it('outlast a restart', async ({ skip }) => {
      const { storage, environment, reopen } = await setUp();
      if (reopen === undefined) return skip('nothing outlives this storage');
      const trigger = await aTrigger(storage, environment.id, 'one');
      expect(await (await reopen()).triggers.byDigest('one')).toEqual({ trigger, environment });
    });
  });
}

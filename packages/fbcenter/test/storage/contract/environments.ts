import { describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/model/environment.js';
import { aDraft, anEnvironment } from '../../support/environments.js';
import type { SetUp } from './subject.js';

/** What every storage must do with environments and secrets. */
export function environmentsContract(setUp: SetUp): void {
  describe('environments', () => {
    it('finds an environment by its key', async () => {
      const { storage, environment } = await setUp();
      expect(await storage.environments.list()).toEqual([environment]);
      expect(await storage.environments.byKey(environment.key)).toEqual(environment);
      expect(await storage.environments.byKey(environment.key.toUpperCase())).toBeUndefined();
    });

    it.each([
      ['key', (taken: Environment) => ({ ...anEnvironment(), key: taken.key })],
      ['id', (taken: Environment) => ({ ...anEnvironment(), id: taken.id })],
      ['server secret', (taken: Environment) => ({ ...anEnvironment(), serverSecret: taken.serverSecret })],
      ['other kind of secret', (taken: Environment) => ({ ...anEnvironment(), clientSecret: taken.serverSecret })],
      ['own secret', () => ({ ...anEnvironment(), clientSecret: 'a'.repeat(44), serverSecret: 'a'.repeat(44) })],
    ])('refuses an environment whose %s is taken, and keeps nothing of it', async (_, clash) => {
      const { storage, environment } = await setUp();
      expect(await storage.environments.create(clash(environment), [aDraft('f')])).toBe(false);
      expect(await storage.environments.list()).toEqual([environment]);
    });

    it('says the greatest version that each has had, by its key', async () => {
      const { storage, environment, clock, write } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, [aDraft('a'), aDraft('b')]);
      const created = clock.time;
      clock.time += 10;
      const { version } = await write('f');
      expect(await storage.environments.versions()).toEqual(
        new Map([
          [environment.key, version],
          [other.key, created],
        ]),
      );
    });

    it('gives one another name and protects it, and leaves everything else as it is', async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      await storage.environments.describe(environment.id, { name: 'Production', isProtected: true });
      expect(await storage.environments.byKey(environment.key)).toEqual({
        ...environment,
        name: 'Production',
        isProtected: true,
      });
      expect(await storage.environments.byKey(other.key)).toEqual(other);
    });

    it('creates an environment with its first documents, each under a version of its own, none in the future', async () => {
      const { storage, clock } = await setUp();
      const seeded = anEnvironment();
      await storage.environments.create(seeded, [aDraft('a'), aDraft('b'), aDraft('s', 'segment')]);
      const { cursor, documents } = await storage.changes.everything(seeded.id);
      expect(documents.map((document) => document.version)).toEqual([clock.time - 2, clock.time - 1, clock.time]);
      expect(cursor).toBe(clock.time);
    });
  });
}

import { describe, expect, it } from 'vitest';
import { newSecret } from '../../../src/access/secrets.js';
import { anEnvironment } from '../../support/environments.js';
import type { SetUp } from './subject.js';

/** What every storage must do with secrets. */
export function secretsContract(setUp: SetUp): void {
  describe('secrets', () => {
    it('come with their environment, one of each kind, and are found by their value alone', async () => {
      const { storage, environment, clock } = await setUp();
      const { serverSecret, clientSecret } = environment;
      const first = { id: expect.any(String), name: 'first', createdAt: clock.time, lastUsedAt: undefined };
      const [server, client, ...more] = await storage.secrets.list(environment.id);
      expect([server, client, more]).toEqual([
        { ...first, kind: 'server', value: serverSecret },
        { ...first, kind: 'client', value: clientSecret },
        [],
      ]);
      expect(await storage.secrets.byValue(serverSecret)).toEqual({ environment, kind: 'server', id: server?.id });
      expect(await storage.secrets.byValue(clientSecret)).toEqual({ environment, kind: 'client', id: client?.id });
      expect(server?.id).not.toBe(client?.id);
      for (const value of [serverSecret.toLowerCase(), '', server?.id ?? '']) {
        expect(await storage.secrets.byValue(value)).toBeUndefined();
      }
    });

    it('are added beside those that are there; the environment shows the one that was added last', async () => {
      const { storage, environment, clock } = await setUp();
      clock.time += 5;
      const value = newSecret(environment.id);
      const added = await storage.secrets.add(environment.id, { kind: 'server', name: 'The second', value });
      expect(added).toMatchObject({ kind: 'server', name: 'The second', value, createdAt: clock.time });
      // A clock that is set back does not make it older.
      clock.time -= 1_000;
      const third = newSecret(environment.id);
      await storage.secrets.add(environment.id, { kind: 'server', name: 'The third', value: third });
      const values = (await storage.secrets.list(environment.id)).map((secret) => secret.value);
      expect(values).toEqual([environment.serverSecret, environment.clientSecret, value, third]);
      const now = { ...environment, serverSecret: third };
      expect(await storage.environments.byKey(environment.key)).toEqual(now);
      expect(await storage.environments.list()).toEqual([now]);
      for (const one of [environment.serverSecret, value, third]) {
        expect(await storage.secrets.byValue(one)).toMatchObject({ environment: now, kind: 'server' });
      }
    });

    it("are nobody else's: one that is taken, by whatever environment and kind, is not added", async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      for (const value of [environment.serverSecret, environment.clientSecret]) {
        for (const kind of ['server', 'client'] as const) {
          expect(await storage.secrets.add(other.id, { kind, name: 'x', value })).toBeUndefined();
        }
      }
      expect(await storage.secrets.list(other.id)).toHaveLength(2);
    });

    it('are removed by their id, within their environment, but for the only one of a kind', async () => {
      const { storage, environment } = await setUp();
      const other = anEnvironment();
      await storage.environments.create(other, []);
      const { secrets } = storage;
      const value = newSecret(environment.id);
      const [first] = await secrets.list(environment.id);
      const id = first?.id ?? '';
      expect(await secrets.remove(environment.id, id)).toBe('only-one');
      const added = await secrets.add(environment.id, { kind: 'server', name: 'new', value });
      expect(await secrets.remove(other.id, id)).toBe('missing');
      expect(await secrets.remove(environment.id, 'nonsense')).toBe('missing');
      expect(await secrets.remove(environment.id, id)).toBe('removed');
      expect(await secrets.remove(environment.id, id)).toBe('missing');
      expect(await secrets.remove(environment.id, added?.id ?? '')).toBe('only-one');
      expect(await secrets.byValue(environment.serverSecret)).toBeUndefined();
      expect((await storage.environments.byKey(environment.key))?.serverSecret).toBe(value);
      // What was removed may come back, as another one.
      const again = await secrets.add(environment.id, {
        kind: 'server',
        name: 'again',
        value: environment.serverSecret,
      });
      expect(again?.id).not.toBe(id);
    });

    it('know when they were used last', async () => {
      const { storage, environment } = await setUp();
      const [server, client] = await storage.secrets.list(environment.id);
      await storage.secrets.used(new Map([[server?.id ?? '', 5_000]]));
      await storage.secrets.used(new Map([['nonsense', 5_000]]));
      const [used, unused] = await storage.secrets.list(environment.id);
      expect([used, unused]).toEqual([{ ...server, lastUsedAt: 5_000 }, client]);
    });
  });
}

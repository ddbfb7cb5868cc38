import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { environmentFile, readEnvironmentFile } from '../../src/documents/environment-file.js';
import { countsOf, makeTransfer, planTransfer, type Transfer } from '../../src/documents/transfer.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Environment } from '../../src/model/environment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import type { Storage } from '../../src/storage/storage.js';
import { aFlag, aRule, everybody } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { check } from '../support/property.js';

const KEYS = ['a', 'b', 'c', 'd'];

const aSegment = fc.record({
  id: fc.constantFrom(...KEYS),
  included: fc.subarray(['u1', 'u2', 'u3']),
  isArchived: fc.boolean(),
});

/** Some of them ask about segments, which may be there or not. */
const anyFlag = fc
  .record({
    key: fc.constantFrom(...KEYS),
    name: fc.constantFrom('x', 'y'),
    isEnabled: fc.boolean(),
    isArchived: fc.boolean(),
    serves: fc.constantFrom('on', 'off'),
    asks: fc.subarray(KEYS, { maxLength: 2 }),
  })
  .map(({ serves, asks, ...flag }) => ({
    ...aFlag({ fallthrough: { variations: everybody(serves) } }),
    ...flag,
    rules: asks.map((id) => ({
      id,
      ...aRule({ property: 'User is in segment', op: null, value: JSON.stringify([id]) }),
    })),
  }));

const aFile = fc.record({
  format: fc.constant('fbcenter-environment'),
  formatVersion: fc.constant(1),
  segments: fc.uniqueArray(aSegment, { selector: ({ id }) => id, maxLength: 4 }),
  flags: fc.uniqueArray(anyFlag, { selector: ({ key }) => key, maxLength: 4 }),
});

const importing = (into: Environment, file: unknown, withSwitch = true): Transfer => ({
  action: 'import',
  into,
  items: async () => readEnvironmentFile(file),
  withSwitch,
  by: SETTINGS_TOKEN,
  note: {},
});

async function exported(storage: Storage, environment: Environment): Promise<string> {
  const { documents } = await storage.changes.everything(environment.id);
  return [...environmentFile({ key: 'x', name: 'x' }, documents, 0)].join('');
}

async function anEmpty(storage: Storage): Promise<Environment> {
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  return environment;
}

it('files that are imported one after the other: all of it or nothing, then the same, and an export says the same elsewhere', async () => {
  const storage = openSqliteStorage();
  onTestFinished(() => storage.close());
  await check(
    fc.asyncProperty(fc.array(aFile, { minLength: 1, maxLength: 3 }), fc.boolean(), async (files, withSwitch) => {
      const environment = await anEmpty(storage);
      for (const file of files) {
        const before = await exported(storage, environment);
        const entries = await storage.audit.list({ environment: environment.key, limit: 1_000 });
        const plan = await planTransfer(storage, importing(environment, file, withSwitch));
        const outcome = await makeTransfer(storage, importing(environment, file, withSwitch)).catch((error) => error);
        const counts = countsOf(plan);
        const now = await storage.audit.list({ environment: environment.key, limit: 1_000 });
        if (counts.faulty > 0) {
          expect(outcome).toMatchObject({ code: 'invalid-document' });
          expect([await exported(storage, environment), now]).toEqual([before, entries]);
          continue;
        }
        // What the plan said is what was done, and the log has each change and one entry for all.
        expect(outcome.plan.digest).toBe(plan.digest);
        const changes = counts.created + counts.changed;
        expect(now.length - entries.length).toBe(changes === 0 ? 0 : changes + 1);
        const again = await planTransfer(storage, importing(environment, file, withSwitch));
        expect(countsOf(again)).toMatchObject({ created: 0, changed: 0, faulty: 0 });
      }
      const file = await exported(storage, environment);
      const elsewhere = await anEmpty(storage);
      await makeTransfer(storage, importing(elsewhere, JSON.parse(file)));
      expect(await exported(storage, elsewhere)).toBe(file);
    }),
    60,
  );
});

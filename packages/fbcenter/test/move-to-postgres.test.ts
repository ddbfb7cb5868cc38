import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { SETTINGS_TOKEN } from '../src/model/actor.js';
import { moveToPostgres } from '../src/move-to-postgres.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import type { Storage } from '../src/storage/storage.js';
import { aDraft, anEnvironment } from './support/environments.js';
import { aMetric, anIteration, aPlan } from './support/experiments.js';
import { HAS_POSTGRES, newDatabase, openTestStorage, PATIENT, postgresUrl } from './support/postgres.js';
import { evaluation, metric } from './support/tallies.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fbcenter-move-'));
  folders.push(folder);
  return folder;
}

/** Something of everything that a center keeps. */
async function fill(storage: Storage): Promise<string> {
  const environment = anEnvironment();
  await storage.environments.create(environment, [aDraft('seed')]);
  await storage.environments.describe(environment.id, { name: 'Production', isProtected: true });
  for (const key of ['a', 'b', 'a', "it's", '🚩']) await storage.documents.write(environment.id, aDraft(key));
  await storage.documents.write(environment.id, aDraft('gone', 'segment', true));
  await storage.documents.delete(environment.id, 'segment', 'gone');
  await storage.secrets.add(environment.id, { kind: 'client', name: 'second', value: 's'.repeat(44) });
  await storage.settings.save('admin-token', 'the token of the settings');
  for (const key of ['one', 'two']) {
    await storage.audit.append({
      actor: SETTINGS_TOKEN,
      action: 'create',
      subject: { kind: 'token', key },
      after: { key },
    });
  }
  const ada = await storage.users.add({
    name: 'Ada',
    grants: { everywhere: 'admin', environments: {} },
    subject: undefined,
  });
  await storage.users.change(ada?.id ?? '', { password: 'hash' });
  for (const agent of ['first', 'second']) await storage.sessions.add({ userId: ada?.id ?? '', agent }, agent, 9);
  await storage.links.put({ userId: undefined, expiresAt: 5 }, 'digest of a link');
  const grants = { everywhere: 'viewer', environments: {} } as const;
  await storage.tokens.add({ name: 'CI', start: 'fbc_', grants, createdBy: 'Ada', expiresAt: undefined }, 'digest');
  const tally = {
    evaluations: [evaluation('a', 'on', 3)],
    metrics: [metric('bought', 1.5)],
    identifications: 2,
    rejected: 1,
  };
  await storage.insights.record(new Map([[environment.id, tally]]));
  const plan = aPlan([aMetric({})]);
  const iteration = await storage.experiments.addIteration(environment.id, anIteration(1_000_000, plan));
  const request = { hash: 'r', next: undefined, uncounted: new Map() };
  const exposure = {
    kind: 'exposure',
    user: 7,
    at: 1_000_001,
    place: 1,
    iteration: iteration.id,
    variation: 0,
  } as const;
  const event = plan.metrics[0]?.definition.event ?? '';
  const bought = { kind: 'metric', user: 7, at: 1_000_002, place: 2, event, value: 1 } as const;
  await storage.experimentData.take(environment.id, [{ ...request, events: [exposure, bought] }], [iteration]);
  return environment.id;
}

/** Everything that can be read of a storage. */
async function everything(storage: Storage, id: string) {
  const { documents, cursor } = await storage.changes.everything(id);
  const [iteration] = await storage.experiments.openIterations();
  const entries = await storage.audit.list({ limit: 100 });
  return {
    environments: await storage.environments.list(),
    documents,
    cursors: await Promise.all(
      [cursor, ...documents.map(({ version }) => version)].map((one) => storage.changes.since(id, one)),
    ),
    secrets: await storage.secrets.list(id),
    token: await storage.settings.get('admin-token'),
    audit: await Promise.all(entries.map((entry) => storage.audit.get(entry.id))),
    users: await storage.users.list(),
    password: await storage.users.passwordOf((await storage.users.byName('Ada'))?.id ?? ''),
    sessions: await storage.sessions.ofUser((await storage.users.byName('Ada'))?.id ?? ''),
    link: await storage.links.byDigest('digest of a link'),
    tokens: await storage.tokens.list(),
    insights: await storage.insights.report(id),
    iteration,
    sums: await storage.experimentData.sums(iteration?.iteration.id ?? 0),
    pseudonyms: await storage.experimentData.pseudonymKey(id),
  };
}

describe.skipIf(!HAS_POSTGRES)('moving a folder to PostgreSQL', () => {
  const url = postgresUrl;
  const open = (database: string) => openTestStorage({ url: database, schema: 'fbcenter', patience: PATIENT });

  async function aFolder() {
    const folder = newFolder();
    const storage = openSqliteStorage({ folder });
    const id = await fill(storage);
    const before = await everything(storage, id);
    await storage.close();
    const database = await newDatabase(url());
    const lines: string[] = [];
    const move = (overwrite = false) =>
      moveToPostgres({ folder, database, overwrite, progress: (line) => void lines.push(line) });
    return { folder, id, before, database, lines, move };
  }

  it('leaves everything what it was, and the folder as it was', async () => {
    const { folder, id, before, database, move, lines } = await aFolder();
    expect(await move()).toEqual({ documents: 5, environments: 1 });
    const moved = await open(database);
    expect(await everything(moved, id)).toEqual(before);
    expect(lines).toContain('documents: 5');
    // It goes on where the folder was: versions, the chain of the log, numbers of iterations.
    const { version } = await moved.documents.write(id, aDraft('new'));
    expect(version).toBeGreaterThan(Math.max(...before.documents.map((one) => one.version)));
    const entry = await moved.audit.append({ actor: SETTINGS_TOKEN, action: 'x', subject: { kind: 'y', key: 'z' } });
    expect(entry.id).toBe((before.audit[0]?.id ?? 0) + 1);
    const added = await moved.experiments.addIteration(id, anIteration(1, aPlan([aMetric({})])));
    expect(added.id).toBeGreaterThan(before.iteration?.iteration.id ?? 0);
    const storage = openSqliteStorage({ folder });
    onTestFinished(() => storage.close());
    expect(await everything(storage, id)).toEqual(before);
  });

  it('can be done again, with what the folder has by then', async () => {
    const { folder, id, database, move } = await aFolder();
    await move();
    const storage = openSqliteStorage({ folder });
    await storage.documents.write(id, aDraft('later'));
    const now = await everything(storage, id);
    await storage.close();
    await move();
    expect(await everything(await open(database), id)).toEqual(now);
  });

  it('replaces nothing that was changed in the database since, unless it is told to', async () => {
    const { id, database, move, before } = await aFolder();
    await move();
    const used = await open(database);
    const { version } = await used.documents.write(id, aDraft('a change of its own'));
    await used.close();
    await expect(move()).rejects.toMatchObject({ code: 'already-exists' });
    const again = await open(database);
    expect(await again.documents.get(id, 'flag', 'a change of its own')).toBeDefined();
    await again.close();
    await move(true);
    const moved = await everything(await open(database), id);
    const { documents, cursors, audit, environments, ...rest } = before;
    expect(moved).toMatchObject(rest);
    expect(moved.documents.map(({ key }) => key)).toEqual(documents.map(({ key }) => key));
    // SDKs may hold the change that is gone: what is there now is newer to them, and all of it.
    for (const one of moved.documents) expect(one.version).toBeGreaterThan(version);
    expect(await (await open(database)).changes.since(id, version)).toBeUndefined();
  });

  it('leaves versions as they are when it is done again before anything was changed', async () => {
    const { id, database, move, before } = await aFolder();
    await move();
    // A center has started there, and is gone.
    await (await open(database)).close();
    await move();
    expect(await everything(await open(database), id)).toEqual(before);
  });

  it('refuses a database that a center uses, a folder that one uses, and one without data', async () => {
    const { folder, database, move } = await aFolder();
    const used = await open(database);
    await expect(move()).rejects.toThrow('A center uses the database');
    await used.close();
    const storage = openSqliteStorage({ folder });
    await expect(move()).rejects.toMatchObject({ code: 'folder-in-use' });
    await storage.close();
    const empty = moveToPostgres({ folder: newFolder(), database, overwrite: false, progress: () => {} });
    await expect(empty).rejects.toMatchObject({ code: 'data-missing' });
  });

  it('says which database cannot be used, and nothing of its password', async () => {
    const { folder } = await aFolder();
    const database = 'postgres://fbcenter:a-password@127.0.0.1:1/flags';
    const moving = moveToPostgres({ folder, database, overwrite: false, progress: () => {} });
    const error = await moving.catch((caught: Error) => caught);
    expect(String(error)).toMatch(/database flags at 127\.0\.0\.1:1/);
    expect(String(error)).not.toContain('a-password');
  });
});

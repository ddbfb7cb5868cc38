import { describe, expect, it } from 'vitest';
import { lookHere } from '../../../src/doctor/here.js';
import { inspectDatabase } from '../../../src/storage/postgres/inspect.js';
import type { Client, Library } from '../../../src/storage/postgres/library.js';
import { KNOWN_SCHEMA } from '../../../src/storage/postgres/migrations.js';
import { HAS_POSTGRES, newDatabase, newSchema, openTestStorage, postgresUrl } from '../../support/postgres.js';

const NOW = Date.UTC(2026, 10, 28);
const ROW = { version: '15.8', encoding: 'UTF8', isReadOnly: false, now: NOW, table: 'schema_version' };

/** A database that answers with these rows, one statement after the other. */
function answering(...answers: readonly (object | Error)[]) {
  const statements: string[] = [];
  const rest = [...answers];
  const ended: unknown[] = [];
  const unsafe: Client['unsafe'] = async (sql) => {
    statements.push(sql);
    const answer = rest.shift();
    if (answer instanceof Error) throw answer;
    return Object.assign(answer === undefined ? [] : [answer], { count: 1 });
  };
  const library: Library = () => ({
    unsafe,
    begin: () => Promise.reject(new Error('changes something')),
    listen: () => Promise.reject(new Error('listens')),
    end: async (settings) => void ended.push(settings),
  });
  return { library, statements, ended };
}

const URL = 'postgres://u:a-password@h:5432/flags';

describe('a look at a database', () => {
  it('finds its versions, without changing anything', async () => {
    const { library, statements, ended } = answering(ROW, { number: 7 });
    const { table: _, ...server } = ROW;
    expect(await inspectDatabase(URL, { library })).toEqual({ ...server, schema: { found: 7, known: KNOWN_SCHEMA } });
    for (const statement of statements) expect(statement).toMatch(/^SELECT/);
    expect(ended).toHaveLength(1);
  });

  it('finds that there are no tables yet', async () => {
    const { library, statements } = answering({ ...ROW, table: null });
    expect(await inspectDatabase(URL, { library })).toMatchObject({ schema: { found: 0 } });
    expect(statements).toHaveLength(1);
  });

  it.each([new Error('password authentication failed'), undefined])(
    'says which one it is when it cannot, and no password: %s',
    async (error) => {
      const { library, ended } = answering(...(error === undefined ? [] : [error]));
      const failure = await inspectDatabase(URL, { library }).catch((reason: unknown) => reason);
      expect(String(failure)).toMatch(/The database flags at h:5432 cannot be used/);
      expect(String(failure)).not.toContain('a-password');
      expect(ended).toHaveLength(1);
    },
  );
});

describe.skipIf(!HAS_POSTGRES)('a look at a PostgreSQL', () => {
  const url = postgresUrl;

  it('finds the schema that a center has made, and its clock', async () => {
    const schema = newSchema();
    expect(await inspectDatabase(url(), { schema })).toMatchObject({ schema: { found: 0, known: KNOWN_SCHEMA } });
    await openTestStorage({ url: url(), schema });
    const { version, encoding, isReadOnly, now, ...found } = await inspectDatabase(url(), { schema });
    expect([found.schema.found, encoding, isReadOnly]).toEqual([KNOWN_SCHEMA, 'UTF8', false]);
    expect(version).toMatch(/^\d+/);
    expect(Math.abs(now - Date.now())).toBeLessThan(600_000);
  });

  it('is what fbcenter doctor reports', async () => {
    const database = await newDatabase(url());
    const here = { folder: '', host: '127.0.0.1', port: 0, url: '', token: undefined, settingProblems: [] };
    const findings = await lookHere({ ...here, database });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'database', state: 'ok' }));
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'schema', message: 'no tables yet: the first start makes them' }),
    );
  });
});

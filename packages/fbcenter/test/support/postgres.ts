import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type Client, type Library, loadLibrary } from '../../src/storage/postgres/library.js';
import { openPostgresStorage, type PostgresOptions } from '../../src/storage/postgres/open.js';
import type { Patience } from '../../src/storage/postgres/patience.js';
import type { Storage } from '../../src/storage/storage.js';
import { Schemas } from './schemas.js';

/** The database that the tests were given to run on; see `npm run check:postgres`. */
export const GIVEN_DATABASE = process.env.FBCENTER_TEST_DATABASE;

/** Whether tests have a PostgreSQL: the quick ones do without, on machines that have one too. */
export const HAS_POSTGRES = GIVEN_DATABASE !== undefined;

/** The address of the PostgreSQL, in tests that have one. */
export function postgresUrl(): string {
  return GIVEN_DATABASE ?? '';
}

/** What a test gives a database on a machine that has much else to do. */
export const PATIENT: Patience = { connect: 30_000, lock: 30_000, statement: 40_000, answer: 60_000, silence: 60_000 };

/** A name for a schema that is to be made anew. */
export function newSchema(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}

const schemas = new Map<string, Schemas>();

/** The schemas that are lent of a database. */
export function schemasOf(url: string): Schemas {
  const known = schemas.get(url) ?? new Schemas(url);
  schemas.set(url, known);
  return known;
}

/** A schema with empty tables, for this test alone; call it before a storage is opened on it. */
export async function leasedSchema(url: string): Promise<string> {
  const { name, giveBack } = await schemasOf(url).lease();
  // Such functions run in the reverse order: the storage is closed before.
  onTestFinished(giveBack);
  return name;
}

/** Opens a storage, and closes it with the test. @param options without a schema, tables are made anew. */
export async function openTestStorage(
  options: Omit<PostgresOptions, 'schema'> & { schema?: string },
): Promise<Storage> {
  const storage = await openPostgresStorage({ schema: newSchema(), patience: PATIENT, ...options });
  onTestFinished(() => storage.close());
  return storage;
}

/** Fails statements on purpose. */
export class BreakableLibrary {
  #left = Number.NaN;
  #refusal: Error | undefined;

  /** The library with which a storage is opened whose statements can fail. */
  async library(): Promise<Library> {
    const real = await loadLibrary();
    return (url, options) => this.#breakable(real(url, options));
  }

  /** Makes the `index`-th statement from now fail. @returns a function that ends this and says whether it was reached. */
  breakStep(index: number): () => boolean {
    this.#left = index;
    return () => {
      const isReached = this.#left < 0;
      this.#left = Number.NaN;
      return isReached;
    };
  }

  /** From now on nothing is written, as if PostgreSQL said so; absent = it is written again. @param code of PostgreSQL's. */
  refuseWrites(code?: string): void {
    this.#refusal =
      code === undefined ? undefined : Object.assign(new Error('on purpose'), { name: 'PostgresError', code });
  }

  #breakable(client: Client): Client {
    const unsafe: (on: Pick<Client, 'unsafe'>) => Client['unsafe'] = (on) => async (sql, parameters, options) => {
      if (this.#refusal !== undefined && /(?:^|\()\s*(?:INSERT|UPDATE|DELETE)\b/.test(sql)) throw this.#refusal;
      this.#left -= 1;
      if (this.#left === -1) throw new Error('on purpose');
      return on.unsafe(sql, parameters, options);
    };
    return {
      unsafe: unsafe(client),
      begin: (mode, work) => client.begin(mode, (within) => work({ unsafe: unsafe(within) })),
      listen: (channel, heard, listening) => client.listen(channel, heard, listening),
      end: (settings) => client.end(settings),
    };
  }
}

/** Makes a database of its own. @returns its address. */
export async function newDatabase(url: string): Promise<string> {
  const name = newSchema();
  const client = (await loadLibrary())(url, { max: 1, connect_timeout: 30, connection: {} });
  await client.unsafe(`CREATE DATABASE ${name}`, []);
  await client.end({ timeout: 1 });
  const address = new URL(url);
  address.pathname = `/${name}`;
  return String(address);
}

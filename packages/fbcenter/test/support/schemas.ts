import postgres from 'postgres';
import { openPostgresStorage } from '../../src/storage/postgres/open.js';

/** A schema with the tables of an empty storage, which nobody else uses meanwhile. */
export interface LeasedSchema {
  readonly name: string;
  /** Lets others use it; whoever used it must have closed its storage. */
  giveBack(): Promise<void>;
}

/** Tables as they are made: those of other schemas get their first rows from here. */
const PRISTINE = 'pristine';

/** The first of the two numbers of our locks; centers take locks of one number. */
const LOCKS = 4_711;

/**
 * Lends schemas that are emptied and used again: there are a thousand tests, and to make the tables takes many times as long as to empty them.
 * Whoever uses a schema has a lock on its number, which ends with the process at the latest.
 */
export class Schemas {
  readonly #url: string;
  readonly #sql: postgres.Sql;
  /** The numbers of those that this process uses, or is asking for: a lock would be given to it twice. */
  readonly #numbers = new Set<number>();
  #isReady: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
    // The locks are those of its one connection, which must not end while it is idle.
    this.#sql = postgres(url, { max: 1, idle_timeout: 0, max_lifetime: null, fetch_types: false, onnotice: () => {} });
  }

  async lease(): Promise<LeasedSchema> {
    this.#isReady ??= this.#make(PRISTINE);
    await this.#isReady;
    const number = await this.#lock();
    const name = `leased_${number}`;
    const [row] = await this.#sql`SELECT to_regnamespace(${name}) IS NOT NULL AS is_there`;
    if (row?.is_there === true) await this.#sql.unsafe(emptying(name));
    else await this.#make(name);
    return { name, giveBack: () => this.#unlock(number) };
  }

  /** Takes the first number that nobody uses. */
  async #lock(): Promise<number> {
    for (let number = 0; ; number++) {
      if (this.#numbers.has(number)) continue;
      this.#numbers.add(number);
      const [row] = await this.#sql`SELECT pg_try_advisory_lock(${LOCKS}::int, ${number}::int) AS is_ours`;
      if (row?.is_ours === true) return number;
      this.#numbers.delete(number);
    }
  }

  async #unlock(number: number): Promise<void> {
    await this.#sql`SELECT pg_advisory_unlock(${LOCKS}::int, ${number}::int)`;
    this.#numbers.delete(number);
  }

  async #make(name: string): Promise<void> {
    await (await openPostgresStorage({ url: this.#url, schema: name })).close();
  }
}

/** Puts a schema back to how it was made; meanwhile no trigger and no reference counts. */
function emptying(name: string): string {
  return `DO $emptying$
    DECLARE one record; is_filled boolean;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = '${name}' LOOP
        EXECUTE format('DELETE FROM ${name}.%I', one.name);
      END LOOP;
      FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = '${PRISTINE}' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM ${PRISTINE}.%I)', one.name) INTO is_filled;
        IF is_filled THEN EXECUTE format('INSERT INTO ${name}.%I SELECT * FROM ${PRISTINE}.%I', one.name, one.name); END IF;
      END LOOP;
      FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = '${name}' LOOP
        PERFORM setval(format('${name}.%I', one.name)::regclass, 1, false);
      END LOOP;
    END $emptying$`;
}

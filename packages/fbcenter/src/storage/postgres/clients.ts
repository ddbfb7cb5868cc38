import { errorText, type Logger } from '../../runtime/log.js';
import type { Client, Library } from './library.js';
import type { Patience } from './patience.js';

export interface DatabaseOptions {
  readonly library: Library;
  /** Holds credentials: it is never part of a message. */
  readonly url: string;
  /** The schema that holds the tables, and the channel of the hints. */
  readonly schema: string;
  /** Connections at once, without the one that listens. */
  readonly connections: number;
  readonly patience: Patience;
  readonly log: Logger;
}

/** For how long connections are new that have answered nothing yet, in milliseconds. */
const NEW = 10_000;

/** How long is waited for what runs on connections that are to end, in seconds. */
const RETIRING = 5;

/** How often it is tried to listen, in milliseconds. */
const LISTENING = 250;

/** The connections to the database: those in use, which are made anew when they lead nowhere, and the one that listens. */
export class Clients {
  readonly #options: DatabaseOptions;
  #current: Client;
  /** Those that were thrown away and may not have ended yet. */
  readonly #discarded = new Set<Promise<unknown>>();
  #isClosed = false;
  #isProven = false;
  #madeAt = performance.now();

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#current = this.connect(options.connections);
  }

  get current(): Client {
    return this.#current;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @param settings of the connections, beside those of every one. */
  connect(connections: number, settings: Readonly<Record<string, number>> = {}): Client {
    const { library, url, schema, patience } = this.#options;
    return library(url, {
      max: connections,
      connect_timeout: patience.connect / 1_000,
      connection: {
        search_path: schema,
        statement_timeout: patience.statement,
        lock_timeout: patience.lock,
        idle_in_transaction_session_timeout: 30_000,
        ...settings,
      },
    });
  }

  /** Runs work on a lock of this name, on a connection of its own. It may take as long as it takes. */
  async alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const client = this.connect(1, {
      statement_timeout: 60_000,
      lock_timeout: 60_000,
      idle_in_transaction_session_timeout: 0,
    });
    try {
      const { result } = await client.begin('', async (within) => {
        await within.unsafe('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [lock]);
        return { result: await work() };
      });
      return result;
    } finally {
      await client.end({ timeout: 1 });
    }
  }

  /** The database has answered on the connections in use. */
  proven(client: Client): void {
    if (client === this.#current) this.#isProven = true;
  }

  /**
   * Ends connections of which one was lost, as soon as what runs on them is done. The library keeps what it could not send, and would send it
   * first when that connection is made again.
   */
  retire(client: Client): void {
    if (client !== this.#current || this.#isClosed) return;
    this.#replace(client, RETIRING);
  }

  /**
   * Leaves connections to themselves that hang, or that lead to the wrong server. What still runs on them fails. Those that were made a moment
   * ago and have answered nothing yet are given time: a database that starts may be slow to let anybody in.
   */
  discard(client: Client, reason: string): void {
    if (client !== this.#current || this.#isClosed) return;
    const now = performance.now();
    if (!this.#isProven && now - this.#madeAt < NEW) return;
    this.#options.log.warn('the connections to the database are made anew', { reason });
    this.#replace(client, 0);
  }

  /** @param timeout what runs is given so long, in seconds. */
  #replace(client: Client, timeout: number): void {
    this.#isProven = false;
    this.#madeAt = performance.now();
    this.#current = this.connect(this.#options.connections);
    const ending = client.end({ timeout });
    this.#discarded.add(ending);
    void ending.finally(() => this.#discarded.delete(ending));
  }

  /**
   * Listens to a channel on a connection of its own, which is made anew when it is lost.
   *
   * @param heard receives each message, and `listening` is called whenever it begins to listen.
   */
  listen(heard: (message: string) => void, listening: () => void): () => void {
    const listener = this.connect(1);
    let isOver = false;
    const begin = (): void => {
      listener.listen(this.#options.schema, heard, listening).catch((error: unknown) => {
        if (isOver) return;
        this.#options.log.debug('the database cannot be listened to yet', { error: errorText(error) });
        setTimeout(() => isOver || begin(), LISTENING).unref();
      });
    };
    begin();
    return () => {
      isOver = true;
      void listener.end({ timeout: 0 });
    };
  }

  /** From now on nothing may be asked. */
  refuse(): void {
    this.#isClosed = true;
  }

  async end(): Promise<void> {
    await this.#current.end({ timeout: 1 });
    await Promise.allSettled(this.#discarded);
  }
}

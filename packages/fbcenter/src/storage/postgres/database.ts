import { setImmediate } from 'node:timers/promises';
import { StorageError } from '../../errors.js';
import { errorText } from '../../runtime/log.js';
import { Circuit } from './circuit.js';
import { Clients, type DatabaseOptions } from './clients.js';
import { connectionOf, type Parameter, type PostgresConnection, type StatementResult } from './connection.js';
import { CLOSED, failureOf, isLost, LATE, storageErrorOf, UNKNOWN, unknownIfLost } from './failures.js';
import { type Client, type Statements, statement } from './library.js';
import { Late, Watch } from './patience.js';

/** The connections to one PostgreSQL: none of them hangs, and what is away is not asked. */
export class Database {
  readonly schema: string;
  /** For statements that stand alone. They may be sent twice, so they read, or write what may be written twice. */
  readonly connection: PostgresConnection;
  /** The same, and asks the database while it is away, too: it is found to be back by this alone. Nobody who is in a hurry waits for it. */
  readonly probe: PostgresConnection;
  /** For statements that stand alone and must not be sent twice; what becomes of one whose answer is lost is `outcome-unknown`. */
  readonly writer: PostgresConnection;
  readonly #options: DatabaseOptions;
  readonly #circuit = new Circuit();
  readonly #clients: Clients;
  readonly #running = new Set<Promise<unknown>>();
  /** When the database said something last, by the monotonic clock. */
  #answeredAt = performance.now();

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.schema = options.schema;
    this.#clients = new Clients(options);
    this.connection = connectionOf((sql, parameters) => this.#single(sql, parameters, false));
    this.probe = connectionOf((sql, parameters) => this.#single(sql, parameters, true));
    this.writer = connectionOf((sql, parameters) => this.#once(sql, parameters));
  }

  get isClosed(): boolean {
    return this.#clients.isClosed;
  }

  /** Why the database is away, as far as one knows. */
  get away(): string | undefined {
    return this.#circuit.reason;
  }

  /**
   * Runs work between BEGIN and COMMIT, and undoes it when it rejects.
   *
   * @param mode such as `isolation level repeatable read read only`.
   * @throws StorageError `outcome-unknown` when the connection was lost while the database was ending the transaction.
   */
  transaction<T>(work: (connection: PostgresConnection) => Promise<T>, mode = ''): Promise<T> {
    return this.#tracked(() =>
      this.#repeated(async () => {
        this.#enter(false);
        const client = this.#clients.current;
        const state: TransactionState = { isOver: false, isLost: false, phase: 'waiting', thrown: undefined };
        const watch = new Watch(this.#options.patience.answer);
        let lose: (error: unknown) => void = () => {};
        const lost = new Promise<never>((_, reject) => {
          lose = reject;
        });
        lost.catch(() => {});
        watch.start();
        const transaction = client.begin(mode, async (within) => {
          watch.stop();
          state.phase = 'working';
          try {
            // It may have been given up while it waited for a connection.
            if (state.isOver) throw new StorageError(LATE);
            this.#answered(client);
            const result = await work(this.#within(client, within, state));
            if (state.isOver) throw new StorageError('The transaction is over.');
            state.phase = 'ending';
            watch.start();
            return { result };
          } catch (error) {
            state.thrown = error;
            // A turn later it is known whether the connection was closed.
            await setImmediate();
            if (!state.isLost && !isLost(error)) throw error;
            // The library would send ROLLBACK to a connection that is gone, and end the process for it. Leave it be.
            lose(error);
            return new Promise<never>(() => {});
          }
        });
        transaction.catch(() => {
          state.isLost = true;
        });
        try {
          return (await Promise.race([watch.orLate(transaction), lost])).result;
        } catch (error) {
          if (state.phase === 'ending') {
            if (error instanceof Late) this.#hangs(client, error, true);
            throw new StorageError(UNKNOWN, { cause: error, code: 'outcome-unknown' });
          }
          // What the work throws is its own affair; it was begun, and is not done again for a lost connection.
          if (state.phase === 'working' && error === state.thrown) {
            throw isLost(error) ? new StorageError((error as StorageError).message, { cause: error }) : error;
          }
          const failure = this.#failed(error, client, false);
          throw state.phase === 'waiting' ? failure : new StorageError(failure.message, { cause: failure });
        } finally {
          state.isOver = true;
          watch.stop();
        }
      }),
    );
  }

  /** Runs work while no other center does the same. It may take as long as it takes. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#clients.alone(`${this.schema} alone`, work);
  }

  /** Hears what others say on the channel of this schema, see {@link Clients.listen}. */
  listen(heard: (message: string) => void, listening: () => void): () => void {
    return this.#clients.listen(heard, listening);
  }

  /** Finishes what is running; what is called afterwards rejects. */
  async close(): Promise<void> {
    this.#clients.refuse();
    await Promise.allSettled(this.#running);
    await this.#clients.end();
  }

  #single(sql: string, parameters: readonly Parameter[], isProbe: boolean): Promise<StatementResult> {
    return this.#tracked(() =>
      this.#repeated(async () => {
        this.#enter(isProbe);
        const client = this.#clients.current;
        return this.#statement(client, client, sql, parameters);
      }),
    );
  }

  #once(sql: string, parameters: readonly Parameter[]): Promise<StatementResult> {
    return this.#tracked(async () => {
      this.#enter(false);
      const client = this.#clients.current;
      return this.#statement(client, client, sql, parameters).catch((error: unknown) => {
        throw unknownIfLost(error);
      });
    });
  }

  /** Does work once more that a connection was lost for: one that was ended while nobody used it is only found to be so when it is used. */
  async #repeated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error)) throw error;
      return work();
    }
  }

  #within(client: Client, within: Statements, state: TransactionState): PostgresConnection {
    return connectionOf(async (sql, parameters) => {
      // The library would send it through the same connection, which may have been made anew by then, outside of any transaction.
      if (state.isOver) throw new StorageError('The transaction is over.');
      try {
        return await this.#statement(client, within, sql, parameters);
      } catch (error) {
        state.isOver = true;
        throw error;
      }
    });
  }

  async #statement(
    client: Client,
    on: Statements,
    sql: string,
    parameters: readonly Parameter[],
  ): Promise<StatementResult> {
    const watch = new Watch(this.#options.patience.answer);
    watch.start();
    try {
      const result = await watch.orLate(statement(on, sql, parameters));
      this.#answered(client);
      return result;
    } catch (error) {
      // One of a transaction has its connection.
      throw this.#failed(error, client, on !== client);
    } finally {
      watch.stop();
    }
  }

  #enter(isProbe: boolean): void {
    if (this.isClosed) throw new StorageError(CLOSED);
    const { reason } = this.#circuit;
    if (reason !== undefined && !isProbe) throw new StorageError(reason);
  }

  #answered(client: Client): void {
    this.#answeredAt = performance.now();
    this.#clients.proven(client);
    if (this.#circuit.succeeded()) this.#options.log.info('the database answers again');
  }

  /** Says what an error of the library means, and remembers when the database is away. */
  #failed(error: unknown, client: Client, isSent: boolean): StorageError {
    if (error instanceof Late) return this.#hangs(client, error, isSent);
    const { isAway, isWrongServer = false, message } = failureOf(error);
    if (!isAway) {
      const lost = storageErrorOf(error);
      if (isLost(lost)) this.#clients.retire(client);
      // It has said so itself.
      if (error instanceof Error && error.name === 'PostgresError') this.#answered(client);
      return lost;
    }
    if (this.#circuit.failed(message)) {
      this.#options.log.error('the database is away', { reason: message, error: errorText(error) });
    }
    if (isWrongServer) this.#clients.discard(client, message);
    return storageErrorOf(error);
  }

  /**
   * No answer has come in time. When nobody else was answered lately, the database hangs, and the next one who asks does not wait as long again;
   * otherwise what was sent waits on a dead connection, and what was not sent has waited for one.
   */
  #hangs(client: Client, late: Late, isSent: boolean): StorageError {
    const now = performance.now();
    const isSilent = this.#answeredAt < now - this.#options.patience.silence;
    if (isSilent && this.#circuit.failed(LATE)) this.#options.log.error('the database is away', { reason: LATE });
    if (isSilent || isSent) this.#clients.discard(client, 'it does not answer');
    return new StorageError(LATE, { cause: late });
  }

  #tracked<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    const over = () => void this.#running.delete(running);
    running.then(over, over);
    return running;
  }
}

/** How far a transaction has got. */
interface TransactionState {
  /** Nothing more may be done in it. */
  isOver: boolean;
  /** The connection is gone: nothing may be sent to it any more. */
  isLost: boolean;
  phase: 'waiting' | 'working' | 'ending';
  thrown: unknown;
}

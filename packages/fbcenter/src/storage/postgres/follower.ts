import { randomUUID } from 'node:crypto';
import { StorageError } from '../../errors.js';
import type { ChangeLog, Commit, Removal, Replacement } from '../../model/change-log.js';
import type { Clock } from '../../runtime/clock.js';
import { Listeners } from '../../runtime/listeners.js';
import { errorText, type Logger } from '../../runtime/log.js';
import type { ForeignChange } from '../storage.js';
import type { Database } from './database.js';
import { Followed, type Position } from './followed.js';
import { announce, messageIn, type Outcome } from './hints.js';
import { renewVersions } from './renewal.js';
import type { Replica } from './replica.js';
import { Rounds } from './rounds.js';

export interface FollowerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly keptVersions: number;
  readonly log: Logger;
  readonly onListenerError: (error: unknown) => void;
}

/**
 * Follows what all centers on the database change. A notification is a hint that there is something to read, and no more: what is missed, while
 * nobody listened, is found whenever it listens again, and every few seconds.
 */
export class Follower {
  readonly changes: ChangeLog;
  /** Tells this center's notifications from those of others. */
  readonly sender = randomUUID();
  readonly #parts: FollowerParts;
  readonly #commits: Listeners<Commit>;
  readonly #removals: Listeners<Removal>;
  readonly #replacements: Listeners<Replacement>;
  readonly #foreign: Listeners<ForeignChange>;
  readonly #environments = new Map<string, Followed>();
  /** The end of what is done about each environment: one thing after the other. */
  readonly #last = new Map<string, Promise<unknown>>();
  /** Environments that will be read in any case. */
  readonly #due = new Set<string>();
  #touch = 0;
  #isListening = false;
  #stopListening: () => void = () => {};
  readonly #rounds: Rounds;
  #isClosed = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    const { database, onListenerError } = parts;
    this.#rounds = new Rounds({
      isAway: () => database.away !== undefined,
      look: () => this.#look(false),
      // No hint has come for it: nobody may be listening.
      found: () => this.#listen(),
    });
    this.#commits = new Listeners(onListenerError);
    this.#removals = new Listeners(onListenerError);
    this.#replacements = new Listeners(onListenerError);
    this.#foreign = new Listeners(onListenerError);
    this.changes = {
      everything: async (id) => (await this.#read(id))?.everything() ?? { cursor: 0, documents: [] },
      pages: async (id, take) => (await this.#read(id))?.pages(take) ?? 0,
      since: async (id, cursor) => (await this.#read(id))?.since(cursor),
      watch: (listener) => this.#commits.add(listener),
      watchRemovals: (listener) => this.#removals.add(listener),
      watchReplacements: (listener) => this.#replacements.add(listener),
    };
  }

  /** Begins to follow. @throws StorageError when the database cannot be read. */
  async start(): Promise<void> {
    await this.#look(true);
    this.#listen();
    this.#rounds.begin();
  }

  #listen(): void {
    this.#stopListening();
    this.#stopListening = this.#parts.database.listen(
      (message) => this.#heard(message),
      () => void this.#listening(),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#rounds.stop();
  }

  /** @returns a function that ends the subscription. */
  watchOthers(listener: (change: ForeignChange) => void): () => void {
    return this.#foreign.add(listener);
  }

  /** The documents of an environment, if they were ever asked for. */
  replicaOf(environmentId: string): Replica | undefined {
    return this.#environments.get(environmentId)?.replica;
  }

  /** Reports what this center has made durable; never rejects. */
  async committed({ commits, removals, created, touch }: Outcome): Promise<void> {
    for (const [id, version] of created) this.#begin(id, { version, removals: 0 });
    if (touch !== undefined && touch === this.#touch + 1) this.#touch = touch;
    const ids = new Set([...commits, ...removals].map(({ environmentId }) => environmentId));
    await Promise.all(
      [...ids].map((id) => {
        const own = <T extends { readonly environmentId: string }>(all: readonly T[]) =>
          all.filter(({ environmentId }) => environmentId === id);
        const followed = this.#environments.get(id);
        followed?.noteOwn(own(commits), own(removals));
        return this.#inTurn(id, async () => {
          if (followed?.advance() === false) await this.#catchUp(id);
        }).catch((error: unknown) => {
          // It is durable. It will be reported when the database can be read again.
          this.#parts.log.debug('a change is reported later', { error: errorText(error) });
        });
      }),
    );
  }

  #begin(id: string, position: Position): Followed {
    const { keptVersions, clock } = this.#parts;
    const known = this.#environments.get(id);
    if (known !== undefined) return known;
    const followed = new Followed(id, position, keptVersions, {
      changed: (commit) => this.#commits.emit({ ...commit, committedAt: clock.precise() }),
      removed: (removal) => this.#removals.emit(removal),
      replaced: (replacement) => this.#replacements.emit(replacement),
    });
    this.#environments.set(id, followed);
    return followed;
  }

  /** The documents of an environment; `undefined` when there is no such environment. */
  async #read(id: string): Promise<Replica | undefined> {
    if (this.#isClosed) throw new StorageError('The storage is closed.');
    return this.replicaOf(id) ?? this.#inTurn(id, () => this.#load(id));
  }

  async #load(id: string): Promise<Replica | undefined> {
    const known = this.replicaOf(id);
    if (known !== undefined) return known;
    return this.#parts.database.transaction(async (connection) => {
      const position = await connection.row<Position>('SELECT version, removals FROM environments WHERE id = $1', id);
      if (position === undefined) return undefined;
      const followed = this.#begin(id, position);
      if (followed.isBehind(position) && (await followed.catchUp(connection)) !== undefined) this.#catchUpSoon(id);
      return followed.load(connection);
    }, 'isolation level repeatable read read only');
  }

  async #catchUp(id: string): Promise<void> {
    this.#due.delete(id);
    const followed = this.#environments.get(id);
    if (followed === undefined) return;
    const { connection } = this.#parts.database;
    const known = await followed.catchUp(connection);
    if (known === undefined) return;
    this.#parts.log.error('the database is older than what was read from it before: was a copy put in its place?');
    this.#foreign.emit({ kind: 'missed' });
    await this.#renew(id, known);
    await followed.catchUp(connection);
  }

  /** Sees to it that everybody takes what the database has now. @param known the greatest version that it has had before. */
  async #renew(environmentId: string, known: number): Promise<void> {
    const { database, clock, log } = this.#parts;
    const { schema } = database;
    const isDone = await database.transaction(async (connection) => {
      const renewed = await renewVersions(connection, { schema, environmentId, known, now: clock.now() });
      const created = new Map([[environmentId, known]]);
      if (renewed)
        await announce(
          connection,
          { commits: [], removals: [], created, touched: [] },
          { sender: this.sender, channel: schema },
        );
      return renewed;
    });
    if (isDone) log.warn('every document was given a new version, so that all SDKs take what the database has');
  }

  /** Reads what is new of an environment soon. */
  #catchUpSoon(id: string): void {
    if (this.#due.has(id)) return;
    this.#due.add(id);
    this.#inTurn(id, () => this.#catchUp(id)).catch((error: unknown) => {
      this.#parts.log.debug('changes are read later', { error: errorText(error) });
    });
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(id) ?? Promise.resolve()).then(work);
    this.#last.set(
      id,
      result.catch(() => {}),
    );
    return result;
  }

  #heard(text: string): void {
    const { from, environment, touched, touch } = messageIn(text);
    if (from === this.sender) return;
    if (environment !== undefined) {
      if (this.#environments.has(environment)) this.#catchUpSoon(environment);
      else void this.#look(false).catch(() => {});
    }
    if (touched === undefined || touch === undefined) return;
    const isNext = touch <= this.#touch + 1;
    this.#touch = Math.max(this.#touch, touch);
    this.#foreign.emit(touched);
    if (!isNext) this.#foreign.emit({ kind: 'missed' });
  }

  async #listening(): Promise<void> {
    const isAgain = this.#isListening;
    this.#isListening = true;
    if (isAgain) this.#parts.log.info('the notifications of the database are heard again');
    await this.#look(false).catch(() => {});
  }

  /** Looks whether something is new that no hint has come for. @param isFirst nothing is new yet. @returns whether something was. */
  async #look(isFirst: boolean): Promise<boolean> {
    const { probe } = this.#parts.database;
    const touches = await probe.row<{ readonly number: number }>('SELECT number FROM touches');
    const positions = await probe.rows<Position & { readonly id: string }>(
      'SELECT id, version, removals FROM environments',
    );
    const behind = positions.filter(({ id, ...position }) => this.#begin(id, position).isBehind(position));
    for (const { id } of behind) this.#catchUpSoon(id);
    const touch = touches?.number ?? 0;
    const isMissed = touch !== this.#touch;
    this.#touch = touch;
    if (!isFirst && isMissed) this.#foreign.emit({ kind: 'missed' });
    return behind.length > 0 || isMissed;
  }
}

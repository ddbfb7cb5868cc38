import type { SyncError } from '../errors.js';
import type { CompileSettings } from '../flags/compile-context.js';
import { FlagStore } from '../flags/store.js';
import type { DataSync } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { contain, errorName } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runLater } from '../runtime/slices.js';
import type { DataSource } from './data-source.js';
import { HeldDocuments } from './documents.js';
import { Intake } from './intake.js';
import type { Freshness } from './intake-observer.js';
import type { Persistence } from './persistence.js';
import { SnapshotKeeper } from './snapshot.js';

export interface EnvironmentSettings extends CompileSettings {
  readonly persistence: { readonly store: Persistence; readonly identity: string } | undefined;
}

/** What the rest of the client learns about the data; for each data-sync the freshness first, then the flags. */
export interface EnvironmentObserver {
  /** There is data, this fresh: it was committed or confirmed. */
  served(freshness: Freshness): void;
  /** The flags that a commit may have changed. */
  affected(flagKeys: Iterable<string>): void;
  interrupted(error: SyncError): void;
  /** The server has refused the client. */
  failed(error: SyncError): void;
}

/** How long reading what an earlier run saved can keep others waiting, in milliseconds. */
const RESTORE_LIMIT = 5_000;

/** The environment as the client holds it: how data comes in, where it is kept, compiled and saved. */
export class LiveEnvironment {
  readonly store = new FlagStore();
  readonly #documents: HeldDocuments;
  readonly #intake: Intake;
  readonly #snapshot: SnapshotKeeper | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: EnvironmentObserver;
  #source: DataSource | undefined;
  #commits = 0;
  /** Compiles and makes fingerprints in slices. */
  #stopPreparing: Cancel | undefined;

  constructor(settings: EnvironmentSettings, clock: Clock, log: Log, observer: EnvironmentObserver) {
    const { persistence } = settings;
    this.#clock = clock;
    this.#log = log;
    this.#observer = observer;
    this.#documents = new HeldDocuments(this.store, persistence !== undefined);
    this.#snapshot =
      persistence === undefined
        ? undefined
        : new SnapshotKeeper(persistence.store, persistence.identity, () => this.#documents.all(), clock, log);
    this.#intake = new Intake(this.store, this.#documents, settings, clock, log, {
      committed: (_changes, isChanged, freshness) => this.#committed(isChanged, freshness),
      affected: (flagKeys) => observer.affected(flagKeys),
      confirmed: (isAnswer) => {
        if (isAnswer) this.#snapshot?.confirmed();
        observer.served({ inSync: true, isConfirmed: isAnswer });
      },
      interrupted: (error) => observer.interrupted(error),
      failed: (error) => observer.failed(error),
    });
  }

  /** Data-syncs taken in, from whatever source. */
  get commits(): number {
    return this.#commits;
  }

  /** How many interruptions the source has reported. */
  get interruptions(): number {
    return this.#intake.interruptions;
  }

  /** How many requests for data were repeated, and how many documents they have put right. */
  get healing(): { readonly requests: number; readonly repaired: number } {
    return this.#intake.healing;
  }

  /** Takes in at once what no source brought; see {@link Intake.give}. */
  give(data: DataSync, freshness: Freshness): void {
    this.#intake.give(data, freshness);
  }

  /**
   * Serves what an earlier run saved until the source has answered.
   *
   * @param done called when that is in use, when there is nothing, or after five seconds: a store that hangs is not waited
   * for, but what it brings later is used all the same.
   */
  restore(done: () => void): void {
    const cancel = this.#clock.background(RESTORE_LIMIT, done);
    void this.#restored().then(() => {
      cancel();
      done();
    });
  }

  async #restored(): Promise<void> {
    const saved = await this.#snapshot?.load();
    if (saved !== undefined) await this.#intake.seed(saved.data, saved.age);
  }

  /** Starts a data source, which may be the application's. */
  follow(source: DataSource): void {
    this.#source = source;
    contain(
      () => source.start(this.#intake),
      (error) => {
        const message = `the data source could not be started (${errorName(error)})`;
        this.#log.write('error', 'source-failed', message);
        this.#intake.interrupted({ code: 'source-failed', message });
      },
    );
  }

  /** Closes the source; from here on nothing is committed or compiled. @returns what the source's `close` returned. */
  stop(): unknown {
    let closing: unknown;
    contain(() => {
      closing = this.#source?.close(this.#intake);
    });
    this.#intake.close();
    this.#stopPreparing?.();
    return closing;
  }

  /** Saves what has not been saved; after {@link stop}. Never rejects; takes as long as the persistence takes. */
  async save(): Promise<void> {
    await this.#snapshot?.close();
  }

  #committed(isChanged: boolean, freshness: Freshness | undefined): void {
    this.#commits += 1;
    this.#prepare();
    const isCurrent = freshness?.inSync ?? false;
    this.#snapshot?.committed(isChanged, isCurrent, freshness?.inSync === true && freshness.isConfirmed);
    if (freshness !== undefined) this.#observer.served(freshness);
  }

  /**
   * Reads and compiles the flags of a new environment in slices. Otherwise the first evaluation of all of them at once would
   * take hundreds of milliseconds, and the message would stay in memory for those that nobody asks for.
   */
  #prepare(): void {
    if (!this.#documents.hasUnprepared) return;
    // What is under way goes on with what has come now.
    this.#stopPreparing ??= runLater(
      this.#clock,
      this.#documents.prepareEach(),
      () => {
        this.#stopPreparing = undefined;
      },
      (error) => {
        this.#stopPreparing = undefined;
        this.#log.internalError('flags could not be prepared before they are evaluated', error);
      },
    );
  }
}

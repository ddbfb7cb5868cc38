import type { SyncError } from '../errors.js';
import { compileEach } from '../flags/compile.js';
import type { CompileSettings } from '../flags/compile-context.js';
import { type ChangeSet, FlagStore } from '../flags/store.js';
import type { DataSync } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { contain, errorName } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runLater } from '../runtime/slices.js';
import type { DataSource } from './data-source.js';
import { type Freshness, Intake } from './intake.js';
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
  failed(error: SyncError): void;
}

const IN_SYNC: Freshness = { inSync: true };

/** The environment as the client holds it: how data comes in, where it is kept, compiled and saved. */
export class LiveEnvironment {
  readonly store = new FlagStore();
  readonly #intake: Intake;
  readonly #snapshot: SnapshotKeeper | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: EnvironmentObserver;
  #source: DataSource | undefined;
  #commits = 0;
  #stopCompiling: Cancel | undefined;

  constructor(settings: EnvironmentSettings, clock: Clock, log: Log, observer: EnvironmentObserver) {
    const { persistence } = settings;
    this.#clock = clock;
    this.#log = log;
    this.#observer = observer;
    this.#snapshot =
      persistence === undefined ? undefined : new SnapshotKeeper(persistence.store, persistence.identity, clock, log);
    this.#intake = new Intake(this.store, settings, clock, log, {
      committed: (changes, freshness) => this.#committed(changes, freshness),
      affected: (flagKeys) => observer.affected(flagKeys),
      confirmed: () => {
        this.#snapshot?.confirmed();
        observer.served(IN_SYNC);
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

  /** Takes in at once what no source brought; see {@link Intake.give}. */
  give(data: DataSync, freshness: Freshness): void {
    this.#intake.give(data, freshness);
  }

  /** Serves what an earlier run saved until the source has answered. Never rejects. */
  async restore(): Promise<void> {
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
    this.#stopCompiling?.();
    return closing;
  }

  /** Saves what has not been saved; after {@link stop}. Never rejects; takes as long as the persistence takes. */
  async save(): Promise<void> {
    await this.#snapshot?.close();
  }

  #committed(changes: ChangeSet, freshness: Freshness): void {
    this.#commits += 1;
    this.#compileAhead(changes);
    this.#snapshot?.committed(changes, freshness.inSync);
    this.#observer.served(freshness);
  }

  /**
   * Compiles the flags of a new environment in slices. Otherwise the first evaluation of all of them at once would take
   * hundreds of milliseconds.
   */
  #compileAhead({ eventType }: ChangeSet): void {
    if (eventType !== 'full') return;
    this.#stopCompiling?.();
    this.#stopCompiling = runLater(this.#clock, compileEach(this.store), () => {
      this.#stopCompiling = undefined;
    });
  }
}

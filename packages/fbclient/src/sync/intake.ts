import type { SyncError } from '../errors.js';
import { type Compiled, compileDataSync, compileDataSyncNow, type SkippedDocument } from '../flags/compile.js';
import type { CompileSettings } from '../flags/compile-context.js';
import type { ChangeSet, FlagStore } from '../flags/store.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { runInSlices } from '../runtime/slices.js';
import type { DataSyncSink, SourceError } from './data-source.js';

/** How current data is: what the source has, or of an age in milliseconds that may not be known. */
export type Freshness = { readonly inSync: true } | { readonly inSync: false; readonly age: number | undefined };

/** What the rest of the client learns about the data; called in this order for each data-sync. */
export interface IntakeObserver {
  /** A data-sync has been committed. It is not in sync when its source was interrupted while it was decoded. */
  committed(changes: ChangeSet, freshness: Freshness): void;
  /** The flags that a commit may have changed; after the status. */
  affected(flagKeys: Iterable<string>): void;
  confirmed(): void;
  interrupted(error: SyncError): void;
  failed(error: SyncError): void;
}

interface Delivery {
  readonly data: DataSync;
  /** The data comes from the source, or it was kept from an earlier run; `age` is in milliseconds. */
  readonly origin: 'source' | { readonly age: number };
  /** How many interruptions there had been when it arrived. */
  readonly interruptions: number;
  readonly done: (committed: boolean) => void;
}

/**
 * The sink of every data source: decodes and compiles, in slices when it is much, and commits in one step; one envelope
 * after the other.
 */
export class Intake implements DataSyncSink {
  readonly #store: FlagStore;
  readonly #compiling: CompileSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: IntakeObserver;
  readonly #queue: Delivery[] = [];
  #abandon: Cancel | undefined;
  #interruptions = 0;
  /** Whether the source has answered at all. */
  #synced = false;
  /** Whether it has brought everything once, or confirmed what is held. */
  #whole = false;
  #inSync = false;
  #closed = false;

  constructor(store: FlagStore, compiling: CompileSettings, clock: Clock, log: Log, observer: IntakeObserver) {
    this.#store = store;
    this.#compiling = compiling;
    this.#clock = clock;
    this.#log = log;
    this.#observer = observer;
  }

  /** How many interruptions the source has reported; a failed attempt to restore the synchronization is one, too. */
  get interruptions(): number {
    return this.#interruptions;
  }

  /**
   * 0 until a whole environment is held: data from a bootstrap or from persistence is not what a patch builds on, and a
   * patch that comes first may be a push that overtook the answer. Asking for what is newer would lose the rest for good.
   */
  get cursor(): number {
    return this.#whole ? this.#store.cursor : 0;
  }

  accept(envelope: unknown): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    const data = decodeDataSyncEnvelope(envelope);
    if (!data.ok) {
      this.#log.write('error', 'bad-data-sync', `a data-sync message was ignored: ${data.problem}`);
      return Promise.resolve(false);
    }
    return this.take(data.value);
  }

  take(data: DataSync): Promise<boolean> {
    return this.#closed ? Promise.resolve(false) : this.#enqueue(data, 'source');
  }

  /**
   * Takes in at once what no source brought: a bootstrap, or the data of an offline client. Only for a client whose source
   * has not started, or that has none.
   */
  give(data: DataSync, freshness: Freshness): void {
    const { changes, skipped } = compileDataSyncNow(data, this.#compiling);
    this.#commitChanges(changes, skipped, freshness);
  }

  /**
   * Takes in what was kept of an earlier run: it serves until the source has answered.
   *
   * @param age how old it is, in milliseconds.
   * @returns resolves to `false` when the source was faster, what is held (a bootstrap) is newer, or the client was closed.
   */
  seed(data: DataSync, age: number): Promise<boolean> {
    return this.#closed ? Promise.resolve(false) : this.#enqueue(data, { age });
  }

  confirm(): void {
    if (this.#closed || this.#queue.length > 0) return;
    this.#whole = true;
    this.#observer.confirmed();
    this.#reportInSync();
  }

  interrupted(error: SourceError): void {
    if (this.#closed) return;
    this.#interruptions += 1;
    this.#inSync = false;
    this.#log.write('warn', error.code, `synchronization interrupted: ${error.message}`);
    this.#observer.interrupted(this.#stamp(error));
  }

  failed(error: SourceError): void {
    if (this.#closed) return;
    this.close();
    this.#log.write('error', error.code, `synchronization failed: ${error.message}`);
    this.#observer.failed(this.#stamp(error));
  }

  /** Abandons what is being decoded and what waits. Nothing is committed from here on. */
  close(): void {
    this.#closed = true;
    this.#abandon?.();
    for (const { done } of this.#queue.splice(0)) done(false);
  }

  #enqueue(data: DataSync, origin: Delivery['origin']): Promise<boolean> {
    return new Promise((done) => {
      this.#queue.push({ data, origin, interruptions: this.#interruptions, done });
      // One worker takes in everything that is queued; it ends when the queue is empty.
      if (this.#queue.length === 1) this.#startWork();
    });
  }

  #startWork(): void {
    // Keep the cancel function only while there is work: it references the data.
    const abandon = runInSlices(this.#clock, this.#work(), () => {
      this.#abandon = undefined;
    });
    if (this.#queue.length > 0) this.#abandon = abandon;
  }

  *#work(): Generator<void, void, undefined> {
    for (let delivery = this.#queue[0]; delivery !== undefined; delivery = this.#queue[0]) {
      const committed = this.#commit(delivery, yield* compileDataSync(delivery.data, this.#compiling));
      this.#queue.shift();
      delivery.done(committed);
      // Do not yield here. The queue can be empty while this worker still runs, and the next message would start a second worker.
    }
  }

  #commit({ origin, interruptions }: Delivery, { changes, skipped }: Compiled): boolean {
    if (origin !== 'source' && (this.#synced || isOlder(changes, this.#store.cursor))) return false;
    const freshness = this.#freshness(origin, interruptions);
    this.#commitChanges(changes, skipped, freshness);
    if (origin === 'source') {
      this.#synced = true;
      if (changes.eventType === 'full') this.#whole = true;
    }
    if (freshness.inSync) this.#reportInSync();
    return true;
  }

  #commitChanges(changes: ChangeSet, skipped: readonly SkippedDocument[], freshness: Freshness): void {
    for (const { kind, key, problem } of skipped) {
      this.#log.write('error', 'entity-skipped', `${kind} "${key}" was skipped: ${problem}`, { kind, key });
    }
    const affected = this.#store.commit(changes);
    this.#observer.committed(changes, freshness);
    this.#observer.affected(affected);
  }

  #freshness(origin: Delivery['origin'], interruptions: number): Freshness {
    if (origin !== 'source') return { inSync: false, age: origin.age };
    return interruptions === this.#interruptions ? { inSync: true } : { inSync: false, age: 0 };
  }

  #reportInSync(): void {
    this.#synced = true;
    if (this.#inSync) return;
    this.#inSync = true;
    const { flags, segments } = this.#store.counts();
    this.#log.write('info', 'in-sync', `in sync: ${flags} flags, ${segments} segments`, { flags, segments });
  }

  #stamp(error: SourceError): SyncError {
    return { code: error.code, message: error.message, at: this.#clock.now() };
  }
}

/** Whether all of a whole environment is older than the newest entity that is held. */
function isOlder(changes: ChangeSet, version: number): boolean {
  return changes.eventType === 'full' && changes.holdings.cursor < version;
}

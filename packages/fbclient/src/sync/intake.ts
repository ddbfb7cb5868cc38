import type { SyncError } from '../errors.js';
import { type Compiled, compileDataSync, compileDataSyncNow, type SkippedDocument } from '../flags/compile.js';
import type { CompileSettings } from '../flags/compile-context.js';
import type { ChangeSet, Difference, FlagStore } from '../flags/store.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { contain } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runInSlices } from '../runtime/slices.js';
import type { Commit, DataSyncSink, SourceError, TakeOptions } from './data-source.js';
import type { HeldDocuments } from './documents.js';
import { type IntakeEvent, type IntakeState, type IntakeStep, intakeStep, NOTHING_HELD } from './intake-state.js';

/** How current data is: what the source has, or of an age in milliseconds that may not be known. */
export type Freshness = { readonly inSync: true } | { readonly inSync: false; readonly age: number | undefined };

/** What the rest of the client learns about the data; called in this order for each data-sync. */
export interface IntakeObserver {
  /** A data-sync is in the store, and has changed what is held or not. `freshness` is missing when it is not the whole: evaluations do not see more than before. */
  committed(changes: ChangeSet, isChanged: boolean, freshness: Freshness | undefined): void;
  /** The flags that a commit may have changed; after the status. */
  affected(flagKeys: Iterable<string>): void;
  confirmed(): void;
  interrupted(error: SyncError): void;
  failed(error: SyncError): void;
}

interface Delivery {
  readonly data: DataSync;
  /** The data comes from the source, or it was kept from an earlier run; `age` is in milliseconds. */
  readonly origin: TakeOptions | { readonly age: number; readonly done: (commit: Commit | undefined) => void };
  /** How many interruptions there had been when it arrived. */
  readonly interruptions: number;
}

/**
 * The sink of every data source: decodes and compiles, in slices when it is much, and commits in one step; one data-sync
 * after the other. What it knows about the data is in `intake-state.ts`.
 */
export class Intake implements DataSyncSink {
  readonly #store: FlagStore;
  readonly #documents: HeldDocuments;
  readonly #compiling: CompileSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: IntakeObserver;
  readonly #queue: Delivery[] = [];
  #abandon: Cancel | undefined;
  #state: IntakeState = NOTHING_HELD;
  #healing = { requests: 0, repaired: 0 };
  #closed = false;

  constructor(
    store: FlagStore,
    documents: HeldDocuments,
    compiling: CompileSettings,
    clock: Clock,
    log: Log,
    observer: IntakeObserver,
  ) {
    this.#store = store;
    this.#documents = documents;
    this.#compiling = compiling;
    this.#clock = clock;
    this.#log = log;
    this.#observer = observer;
  }

  /** How many interruptions the source has reported; a failed attempt to restore the synchronization is one, too. */
  get interruptions(): number {
    return this.#state.interruptions;
  }

  /** How many requests were repeated, and how many documents they have put right. */
  get healing(): { readonly requests: number; readonly repaired: number } {
    return { ...this.#healing };
  }

  /**
   * 0 until a whole environment is held: data from a bootstrap or from persistence is not what a patch builds on, and a
   * patch that comes first may be a push that overtook the answer. Asking for what is newer would lose the rest for good.
   */
  get cursor(): number {
    return this.#state.whole ? this.#store.cursor : 0;
  }

  accept(envelope: unknown): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    const data = decodeDataSyncEnvelope(envelope);
    if (!data.ok) {
      this.#log.write('error', 'bad-data-sync', `a data-sync message was ignored: ${data.problem}`);
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      this.take(data.value, { mayBePush: false, done: (commit) => resolve(commit !== undefined) });
    });
  }

  take(data: DataSync, options: TakeOptions): void {
    this.#enqueue(data, options);
  }

  /**
   * Takes in at once what no source brought: a bootstrap, or the data of an offline client. Only for a client whose source
   * has not started, or that has none.
   */
  give(data: DataSync, freshness: Freshness): void {
    const compiled = compileDataSyncNow(data, this.#compiling, this.#documents);
    this.#advance({ type: 'given' });
    this.#commitChanges(compiled, freshness, false);
  }

  /**
   * Takes in what was kept of an earlier run: it serves until the source has answered.
   *
   * @param age how old it is, in milliseconds.
   * @returns resolves to `false` when the source was faster, what is held (a bootstrap) is newer, or the client was closed.
   */
  seed(data: DataSync, age: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#enqueue(data, { age, done: (commit) => resolve(commit !== undefined) });
    });
  }

  confirm(): void {
    // What waits to be taken in says more.
    if (this.#queue.length === 0) this.#confirmed(true);
  }

  current(): void {
    this.#confirmed(false);
  }

  asked(): void {
    this.#healing.requests += 1;
  }

  repaired(documents: number): void {
    if (this.#closed) return;
    const level = this.#healing.repaired === 0 ? 'warn' : 'info';
    this.#healing.repaired += documents;
    const message = `a repeated request for data put ${documents} flags and segments right that the server had not sent`;
    this.#log.write(level, 'repaired', message, { documents });
  }

  interrupted(error: SourceError): void {
    if (this.#closed) return;
    // A client that was refused is Closed already; that it cannot connect either is no news.
    const level = this.#state.refused ? 'debug' : 'warn';
    this.#advance({ type: 'interrupted' });
    this.#log.write(level, error.code, `synchronization interrupted: ${error.message}`);
    this.#observer.interrupted(this.#stamp(error));
  }

  failed(error: SourceError): void {
    if (this.#closed) return;
    // One line for a row of refusals.
    const level = this.#state.refused ? 'debug' : 'error';
    this.#advance({ type: 'refused' });
    this.#log.write(level, error.code, `synchronization failed: ${error.message}`);
    this.#observer.failed(this.#stamp(error));
  }

  /** Abandons what is being decoded and what waits. Nothing is committed from here on. */
  close(): void {
    this.#closed = true;
    this.#abandon?.();
    for (const { origin } of this.#queue.splice(0)) origin.done(undefined);
  }

  #enqueue(data: DataSync, origin: Delivery['origin']): void {
    if (this.#closed) {
      origin.done(undefined);
      return;
    }
    this.#queue.push({ data, origin, interruptions: this.#state.interruptions });
    // One worker takes in everything that is queued; it ends when the queue is empty.
    if (this.#queue.length === 1) this.#startWork();
  }

  #startWork(): void {
    // Keep the cancel function only while there is work: it references the data.
    const abandon = runInSlices(
      this.#clock,
      this.#work(),
      () => {
        this.#abandon = undefined;
      },
      (error) => this.#workFailed(error),
    );
    if (this.#queue.length > 0) this.#abandon ??= abandon;
  }

  /** What was being taken in is lost; what waits behind it is not. */
  #workFailed(error: unknown): void {
    this.#abandon = undefined;
    this.#log.internalError('a data-sync message could not be taken in', error);
    const lost = this.#queue.shift();
    contain(() => lost?.origin.done(undefined));
    if (this.#queue.length > 0 && !this.#closed) this.#startWork();
  }

  *#work(): Generator<void, void, undefined> {
    for (let delivery = this.#queue[0]; delivery !== undefined; delivery = this.#queue[0]) {
      const compiled = yield* compileDataSync(this.#asItFits(delivery), this.#compiling, this.#documents);
      const commit = this.#commit(delivery, compiled);
      this.#queue.shift();
      contain(
        () => delivery.origin.done(commit),
        (error) => this.#log.internalError('the source could not go on after a data-sync message', error),
      );
      // Do not yield here. The queue can be empty while this worker still runs, and the next message would start a second worker.
    }
  }

  /** What an earlier run saved must not undo pushes that came before it was read: it only fills in the rest. */
  #asItFits({ data, origin }: Delivery): DataSync {
    return 'age' in origin && this.#state.hidden ? { ...data, eventType: 'patch' } : data;
  }

  #commit({ origin, interruptions }: Delivery, compiled: Compiled): Commit | undefined {
    const { changes, skipped } = compiled;
    if ('age' in origin) {
      if (this.#state.answered || isOlder(changes, this.#store.cursor)) return undefined;
      const { reveals } = this.#advance({ type: 'given' });
      const commit = this.#commitChanges(compiled, { inSync: false, age: origin.age }, false);
      if (reveals) this.#observer.affected(this.#activeKeys());
      return commit;
    }
    const isFull = changes.eventType === 'full';
    const isEmpty = isEmptyMessage(changes, skipped);
    const { serves, reveals, entersSync } = this.#advance({
      type: 'committed',
      isFull,
      mayBePush: origin.mayBePush && !isFull && !isEmpty,
      isLate: interruptions !== this.#state.interruptions,
    });
    const commit = this.#commitChanges(compiled, FRESHNESS[serves], origin.isRepeated?.() ?? false);
    if (reveals && !isFull) this.#observer.affected(this.#activeKeys());
    if (entersSync) this.#reportInSync();
    return commit;
  }

  #commitChanges(
    { changes, skipped, skippedCount }: Compiled,
    freshness: Freshness | undefined,
    isRepeated: boolean,
  ): Commit {
    for (const { kind, key, problem } of skipped) {
      this.#log.write('error', 'entity-skipped', `${kind} "${key}" was skipped: ${problem}`, { kind, key });
    }
    if (skippedCount > skipped.length) {
      this.#log.write(
        'error',
        'entities-skipped',
        `${skippedCount - skipped.length} more flags and segments were skipped`,
      );
    }
    const { revision } = this.#store;
    let affected: Iterable<string>;
    let differences: readonly Difference[] = [];
    // A full message is compared as well, unless there is nothing to compare it with.
    const isCompared = isRepeated || (changes.eventType === 'full' && this.#store.held.flags.size > 0);
    if (isCompared) ({ affected, differences } = this.#store.commitCompared(changes));
    else affected = this.#store.commit(changes);
    this.#documents.remember(changes);
    this.#observer.committed(changes, revision !== this.#store.revision, freshness);
    if (this.#state.visible) this.#observer.affected(affected);
    return { changes, differences, isEmpty: isEmptyMessage(changes, skipped) };
  }

  #confirmed(isWhole: boolean): void {
    if (this.#closed) return;
    const { reveals, entersSync } = this.#advance({ type: 'confirmed', isWhole });
    this.#observer.confirmed();
    if (reveals) this.#observer.affected(this.#activeKeys());
    if (entersSync) this.#reportInSync();
  }

  #advance(event: IntakeEvent): IntakeStep & { readonly entersSync: boolean } {
    const step = intakeStep(this.#state, event);
    const entersSync = step.state.inSync && !this.#state.inSync;
    this.#state = step.state;
    return { ...step, entersSync };
  }

  #activeKeys(): readonly string[] {
    return this.#store.activeFlags().map(({ key }) => key);
  }

  #reportInSync(): void {
    const { flags, segments } = this.#store.counts();
    this.#log.write('info', 'in-sync', `in sync: ${flags} flags, ${segments} segments`, { flags, segments });
  }

  #stamp(error: SourceError): SyncError {
    return { code: error.code, message: error.message, at: this.#clock.now() };
  }
}

const FRESHNESS: Readonly<Record<IntakeStep['serves'], Freshness | undefined>> = {
  'in-sync': { inSync: true },
  stale: { inSync: false, age: 0 },
  'as-before': undefined,
};

function isEmptyMessage({ flags, segments }: ChangeSet, skipped: readonly SkippedDocument[]): boolean {
  return flags.length + segments.length + skipped.length === 0;
}

/** Whether all of a whole environment is older than the newest entity that is held. */
function isOlder(changes: ChangeSet, version: number): boolean {
  return changes.eventType === 'full' && changes.holdings.cursor < version;
}

import type { SyncError } from '../errors.js';
import { type Compiled, compileDataSync, compileDataSyncNow, compileUnchanged } from '../flags/compile.js';
import type { CompileSettings } from '../flags/compile-context.js';
import type { ChangeSet, FlagStore } from '../flags/store.js';
import type { DataSync } from '../protocol/messages.js';
import type { Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';
import { Committer } from './committer.js';
import type { Commit, DataSyncSink, SourceError, TakeOptions } from './data-source.js';
import type { HeldDocuments } from './documents.js';
import type { Freshness, IntakeObserver } from './intake-observer.js';
import { IntakeQueue, type Waiting } from './intake-queue.js';
import { type IntakeEvent, type IntakeState, type IntakeStep, intakeStep, NOTHING_HELD } from './intake-state.js';
import { isReading, type Reading, readData } from './reading.js';

interface Delivery extends Waiting {
  readonly data: DataSync | Reading;
  /** The data comes from the source, or it was kept from an earlier run; `age` is in milliseconds. */
  readonly origin: Omit<TakeOptions, 'done'> | { readonly age: number };
  /** How many interruptions there had been when it arrived. */
  readonly interruptions: number;
}

/**
 * The sink of every data source: decodes, compiles and commits one data-sync after the other, and reports what has become of
 * it. What it knows about the data is in `intake-state.ts`, what waits in `intake-queue.ts`.
 */
export class Intake implements DataSyncSink {
  readonly #store: FlagStore;
  readonly #documents: HeldDocuments;
  readonly #compiling: CompileSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: IntakeObserver;
  readonly #committer: Committer;
  readonly #queue: IntakeQueue<Delivery>;
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
    this.#committer = new Committer(store, documents, log);
    this.#queue = new IntakeQueue(clock, log, {
      inSteps: (delivery) => this.#takeIn(delivery),
      atOnce: (delivery) => this.#takeInNow(delivery),
    });
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
    const data = readData(envelope, (problem) => {
      this.#log.write('error', 'bad-data-sync', `a data-sync message was ignored: ${problem}`);
    });
    if (data === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.take(data, { mayBePush: false, done: (commit) => resolve(commit !== undefined) });
    });
  }

  take(data: DataSync | Reading, options: TakeOptions): void {
    this.#add(data, options, options.done);
  }

  /**
   * Takes in at once what no source brought: a bootstrap, or the data of an offline client. Only for a client whose source
   * has not started, or that has none.
   */
  give(data: DataSync, freshness: Freshness): void {
    const compiled = compileDataSyncNow(data, this.#compiling, this.#documents);
    this.#advance({ type: 'given' });
    this.#commitNow(compiled, freshness, false);
  }

  /**
   * Takes in what was kept of an earlier run: it serves until the source has answered.
   *
   * @param age how old it is, in milliseconds.
   * @returns resolves to `false` when the source was faster, what is held (a bootstrap) is newer, or the client was closed.
   */
  seed(data: DataSync | Reading, age: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#add(data, { age }, (commit) => resolve(commit !== undefined));
    });
  }

  confirm(): void {
    // What waits to be taken in says more.
    if (this.#queue.isEmpty) this.answered();
  }

  answered(): void {
    this.#confirmed({ type: 'confirmed', isWhole: true });
  }

  current(): void {
    this.#confirmed({ type: 'current' });
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
    this.#queue.close();
  }

  #add(data: DataSync | Reading, origin: Delivery['origin'], done: Delivery['done']): void {
    this.#queue.add({ data, size: sizeOf(data), origin, interruptions: this.#state.interruptions, done });
  }

  #takeInNow(delivery: Delivery): Commit | undefined {
    const { data } = delivery;
    if (isReading(data)) return undefined;
    // A push is news, whatever was held before.
    const repeated = isRepeated(delivery);
    const known = repeated ? this.#documents : undefined;
    return this.#commit(delivery, compileDataSyncNow(this.#asItFits(data, delivery), this.#compiling, known), repeated);
  }

  *#takeIn(delivery: Delivery): Generator<void, Commit | undefined, undefined> {
    const data = isReading(delivery.data) ? yield* delivery.data : delivery.data;
    if (data === undefined) return undefined;
    const compiled = yield* compileDataSync(this.#asItFits(data, delivery), this.#compiling, this.#documents);
    // The commit asks every flag that stays as it is whether it depends on one of these, in one step.
    if (compiled.changes.segments.length > 0 && this.#store.held.flags.size > 0) {
      yield* this.#documents.prepareEach();
      yield* compileUnchanged(compiled.changes);
    }
    return this.#commit(delivery, compiled, isRepeated(delivery));
  }

  /** What an earlier run saved must not undo pushes that came before it was read: it only fills in the rest. */
  #asItFits(data: DataSync, { origin }: Delivery): DataSync {
    return 'age' in origin && this.#state.hidden ? { ...data, eventType: 'patch' } : data;
  }

  #commit({ origin, interruptions }: Delivery, compiled: Compiled, repeated: boolean): Commit | undefined {
    const { changes, isEmpty } = compiled;
    if ('age' in origin) {
      if (this.#state.answered || isOlder(changes, this.#store.cursor)) return undefined;
      const { reveals } = this.#advance({ type: 'given' });
      const commit = this.#commitNow(compiled, { inSync: false, age: origin.age }, false);
      if (reveals) this.#observer.affected(this.#activeKeys());
      return commit;
    }
    const isFull = changes.eventType === 'full';
    const wasInSync = this.#state.inSync;
    const { state, serves, reveals } = this.#advance({
      type: 'committed',
      isFull,
      mayBePush: origin.mayBePush && !isFull && !isEmpty,
      awaitsEverything: origin.awaitsEverything?.() ?? false,
      isLate: interruptions !== this.#state.interruptions,
    });
    const commit = this.#commitNow(compiled, FRESHNESS[serves], repeated);
    if (reveals && !isFull) this.#observer.affected(this.#activeKeys());
    if (state.inSync && !wasInSync) this.#reportInSync();
    return commit;
  }

  #commitNow(compiled: Compiled, freshness: Freshness | undefined, isRepeated: boolean): Commit {
    const { commit, isChanged, affected } = this.#committer.commit(compiled, isRepeated);
    this.#observer.committed(commit.changes, isChanged, freshness);
    if (this.#state.visible) this.#observer.affected(affected);
    return commit;
  }

  #confirmed(event: IntakeEvent & { readonly type: 'confirmed' | 'current' }): void {
    if (this.#closed) return;
    const wasInSync = this.#state.inSync;
    const { state, serves, reveals } = this.#advance(event);
    this.#observer.confirmed(serves === 'in-sync');
    if (reveals) this.#observer.affected(this.#activeKeys());
    if (state.inSync && !wasInSync) this.#reportInSync();
  }

  #advance(event: IntakeEvent): IntakeStep {
    const step = intakeStep(this.#state, event);
    this.#state = step.state;
    return step;
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

/** So few flags are a push, mostly of one. */
const FEW_FLAGS = 4;

function sizeOf(data: DataSync | Reading): Waiting['size'] {
  if (isReading(data)) return 'large';
  const { eventType, featureFlags, segments } = data;
  // A segment makes work of all the flags that may depend on it.
  return eventType === 'patch' && segments.length === 0 && featureFlags.length <= FEW_FLAGS ? 'small' : 'medium';
}

/** Whether it may answer a repeated request: only what says something else than before is news then. */
function isRepeated({ origin }: Delivery): boolean {
  return !('age' in origin) && origin.isRepeated?.() === true;
}

const FRESHNESS: Readonly<Record<IntakeStep['serves'], Freshness | undefined>> = {
  'in-sync': { inSync: true, isConfirmed: true },
  alive: { inSync: true, isConfirmed: false },
  stale: { inSync: false, age: 0 },
  'as-before': undefined,
};

/** Whether all of a whole environment is older than the newest entity that is held. */
function isOlder(changes: ChangeSet, version: number): boolean {
  return changes.eventType === 'full' && changes.holdings.cursor < version;
}

import type { SyncError } from './errors.js';
import type { Clock } from './runtime/clock.js';
import type { Notifier } from './runtime/notifier.js';
import { type Wait, waitFor } from './runtime/wait.js';
import {
  FIRST_STATUS,
  isKnown,
  type Status,
  type StatusEvent,
  type StatusState,
  statusStep,
} from './status-machine.js';

export type { Status } from './status-machine.js';

/** The synchronization's state at a moment. */
export interface UpdateState {
  readonly status: Status;
  /** Since when, in Unix milliseconds. */
  readonly since: number;
  /** Milliseconds since the server last answered a request for data, so that all of it was what the server has; absent when there is none, or of unknown age. */
  readonly dataAge?: number;
  /** What went wrong last; absent once synchronization is healthy again. */
  readonly error?: SyncError;
}

export type StatusListener = (state: UpdateState) => void;

/** How a wait for the first data ended. */
export type InitializationResult =
  /** There is usable data. */
  | 'ready'
  /** Not yet; the client goes on trying, and a later wait may succeed. */
  | 'timeout'
  /** The server refused the environment secret. It is asked again later (`refusedRetryDelay`), so a later wait may succeed. */
  | 'failed'
  /** `close()` was called. */
  | 'closed';

/** Watches the synchronization; see `client.updateStatusProvider`. */
export interface UpdateStatusProvider {
  readonly currentState: UpdateState;
  /**
   * Waits until the client is in sync with its source.
   *
   * @returns `true` when `Ready`; `false` when the wait ended first or the client is `Closed`. Never rejects.
   */
  waitForOKState(wait?: Wait): Promise<boolean>;
  /** Calls back after every change of status or error, in order. @returns stops that. */
  addListener(listener: StatusListener): () => void;
}

/** Holds the status: who waits for its transitions, who listens to them. */
export class StatusKeeper implements UpdateStatusProvider {
  readonly #clock: Clock;
  readonly #notifier: Notifier;
  readonly #startWait: number;
  readonly #listeners = new Set<StatusListener>();
  readonly #waiters = new Set<() => void>();
  #state: StatusState = FIRST_STATUS;
  #since: number;
  /** Whether what an earlier run saved is still being read: a refusal does not end waits for data before that. */
  #restoring = false;

  constructor(clock: Clock, notifier: Notifier, startWait: number) {
    this.#clock = clock;
    this.#notifier = notifier;
    this.#startWait = startWait;
    this.#since = clock.now();
  }

  get status(): Status {
    return this.#state.status;
  }

  /** Whether usable data was ever established. */
  get initialized(): boolean {
    return this.#state.initialized;
  }

  get currentState(): UpdateState {
    const { status, error, confirmedAt } = this.#state;
    const age = confirmedAt === undefined ? undefined : Math.round(this.#clock.elapsed() - confirmedAt);
    return {
      status,
      since: this.#since,
      ...(age === undefined ? {} : { dataAge: Math.max(age, 0) }),
      ...(error === undefined ? {} : { error }),
    };
  }

  addListener(listener: StatusListener): () => void {
    // Wrap it, so that adding the same listener twice gives two subscriptions.
    const entry: StatusListener = (state) => listener(state);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  waitForOKState(wait?: Wait): Promise<boolean> {
    return this.#waitUntil(wait, false, () => {
      const { status } = this.#state;
      if (status === 'Ready') return true;
      return status === 'Closed' ? false : undefined;
    });
  }

  waitForInitialization(wait?: Wait): Promise<InitializationResult> {
    return this.#waitUntil<InitializationResult>(wait, 'timeout', () => {
      const { ended, initialized, status } = this.#state;
      if (ended) return 'closed';
      if (initialized) return 'ready';
      return status === 'Closed' && !this.#restoring ? 'failed' : undefined;
    });
  }

  /**
   * The data is what the source has.
   *
   * @param isConfirmed whether the source has answered just now; otherwise it is only known to be there and in order.
   */
  inSync(isConfirmed = true): void {
    this.#handle({ type: 'in-sync', isConfirmed });
  }

  /**
   * There is data to serve, but not in sync.
   *
   * @param age how old it is, in milliseconds; `undefined` when nobody knows.
   */
  serving(age: number | undefined): void {
    this.#handle({ type: 'serving', age });
  }

  interrupted(error: SyncError): void {
    this.#handle({ type: 'interrupted', error });
  }

  /** The server has refused the client. */
  refused(error: SyncError): void {
    this.#handle({ type: 'refused', error });
  }

  /** As `close()` was called: ends all waits. */
  closed(): void {
    this.#handle({ type: 'close' });
  }

  /** What an earlier run saved is being read, or no longer: meanwhile a refusal does not end waits for the first data. */
  restoring(isRestoring: boolean): void {
    this.#restoring = isRestoring;
    this.#checkWaiters();
  }

  #handle(event: StatusEvent): void {
    const before = this.#state;
    if (isKnown(before, event)) return;
    this.#state = statusStep(before, event, this.#clock.elapsed());
    if (this.#state === before) return;
    const { status, error } = this.#state;
    const changed = status !== before.status || error?.code !== before.error?.code;
    if (status !== before.status) this.#since = this.#clock.now();
    this.#checkWaiters();
    if (!changed || this.#listeners.size === 0) return;
    const state = this.currentState;
    for (const listener of this.#listeners) {
      this.#notifier.post('a status listener', () => {
        if (this.#listeners.has(listener)) return listener(state);
        return undefined;
      });
    }
  }

  #checkWaiters(): void {
    for (const check of [...this.#waiters]) check();
  }

  #waitUntil<T>(wait: Wait | undefined, otherwise: T, outcome: () => T | undefined): Promise<T> {
    const known = outcome();
    if (known !== undefined) return Promise.resolve(known);
    return waitFor(this.#clock, wait, this.#startWait, otherwise, (done) => {
      const check = (): void => {
        const result = outcome();
        if (result !== undefined) done(result);
      };
      this.#waiters.add(check);
      return () => this.#waiters.delete(check);
    });
  }
}

import type { SyncError } from './errors.js';
import type { Clock } from './runtime/clock.js';
import type { Notifier } from './runtime/notifier.js';
import { type Wait, waitFor } from './runtime/wait.js';

/**
 * - `NotReady`: no data yet; evaluations return defaults.
 * - `Ready`: data is there and synchronization is healthy.
 * - `Stale`: data is there and served, but synchronization is interrupted or has not begun.
 * - `Closed`: `close()` was called or the server refused the secret for good; data that was there is still served.
 */
export type Status = 'NotReady' | 'Ready' | 'Stale' | 'Closed';

/** The synchronization's state at a moment. */
export interface UpdateState {
  readonly status: Status;
  /** Since when, in Unix milliseconds. */
  readonly since: number;
  /** Milliseconds since the data was last known to be what the server has; absent when there is none, or of unknown age. */
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
  /** Never: the server refused the environment secret. */
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

/** Holds the status: its transitions, who waits for them, who listens to them. */
export class StatusKeeper implements UpdateStatusProvider {
  readonly #clock: Clock;
  readonly #notifier: Notifier;
  readonly #startWait: number;
  readonly #listeners = new Set<StatusListener>();
  readonly #waiters = new Set<() => void>();
  #status: Status = 'NotReady';
  #since: number;
  #error: SyncError | undefined;
  #confirmedAt: number | undefined;
  #initialized = false;
  #closeCalled = false;

  constructor(clock: Clock, notifier: Notifier, startWait: number) {
    this.#clock = clock;
    this.#notifier = notifier;
    this.#startWait = startWait;
    this.#since = clock.now();
  }

  get status(): Status {
    return this.#status;
  }

  /** Whether usable data was ever established. */
  get initialized(): boolean {
    return this.#initialized;
  }

  get currentState(): UpdateState {
    const age = this.#confirmedAt === undefined ? undefined : Math.round(this.#clock.elapsed() - this.#confirmedAt);
    return {
      status: this.#status,
      since: this.#since,
      ...(age === undefined ? {} : { dataAge: Math.max(age, 0) }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
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
      if (this.#status === 'Ready') return true;
      return this.#status === 'Closed' ? false : undefined;
    });
  }

  waitForInitialization(wait?: Wait): Promise<InitializationResult> {
    return this.#waitUntil<InitializationResult>(wait, 'timeout', () => {
      if (this.#closeCalled) return 'closed';
      if (this.#initialized) return 'ready';
      return this.#status === 'Closed' ? 'failed' : undefined;
    });
  }

  /** The data is what the source has. */
  inSync(): void {
    if (this.#status === 'Closed') return;
    this.#initialized = true;
    this.#confirmedAt = this.#clock.elapsed();
    this.#become('Ready', undefined);
  }

  /**
   * There is data to serve, but not in sync.
   *
   * @param age how old it is, in milliseconds; `undefined` when nobody knows.
   */
  serving(age: number | undefined): void {
    if (this.#status === 'Closed') return;
    this.#initialized = true;
    this.#confirmedAt = age === undefined ? undefined : this.#clock.elapsed() - age;
    this.#become('Stale', this.#error);
  }

  interrupted(error: SyncError): void {
    if (this.#status !== 'Closed') this.#become(this.#initialized ? 'Stale' : 'NotReady', error);
  }

  failed(error: SyncError): void {
    if (this.#status !== 'Closed') this.#become('Closed', error);
  }

  /** As `close()` was called: ends all waits. */
  closed(): void {
    this.#closeCalled = true;
    this.#become('Closed', this.#error);
  }

  #become(status: Status, error: SyncError | undefined): void {
    const changed = status !== this.#status || error?.code !== this.#error?.code;
    if (status !== this.#status) this.#since = this.#clock.now();
    this.#status = status;
    this.#error = error;
    for (const check of [...this.#waiters]) check();
    if (!changed || this.#listeners.size === 0) return;
    const state = this.currentState;
    for (const listener of this.#listeners) {
      this.#notifier.post('a status listener', () => {
        if (this.#listeners.has(listener)) return listener(state);
        return undefined;
      });
    }
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

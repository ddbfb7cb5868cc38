import type { Evaluator, Reading } from '../evaluation/evaluator.js';
import type { AnyFlags, FlagKey, OwnValue, UserOf } from '../evaluation/types.js';
import type { JsonValue } from '../flags/variation.js';
import type { Notifier } from '../runtime/notifier.js';
import { snapshotOf } from '../users/recorded-user.js';

export type FlagChangedListener = (change: { readonly flagKey: string }) => void;
export type FlagValueMaybeChangedListener<Key = string, Value = JsonValue | undefined> = (
  flagKey: Key,
  value: Value,
) => void;
export type FlagValueChangedListener<Key = string, Value = JsonValue | undefined> = (
  flagKey: Key,
  previous: Value,
  current: Value,
) => void;

/**
 * Notifies the application of changes: after the new data is in use, in the order of the changes. Evaluations for listeners
 * record no events. Each method returns a function that stops the listener.
 */
export interface FlagTracker<Flags extends object = AnyFlags> {
  /** Calls back for every flag that may have changed: it was updated, archived or restored, a segment of its rules was, or a full message has changed, brought or removed it. */
  addFlagChangedListener(listener: FlagChangedListener): () => void;
  /** Calls back with a user's value of a flag whenever the flag may have changed, even if the value is the same. */
  addFlagValueMaybeChangedListener<Key extends FlagKey<Flags>, U>(
    flagKey: Key,
    user: UserOf<U>,
    listener: FlagValueMaybeChangedListener<Key, OwnValue<Flags, Key>>,
  ): () => void;
  /**
   * Calls back when a user's value of a flag has changed. It is the value that `variation` without a default would return,
   * `undefined` when there is none. JSON has changed when its text has.
   */
  addFlagValueChangedListener<Key extends FlagKey<Flags>, U>(
    flagKey: Key,
    user: UserOf<U>,
    listener: FlagValueChangedListener<Key, OwnValue<Flags, Key>>,
  ): () => void;
}

type Subscription = (flagKey: string) => void;

/** Keeps the listeners and calls them after a commit. */
export class ListenerTracker<Flags extends object = AnyFlags> implements FlagTracker<Flags> {
  readonly #notifier: Notifier;
  readonly #evaluator: Pick<Evaluator, 'read'>;
  readonly #ofAll = new Set<Subscription>();
  readonly #ofFlag = new Map<string, Set<Subscription>>();

  constructor(notifier: Notifier, evaluator: Pick<Evaluator, 'read'>) {
    this.#notifier = notifier;
    this.#evaluator = evaluator;
  }

  addFlagChangedListener(listener: FlagChangedListener): () => void {
    return subscribe(this.#ofAll, (flagKey) => listener({ flagKey }));
  }

  addFlagValueMaybeChangedListener<Key extends FlagKey<Flags>, U>(
    flagKey: Key,
    user: UserOf<U>,
    listener: FlagValueMaybeChangedListener<Key, OwnValue<Flags, Key>>,
  ): () => void {
    const snapshot = snapshotOf(user);
    return this.#addOfFlag(flagKey, () =>
      listener(flagKey, this.#evaluator.read(flagKey, snapshot).value as OwnValue<Flags, Key>),
    );
  }

  addFlagValueChangedListener<Key extends FlagKey<Flags>, U>(
    flagKey: Key,
    user: UserOf<U>,
    listener: FlagValueChangedListener<Key, OwnValue<Flags, Key>>,
  ): () => void {
    const snapshot = snapshotOf(user);
    let last = this.#evaluator.read(flagKey, snapshot);
    return this.#addOfFlag(flagKey, () => {
      const previous = last;
      last = this.#evaluator.read(flagKey, snapshot);
      if (sameValue(previous, last)) return undefined;
      return listener(flagKey, previous.value as OwnValue<Flags, Key>, last.value as OwnValue<Flags, Key>);
    });
  }

  /** Calls the listeners of flags that a commit may have changed. */
  notify(flagKeys: Iterable<string>): void {
    if (this.#ofAll.size === 0 && this.#ofFlag.size === 0) return;
    for (const flagKey of flagKeys) {
      for (const subscription of this.#ofAll) this.#post(this.#ofAll, subscription, flagKey);
      const ofFlag = this.#ofFlag.get(flagKey);
      if (ofFlag === undefined) continue;
      for (const subscription of ofFlag) this.#post(ofFlag, subscription, flagKey);
    }
  }

  #addOfFlag(flagKey: string, subscription: Subscription): () => void {
    let subscriptions = this.#ofFlag.get(flagKey);
    if (subscriptions === undefined) {
      subscriptions = new Set();
      this.#ofFlag.set(flagKey, subscriptions);
    }
    const unsubscribe = subscribe(subscriptions, subscription);
    return () => {
      unsubscribe();
      if (subscriptions.size === 0 && this.#ofFlag.get(flagKey) === subscriptions) this.#ofFlag.delete(flagKey);
    };
  }

  #post(subscriptions: ReadonlySet<Subscription>, subscription: Subscription, flagKey: string): void {
    this.#notifier.post('a flag listener', () => (subscriptions.has(subscription) ? subscription(flagKey) : undefined));
  }
}

function subscribe(subscriptions: Set<Subscription>, subscription: Subscription): () => void {
  subscriptions.add(subscription);
  return () => {
    subscriptions.delete(subscription);
  };
}

/** Whether the application sees the same. Parsed JSON is compared by its text: the order of fields and spaces count. */
function sameValue(a: Reading, b: Reading): boolean {
  if (Object.is(a.value, b.value)) return true;
  if (!isObject(a.value) || !isObject(b.value)) return false;
  return a.variation !== undefined && a.variation.value === b.variation?.value;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

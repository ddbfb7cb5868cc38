import { Failure } from '../flags/failure.js';
import { Occasion } from '../flags/occasion.js';
import type { Serving } from '../flags/serving.js';
import type { FlagStore } from '../flags/store.js';
import type { JsonValue, ValueType, Variation } from '../flags/variation.js';
import { snapshotOf } from '../users/recorded-user.js';
import type { User } from '../users/user.js';
import { AllFlagStates } from './all-flag-states.js';
import type { EvalDetail } from './detail.js';
import { convert, detailOf, evaluate, type Outcome, requestedType } from './evaluate.js';

/** What evaluations take their data from. */
export interface EvaluatorSettings {
  readonly store: FlagStore;
  /** Until it is initialized, evaluations return defaults. */
  readonly status: { readonly initialized: boolean };
  /** The defaults of calls that give none, by flag key. */
  readonly defaults: ReadonlyMap<string, JsonValue>;
}

/** Learns about every evaluation that the application asked for. */
export interface EvaluationObserver {
  /** The user was served a variation whose value is of the type asked for. */
  served(user: User, serving: Serving): void;
  /** The evaluation returned the default. */
  failed(flagKey: unknown, failure: Failure): void;
}

/** A flag for a user at one moment: the variation, if one is served, and the value that the application would see. */
export interface Reading {
  readonly variation: Variation | undefined;
  readonly value: JsonValue | undefined;
}

/**
 * Every evaluation of a client: key, user and type in, the converted value or the default out. Never throws, whatever the
 * application passes as key and user.
 */
export class Evaluator {
  readonly #store: FlagStore;
  readonly #status: EvaluatorSettings['status'];
  readonly #defaults: ReadonlyMap<string, JsonValue>;
  readonly #observer: EvaluationObserver;

  constructor({ store, status, defaults }: EvaluatorSettings, observer: EvaluationObserver) {
    this.#store = store;
    this.#status = status;
    this.#defaults = defaults;
    this.#observer = observer;
  }

  /** The value of the default's type, or of the flag's own when there is no default. */
  value(flagKey: string, user: unknown, given: unknown): unknown {
    const fallback = this.#fallback(flagKey, given);
    const value = this.#value(flagKey, user, requestedType(fallback));
    return value instanceof Failure ? fallback : value;
  }

  /** {@link value} with its explanation. */
  detail(flagKey: string, user: unknown, given: unknown): EvalDetail<unknown> {
    const fallback = this.#fallback(flagKey, given);
    return this.#detail(flagKey, user, requestedType(fallback), fallback);
  }

  /** The value as a type. @param standard the default when neither the call nor the settings give one of the type. */
  valueAs(type: ValueType, flagKey: string, user: unknown, given: unknown, standard: unknown): unknown {
    const value = this.#value(flagKey, user, type);
    return value instanceof Failure ? this.#fallbackAs(type, flagKey, given, standard) : value;
  }

  /** {@link valueAs} with its explanation. */
  detailAs(type: ValueType, flagKey: string, user: unknown, given: unknown, standard: unknown): EvalDetail<unknown> {
    return this.#detail(flagKey, user, type, this.#fallbackAs(type, flagKey, given, standard));
  }

  /** What {@link value} would return without a default. The observer does not learn about it. */
  read(flagKey: string, user: unknown): Reading {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    const fallback = this.#defaults.get(flagKey);
    const converted = convert(outcome, requestedType(fallback));
    if (converted instanceof Failure || outcome instanceof Failure) return { variation: undefined, value: fallback };
    return { variation: outcome.variation, value: converted };
  }

  /** All active flags for a user. The observer learns only about those that are then asked for by key. */
  all<Flags extends object>(user: unknown): AllFlagStates<Flags> {
    const snapshot = snapshotOf(user);
    if (snapshot === undefined) {
      const reason =
        'the user is no object with an own property `key` that is a string and not blank, or could not be read';
      return new AllFlagStates(false, reason, [], [], (flagKey, outcome, given) =>
        this.#unobserved(flagKey, outcome, given),
      );
    }
    const flags = this.#store.activeFlags();
    const occasion = new Occasion(snapshot, this.#store);
    const outcomes = flags.map((flag) => flag.evaluate(occasion));
    const reason = this.#status.initialized ? 'all active flags' : 'no data yet';
    return new AllFlagStates(true, reason, flags, outcomes, (flagKey, outcome, given) => {
      const detail = this.#unobserved(flagKey, outcome, given);
      if (!(outcome instanceof Failure) && detail.variationId !== '') this.#observer.served(snapshot, outcome);
      return detail;
    });
  }

  #value(flagKey: string, user: unknown, type: ValueType | 'own'): JsonValue | Failure {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    const converted = convert(outcome, type);
    if (converted instanceof Failure) this.#observer.failed(flagKey, converted);
    // Whoever is served something is a user.
    else this.#observer.served(user as User, outcome as Serving);
    return converted;
  }

  #detail(flagKey: string, user: unknown, type: ValueType | 'own', fallback: unknown): EvalDetail<unknown> {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    const converted = convert(outcome, type);
    if (converted instanceof Failure) this.#observer.failed(flagKey, converted);
    else this.#observer.served(user as User, outcome as Serving);
    return detailOf(flagKey, outcome, converted, fallback);
  }

  #unobserved(flagKey: string, outcome: Outcome, given: unknown): EvalDetail<unknown> {
    const fallback = this.#fallback(flagKey, given);
    return detailOf(flagKey, outcome, convert(outcome, requestedType(fallback)), fallback);
  }

  #fallback(flagKey: string, given: unknown): unknown {
    return given === undefined ? this.#defaults.get(flagKey) : given;
  }

  #fallbackAs(type: ValueType, flagKey: string, given: unknown, standard: unknown): unknown {
    if (given !== undefined) return given;
    const configured = this.#defaults.get(flagKey);
    return configured !== undefined && (type === 'json' || typeof configured === type) ? configured : standard;
  }
}

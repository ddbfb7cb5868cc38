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
import { type EvaluationResult, resultOf } from './result.js';

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
    const fallback = this.fallback(flagKey, given);
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    const converted = convert(outcome, requestedType(fallback));
    // As in `#observed`, written out here and below: V8 inlines only so much, and each call less is a tenth of a small evaluation.
    if (converted instanceof Failure) {
      this.#observer.failed(flagKey, converted);
      return fallback;
    }
    this.#observer.served(user as User, outcome as Serving);
    return converted;
  }

  /** {@link value} with its explanation. */
  detail(flagKey: string, user: unknown, given: unknown): EvalDetail<unknown> {
    const fallback = this.fallback(flagKey, given);
    return this.#detail(flagKey, user, requestedType(fallback), fallback);
  }

  /** The value as a type. @param standard the default when neither the call nor the settings give one of the type. */
  valueAs(type: ValueType, flagKey: string, user: unknown, given: unknown, standard: unknown): unknown {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    const converted = convert(outcome, type);
    if (converted instanceof Failure) {
      this.#observer.failed(flagKey, converted);
      return this.fallbackAs(type, flagKey, given, standard);
    }
    this.#observer.served(user as User, outcome as Serving);
    return converted;
  }

  /** {@link valueAs} with its explanation. */
  detailAs(type: ValueType, flagKey: string, user: unknown, given: unknown, standard: unknown): EvalDetail<unknown> {
    return this.#detail(flagKey, user, type, this.fallbackAs(type, flagKey, given, standard));
  }

  /** The value as a type, with all that is known about the evaluation. */
  result(type: ValueType | 'own', flagKey: string, user: unknown, fallback: unknown): EvaluationResult {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    return resultOf(this.#store, flagKey, outcome, this.#observed(flagKey, user, outcome, type), fallback);
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
        this.use(user, flagKey, outcome, given),
      );
    }
    const flags = this.#store.allFlags();
    const outcomes = flags.evaluate(new Occasion(snapshot, this.#store));
    const reason = this.#status.initialized ? 'all active flags' : 'no data yet';
    return new AllFlagStates(true, reason, flags.keys, outcomes, (flagKey, outcome, given) =>
      this.use(snapshot, flagKey, outcome, given),
    );
  }

  #detail(flagKey: string, user: unknown, type: ValueType | 'own', fallback: unknown): EvalDetail<unknown> {
    const outcome = evaluate(this.#store, this.#status.initialized, flagKey, user);
    return detailOf(flagKey, outcome, this.#observed(flagKey, user, outcome, type), fallback);
  }

  /** The value of an outcome, after the observer has learnt about it. */
  #observed(flagKey: string, user: unknown, outcome: Outcome, type: ValueType | 'own'): JsonValue | Failure {
    const converted = convert(outcome, type);
    // Whoever is served something is a user.
    if (converted instanceof Failure) this.#observer.failed(flagKey, converted);
    else this.#observer.served(user as User, outcome as Serving);
    return converted;
  }

  /** One of all flags is used. */
  protected use(user: unknown, flagKey: string, outcome: Outcome, given: unknown): EvalDetail<unknown> {
    const fallback = this.fallback(flagKey, given);
    return detailOf(flagKey, outcome, this.used(user, outcome, fallback), fallback);
  }

  /**
   * The value of one of all flags. The observer learns only about what is served: an application that looks at all flags
   * may well ask for some that it does not have.
   *
   * @param user a snapshot; of what is no user there are no flags to serve.
   */
  protected used(user: unknown, outcome: Outcome, fallback: unknown): JsonValue | Failure {
    const converted = convert(outcome, requestedType(fallback));
    if (!(converted instanceof Failure)) this.#observer.served(user as User, outcome as Serving);
    return converted;
  }

  /** The default of a call that takes its type from it. */
  protected fallback(flagKey: string, given: unknown): unknown {
    return given === undefined ? this.#defaults.get(flagKey) : given;
  }

  /** The default of a call that names the type. */
  protected fallbackAs(type: ValueType, flagKey: string, given: unknown, standard: unknown): unknown {
    if (given !== undefined) return given;
    const configured = this.#defaults.get(flagKey);
    return configured !== undefined && (type === 'json' || typeof configured === type) ? configured : standard;
  }
}

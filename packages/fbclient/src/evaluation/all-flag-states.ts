import { Failure } from '../flags/failure.js';
import type { JsonValue } from '../flags/variation.js';
import { type EvalDetail, REASON_TEXTS, type Reason } from './detail.js';
import { convert, detailOf, type Outcome } from './evaluate.js';
import type { DefaultOf, FlagKey, FlagValue } from './types.js';

/** One flag in the JSON form of {@link AllFlagStates}. */
export interface FlagStateJson {
  /** Of the flag's own type; `null` when the evaluation failed or the value is not of that type. */
  readonly value: JsonValue;
  readonly variationId: string;
  readonly reason: Reason;
}

/** The JSON form of {@link AllFlagStates}, for front ends. */
export interface AllFlagStatesJson {
  readonly success: boolean;
  readonly reason: string;
  /** By flag key; an object without a prototype. */
  readonly flags: Readonly<Record<string, FlagStateJson>>;
}

/** Makes the detail of an outcome, with the default that the call gave, and records that it was used. */
type UseOfFlag = (flagKey: string, outcome: Outcome, given: unknown) => EvalDetail<unknown>;

const UNKNOWN_FLAG = new Failure('there was no such flag', 'unknown-flag');

/**
 * All flags of the environment for one user at one moment; later changes do not show in it.
 *
 * Iterating, `keys()` and `toJSON()` only look. `get` and `getVariation` are uses of a flag: they record its event.
 */
export class AllFlagStates<Flags extends object> implements Iterable<EvalDetail<string>> {
  /** `false` when the user could not be used; then there are no flags in it. */
  readonly success: boolean;
  /** Why `success` is as it is, as a sentence. */
  readonly reason: string;
  readonly #keys: readonly string[];
  readonly #outcomes: readonly Outcome[];
  readonly #use: UseOfFlag;

  #byKey: ReadonlyMap<string, Outcome> | undefined;

  /**
   * @internal
   * @param keys of the flags; kept, not copied.
   * @param outcomes those of the flags, in the same order.
   * @param use called for each flag that is asked for by key.
   */
  constructor(success: boolean, reason: string, keys: readonly string[], outcomes: readonly Outcome[], use: UseOfFlag) {
    this.success = success;
    this.reason = reason;
    this.#keys = keys;
    this.#outcomes = outcomes;
    this.#use = use;
  }

  /** The keys of all flags in it. */
  keys(): string[] {
    return [...this.#keys];
  }

  /** All flags, with the values as strings. Records nothing. */
  [Symbol.iterator](): Iterator<EvalDetail<string>, undefined> {
    const keys = this.#keys;
    const outcomes = this.#outcomes;
    let next = 0;
    // Written by hand: a generator would double the cost of each detail.
    return {
      next: () => {
        const key = keys[next];
        const outcome = outcomes[next];
        next += 1;
        if (key === undefined || outcome === undefined) return { done: true, value: undefined };
        return { done: false, value: rawDetail(key, outcome) };
      },
    };
  }

  /**
   * One flag, converted to the type of the default, as `variationDetail` would have returned it at that moment; records the
   * event.
   */
  get<Key extends FlagKey<Flags>, Default extends DefaultOf<Flags, Key>>(
    flagKey: Key,
    defaultValue: Default,
  ): EvalDetail<FlagValue<Flags, Key, Default>> {
    this.#byKey ??= new Map(this.#keys.map((key, index) => [key, this.#outcomes[index] ?? UNKNOWN_FLAG]));
    const outcome = this.#byKey.get(flagKey) ?? UNKNOWN_FLAG;
    return this.#use(flagKey, outcome, defaultValue) as EvalDetail<FlagValue<Flags, Key, Default>>;
  }

  /** The value of {@link get}; records the event. */
  getVariation<Key extends FlagKey<Flags>, Default extends DefaultOf<Flags, Key>>(
    flagKey: Key,
    defaultValue: Default,
  ): FlagValue<Flags, Key, Default> {
    return this.get(flagKey, defaultValue).value;
  }

  /** For front ends and server-side rendering: values of the flags' own types; frozen. Records nothing. */
  toJSON(): AllFlagStatesJson {
    const flags: Record<string, FlagStateJson> = Object.create(null);
    this.#keys.forEach((key, index) => {
      const outcome = this.#outcomes[index] ?? UNKNOWN_FLAG;
      const { value, variationId, reason } = detailOf(key, outcome, convert(outcome, 'own'), null);
      flags[key] = Object.freeze({ value: value as JsonValue, variationId, reason });
    });
    return Object.freeze({ success: this.success, reason: this.reason, flags: Object.freeze(flags) });
  }
}

function rawDetail(flagKey: string, outcome: Outcome): EvalDetail<string> {
  if (outcome instanceof Failure) {
    return { flagKey, value: '', variationId: '', reason: outcome.reason, reasonText: outcome.text };
  }
  const { reason, variation } = outcome;
  return { flagKey, value: variation.value, variationId: variation.id, reason, reasonText: REASON_TEXTS[reason] };
}

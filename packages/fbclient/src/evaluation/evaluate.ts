import { Failure } from '../flags/failure.js';
import { Occasion } from '../flags/occasion.js';
import type { Serving } from '../flags/serving.js';
import type { FlagStore } from '../flags/store.js';
import type { JsonValue, ValueType } from '../flags/variation.js';
import { isUser } from '../users/user.js';
import { type EvalDetail, REASON_TEXTS } from './detail.js';

/** The result of evaluating one flag for one user: a variation with its reason, or a failure with its own. */
export type Outcome = Serving | Failure;

const NOT_READY = new Failure('the client has no data yet', 'client-not-ready');
const UNUSABLE_KEY = new Failure('the flag key is not a string', 'bad-flag-key');
const UNKNOWN_FLAG = new Failure('there is no such flag, or it is archived', 'unknown-flag');
const UNUSABLE_USER = new Failure(
  'the user is no object with an own property `key` that is a string and not blank',
  'bad-user',
);
const UNREADABLE_USER = new Failure('an attribute of the user could not be read', 'bad-user');
const WRONG_TYPE = new Failure("the variation's value cannot be converted to the type asked for", 'wrong-type');

/** Evaluates a flag by its key. Never throws, whatever the application passes as key and user. */
export function evaluate(store: FlagStore, initialized: boolean, flagKey: unknown, user: unknown): Outcome {
  if (!initialized) return NOT_READY;
  if (typeof flagKey !== 'string') return UNUSABLE_KEY;
  const flag = store.flag(flagKey);
  if (flag === undefined) return UNKNOWN_FLAG;
  try {
    return isUser(user) ? flag.evaluate(new Occasion(user, store)) : UNUSABLE_USER;
  } catch {
    // Probably a getter of the user.
    return UNREADABLE_USER;
  }
}

/** The type to convert to: that of the default. `null` and `undefined` have none: then it is the flag's own. */
export function requestedType(fallback: unknown): ValueType | 'own' {
  if (fallback === null) return 'own';
  const type = typeof fallback;
  switch (type) {
    case 'boolean':
    case 'string':
    case 'number':
      return type;
    case 'undefined':
      return 'own';
    default:
      return 'json';
  }
}

/** The value of an outcome as a type; a failure when there is no value, or not one of that type. */
export function convert(outcome: Outcome, type: ValueType | 'own'): JsonValue | Failure {
  if (outcome instanceof Failure) return outcome;
  const value = outcome.variation.as(type === 'own' ? outcome.flag.type : type);
  return value === undefined ? WRONG_TYPE : value;
}

/** What the application gets of an outcome and its converted value. */
export function detailOf(
  flagKey: string,
  outcome: Outcome,
  converted: JsonValue | Failure,
  fallback: unknown,
): EvalDetail<unknown> {
  if (outcome instanceof Failure) return failureDetail(flagKey, outcome, fallback);
  if (converted instanceof Failure) return failureDetail(flagKey, converted, fallback);
  const { reason, variation } = outcome;
  return { flagKey, value: converted, variationId: variation.id, reason, reasonText: REASON_TEXTS[reason] };
}

function failureDetail(flagKey: string, { reason, text }: Failure, fallback: unknown): EvalDetail<unknown> {
  return { flagKey, value: fallback, variationId: '', reason, reasonText: text };
}

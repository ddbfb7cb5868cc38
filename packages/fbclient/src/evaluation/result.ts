import { Failure, type FailureCode } from '../flags/failure.js';
import { Flag } from '../flags/flag.js';
import type { FlagStore } from '../flags/store.js';
import type { JsonValue, ValueType } from '../flags/variation.js';
import type { EvalDetail } from './detail.js';
import { detailOf, type Outcome } from './evaluate.js';

/** A flag as an evaluation found it. */
export interface EvaluatedFlag {
  /** The type that it was made with. */
  readonly type: ValueType;
  /** When it was last changed, in Unix milliseconds by the server's clock. */
  readonly version: number;
  /** Whether it has individual targets or rules. */
  readonly targeted: boolean;
}

/** An evaluation's result with all that is known about it: what hooks see, and what adapters to other APIs need. Frozen. */
export interface EvaluationResult<T = unknown> extends EvalDetail<T> {
  /** Why the value is the default; `undefined` when a variation was served. */
  readonly failure: FailureCode | undefined;
  /** Whether a rollout chose the variation, so that other users get others for the same reason. */
  readonly split: boolean;
  /** `undefined` when there is no such flag, or it was not looked for. */
  readonly flag: EvaluatedFlag | undefined;
}

/** The result of an outcome, of its converted value and the default. */
export function resultOf(
  store: FlagStore,
  flagKey: string,
  outcome: Outcome,
  converted: JsonValue | Failure,
  fallback: unknown,
): EvaluationResult {
  const { value, variationId, reason, reasonText } = detailOf(flagKey, outcome, converted, fallback);
  // Written out: spreading the detail costs as much as the evaluation.
  return Object.freeze({
    flagKey,
    value,
    variationId,
    reason,
    reasonText,
    failure: converted instanceof Failure ? converted.code : undefined,
    split: !(outcome instanceof Failure || converted instanceof Failure) && outcome.split,
    flag: flagOf(store, flagKey, outcome),
  });
}

function flagOf(store: FlagStore, flagKey: string, outcome: Outcome): EvaluatedFlag | undefined {
  if (outcome instanceof Failure && outcome.code !== 'damaged-flag') return undefined;
  // What was served knows its flag as it was then; the store may hold a newer one.
  const flag = outcome instanceof Failure ? store.flag(flagKey) : outcome.flag;
  if (!(flag instanceof Flag)) return undefined;
  const known = FACTS.get(flag);
  if (known !== undefined) return known;
  const { targets, rules } = flag.targeting();
  const facts = Object.freeze({
    type: flag.type,
    version: flag.version,
    targeted: targets !== undefined || rules.length > 0,
  });
  FACTS.set(flag, facts);
  return facts;
}

/** A flag does not change: another version is another flag. */
const FACTS = new WeakMap<Flag, EvaluatedFlag>();

import type { ServingReason } from '../flags/serving.js';
import type { JsonValue } from '../flags/variation.js';

/**
 * Why an evaluation returned what it did.
 *
 * - `Off`: the flag is disabled.
 * - `TargetMatch`: the user is an individual target.
 * - `RuleMatch`: a targeting rule matched.
 * - `Fallthrough`: no rule matched.
 * - `ClientNotReady`: there is no data yet; the value is the default.
 * - `WrongType`: the variation's value cannot be converted to the type asked for; the value is the default.
 * - `Error`: unknown or archived flag, unusable user or key, or a flag that is damaged where the evaluation reached it; the
 *   value is the default.
 */
export type Reason = ServingReason | 'ClientNotReady' | 'WrongType' | 'Error';

/** An evaluation's result with its explanation. */
export interface EvalDetail<T = JsonValue | undefined> {
  readonly flagKey: string;
  readonly value: T;
  /** The id of the variation that was served; `""` when the value is a default. */
  readonly variationId: string;
  readonly reason: Reason;
  /** The reason as a sentence. */
  readonly reasonText: string;
}

/** The sentences for reasons that are always the same. */
export const REASON_TEXTS: Readonly<Record<ServingReason, string>> = {
  Off: 'the flag is disabled',
  TargetMatch: 'the user is an individual target',
  RuleMatch: 'a targeting rule matched',
  Fallthrough: 'no targeting rule matched',
};

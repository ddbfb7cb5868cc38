import type { FlagStore } from '../flags/store.js';
import type { ValueType } from '../flags/variation.js';
import type { EvalDetail } from './detail.js';
import { type Outcome, requestedType } from './evaluate.js';
import { type EvaluationObserver, Evaluator, type EvaluatorSettings } from './evaluator.js';
import { type EvaluationResult, resultOf } from './result.js';
import type { FBUser } from './types.js';

/** The method that the application has called. */
export type EvaluationMethod =
  | 'variation'
  | 'variationDetail'
  | `${'bool' | 'string' | 'number' | 'json'}Variation`
  | `${'bool' | 'string' | 'number' | 'json'}VariationDetail`
  /** Of the client. */
  | 'evaluate'
  /** `get` or `getVariation` of what `getAllLatestFlagVariations` has returned. */
  | 'allFlagStates';

/** One evaluation from its beginning to its end: the same object for both. Frozen. */
export interface EvaluationSeries {
  readonly flagKey: string;
  /** As the application gave it; not a copy. */
  readonly user: FBUser;
  /** What is returned when the flag cannot be evaluated: the call's default, otherwise the configured one or the method's own. */
  readonly defaultValue: unknown;
  readonly method: EvaluationMethod;
}

/** What is called around every evaluation. Does not throw. */
export interface EvaluationStages {
  /** @returns what `after` wants to have again. */
  before(series: EvaluationSeries): unknown;
  after(series: EvaluationSeries, result: EvaluationResult, data: unknown): void;
}

const VARIATIONS = {
  boolean: 'boolVariation',
  string: 'stringVariation',
  number: 'numberVariation',
  json: 'jsonVariation',
} as const satisfies Record<ValueType, EvaluationMethod>;

/**
 * The evaluator of a client that has hooks. It is a class of its own, so that a client without hooks has nothing of them: not
 * even a branch.
 */
export class HookedEvaluator extends Evaluator {
  readonly #store: FlagStore;
  readonly #stages: EvaluationStages;

  constructor(settings: EvaluatorSettings, observer: EvaluationObserver, stages: EvaluationStages) {
    super(settings, observer);
    this.#store = settings.store;
    this.#stages = stages;
  }

  override value(flagKey: string, user: unknown, given: unknown): unknown {
    const fallback = this.fallback(flagKey, given);
    return this.#evaluate('variation', requestedType(fallback), flagKey, user, fallback).value;
  }

  override detail(flagKey: string, user: unknown, given: unknown): EvalDetail<unknown> {
    const fallback = this.fallback(flagKey, given);
    return detailIn(this.#evaluate('variationDetail', requestedType(fallback), flagKey, user, fallback));
  }

  override valueAs(type: ValueType, flagKey: string, user: unknown, given: unknown, standard: unknown): unknown {
    const fallback = this.fallbackAs(type, flagKey, given, standard);
    return this.#evaluate(VARIATIONS[type], type, flagKey, user, fallback).value;
  }

  override detailAs(
    type: ValueType,
    flagKey: string,
    user: unknown,
    given: unknown,
    standard: unknown,
  ): EvalDetail<unknown> {
    const fallback = this.fallbackAs(type, flagKey, given, standard);
    return detailIn(this.#evaluate(`${VARIATIONS[type]}Detail`, type, flagKey, user, fallback));
  }

  override result(type: ValueType | 'own', flagKey: string, user: unknown, fallback: unknown): EvaluationResult {
    return this.#evaluate('evaluate', type, flagKey, user, fallback);
  }

  protected override use(user: unknown, flagKey: string, outcome: Outcome, given: unknown): EvalDetail<unknown> {
    const fallback = this.fallback(flagKey, given);
    const result = this.#surround(seriesOf('allFlagStates', flagKey, user, fallback), () =>
      resultOf(this.#store, flagKey, outcome, this.used(user, outcome, fallback), fallback),
    );
    return detailIn(result);
  }

  #evaluate(
    method: EvaluationMethod,
    type: ValueType | 'own',
    flagKey: string,
    user: unknown,
    fallback: unknown,
  ): EvaluationResult {
    const series = seriesOf(method, flagKey, user, fallback);
    return this.#surround(series, () => super.result(type, flagKey, user, fallback));
  }

  #surround(series: EvaluationSeries, evaluate: () => EvaluationResult): EvaluationResult {
    const data = this.#stages.before(series);
    const result = evaluate();
    this.#stages.after(series, result, data);
    return result;
  }
}

function seriesOf(method: EvaluationMethod, flagKey: string, user: unknown, defaultValue: unknown): EvaluationSeries {
  return Object.freeze({ flagKey, user: user as FBUser, defaultValue, method });
}

/** The same as without hooks: an object of the application's own. */
function detailIn({ flagKey, value, variationId, reason, reasonText }: EvaluationResult): EvalDetail<unknown> {
  return { flagKey, value, variationId, reason, reasonText };
}

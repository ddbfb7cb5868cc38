import type { FlagDocument, RolloutDocument } from '../protocol/documents.js';
import type { CompileContext } from './compile-context.js';
import { compileCondition } from './conditions.js';
import { type Dispatch, dispatchBy } from './dispatch.js';
import { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import { compileRollout, type Distribution } from './rollout.js';
import { ruleOrderOf } from './rule-index.js';
import { type Conditional, firstInTurn, NO_RULE, type RuleOrder } from './rule-order.js';
import { SegmentCondition } from './segment-condition.js';
import { type FlagIdentity, Serving } from './serving.js';
import { Targets } from './targets.js';
import { type ValueType, type Variation, Variations } from './variation.js';

/** The parts of a flag's document that say who gets what. */
export type TargetingDocument = Pick<
  FlagDocument,
  | 'variationType'
  | 'isEnabled'
  | 'disabledVariationId'
  | 'variations'
  | 'targetUsers'
  | 'rules'
  | 'fallthrough'
  | 'exptIncludeAllTargets'
>;

/** A compiled rule. */
export interface Rule extends Conditional {
  readonly serves: Distribution;
  /** What its rollout divides users by, also when everybody gets the same. */
  readonly dispatch: Dispatch;
}

// Most flags have no rules. They share one list.
const NO_RULES: readonly Rule[] = [];

const MISSING_OFF = new Failure('the variation for the disabled flag does not exist');
const MISSING_TARGET = new Failure('an individual target gets a variation that does not exist');

/** Who gets what of a flag, compiled. */
export class Targeting {
  readonly type: ValueType;
  /** What everybody gets of a disabled flag; `undefined` of an enabled one. */
  readonly off: Serving | Failure | undefined;
  readonly targets: Targets | undefined;
  readonly rules: readonly Rule[];
  readonly fallthrough: Distribution;
  /** What the fallthrough divides users by, also when everybody gets the same. */
  readonly dispatch: Dispatch;
  /** Made when an evaluation first gets to the rules. */
  #order: RuleOrder | undefined;

  constructor(flag: FlagIdentity, document: TargetingDocument, context: CompileContext) {
    this.type = valueType(document.variationType);
    const variations = new Variations(document.variations);
    const includeAll = document.exptIncludeAllTargets;
    this.off = document.isEnabled ? undefined : offServing(flag, variations.find(document.disabledVariationId));
    const targets = document.targetUsers.map(({ keyIds, variationId }) => {
      const target = variations.find(variationId);
      const serves = target === undefined ? MISSING_TARGET : new Serving(flag, target, 'TargetMatch', includeAll);
      return { keyIds, serves };
    });
    this.targets = targets.length === 0 ? undefined : new Targets(targets);
    // Most flags have nothing to warn about: they need nowhere to remember that it was done.
    const isPlain = document.rules.length === 0 && document.fallthrough.dispatchKey == null;
    const warnings = isPlain ? undefined : context.warningsOf('flag', flag.key);
    const compile = (rollout: RolloutDocument, dispatch: Dispatch, reason: 'RuleMatch' | 'Fallthrough') =>
      compileRollout(flag, rollout, dispatch, reason, variations, includeAll, warnings);
    const rules = document.rules.map((rule) => {
      const dispatch = dispatchBy(rule.dispatchKey);
      return {
        conditions: rule.conditions.map(
          (condition) => SegmentCondition.compile(condition) ?? compileCondition(condition, context, warnings),
        ),
        serves: compile(rule, dispatch, 'RuleMatch'),
        dispatch,
      };
    });
    this.rules = rules.length === 0 ? NO_RULES : rules;
    this.dispatch = dispatchBy(document.fallthrough.dispatchKey);
    this.fallthrough = compile(document.fallthrough, this.dispatch, 'Fallthrough');
  }

  /** What everybody gets, in FeatBit's order; `undefined` when it depends on the user. */
  get always(): Serving | Failure | undefined {
    if (this.off !== undefined) return this.off;
    const { targets, rules, fallthrough } = this;
    const isForEverybody = fallthrough instanceof Serving || fallthrough instanceof Failure;
    return targets === undefined && rules.length === 0 && isForEverybody ? fallthrough : undefined;
  }

  /** What the user gets of an enabled flag, in FeatBit's order: individual targets, rules in turn, the fallthrough. */
  serve(occasion: Occasion): Serving | Failure {
    const targeted = this.targets?.get(occasion.user.key);
    if (targeted !== undefined) return targeted;
    const { rules } = this;
    if (rules.length > 0) {
      // One rule, as many flags have, needs nothing to be found by.
      const first = rules.length === 1 ? firstInTurn(rules, occasion) : this.#first(occasion);
      if (typeof first !== 'number') return first;
      if (first !== NO_RULE) return (rules[first] as Rule).serves.pick(occasion.user);
    }
    return this.fallthrough.pick(occasion.user);
  }

  #first(occasion: Occasion): number | Failure {
    this.#order ??= ruleOrderOf(this.rules);
    return this.#order.first(occasion);
  }

  /** Whether a rule asks about any of these segments. */
  asksAbout(segmentIds: ReadonlySet<string>): boolean {
    return this.rules.some(({ conditions }) =>
      conditions.some((condition) => condition instanceof SegmentCondition && condition.asksAbout(segmentIds)),
    );
  }
}

function offServing(flag: FlagIdentity, variation: Variation | undefined): Serving | Failure {
  return variation === undefined ? MISSING_OFF : new Serving(flag, variation, 'Off', false);
}

function valueType(variationType: string): ValueType {
  switch (variationType) {
    case 'boolean':
    case 'number':
    case 'json':
      return variationType;
    default:
      return 'string';
  }
}

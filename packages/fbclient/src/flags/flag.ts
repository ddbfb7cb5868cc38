import type { WireFlag } from '../protocol/entities.js';
import type { ConditionAttributes, Occasion } from './attributes.js';
import { allHold, type Condition, compileCondition, SegmentCondition } from './conditions.js';
import { Failure } from './failure.js';
import { compileRollout, type Distribution, type FlagIdentity, Serving } from './rollout.js';
import { Targets } from './targets.js';
import { type ValueType, Variation } from './variation.js';

interface Rule {
  readonly conditions: readonly Condition[];
  readonly serves: Distribution;
}

// Most flags have none of these, and all of those share one.
const NO_RULES: readonly Rule[] = [];
const NO_SEGMENT_CONDITIONS: readonly SegmentCondition[] = [];

const MISSING_OFF = new Failure('the variation for the disabled flag does not exist');
const MISSING_TARGET = new Failure('an individual target gets a variation that does not exist');

/** A compiled flag: what evaluation needs and nothing else. */
export class Flag implements FlagIdentity {
  readonly key: string;
  readonly version: number;
  /** Decides only when the caller does not ask for a type. */
  readonly type: ValueType;
  readonly #enabled: boolean;
  readonly #off: Serving | Failure;
  readonly #targets: Targets | undefined;
  readonly #rules: readonly Rule[];
  readonly #fallthrough: Distribution;
  readonly #segmentConditions: readonly SegmentCondition[];

  constructor(wire: WireFlag, version: number, attributes: ConditionAttributes) {
    this.key = wire.key;
    this.version = version;
    this.type = valueType(wire.variationType);
    this.#enabled = wire.isEnabled;
    const variations = wire.variations.map(({ id, value }) => new Variation(id, value));
    const includeAll = wire.exptIncludeAllTargets;
    const variation = (wanted: string) => variations.find(({ id }) => id === wanted);
    const off = variation(wire.disabledVariationId);
    this.#off = off === undefined ? MISSING_OFF : new Serving(this, off, 'Off', false);
    const targets = wire.targetUsers.map(({ keyIds, variationId }) => {
      const target = variation(variationId);
      const serves = target === undefined ? MISSING_TARGET : new Serving(this, target, 'TargetMatch', includeAll);
      return { keyIds, serves };
    });
    this.#targets = targets.length === 0 ? undefined : new Targets(targets);
    const segmentConditions: SegmentCondition[] = [];
    const rules = wire.rules.map((rule) => ({
      conditions: rule.conditions.map((condition) => {
        const onSegments = SegmentCondition.compile(condition);
        if (onSegments !== undefined) segmentConditions.push(onSegments);
        return onSegments ?? compileCondition(condition, attributes);
      }),
      serves: compileRollout(this, rule, 'RuleMatch', variations, includeAll),
    }));
    this.#rules = rules.length === 0 ? NO_RULES : rules;
    // A copy: an array that grew holds room for many more.
    this.#segmentConditions = segmentConditions.length === 0 ? NO_SEGMENT_CONDITIONS : segmentConditions.slice();
    this.#fallthrough = compileRollout(this, wire.fallthrough, 'Fallthrough', variations, includeAll);
  }

  get archived(): false {
    return false;
  }

  /** What the user gets, in FeatBit's order: the switch, individual targets, rules in turn, the fallthrough. */
  evaluate(occasion: Occasion): Serving | Failure {
    if (!this.#enabled) return this.#off;
    const targeted = this.#targets?.get(occasion.user.key);
    if (targeted !== undefined) return targeted;
    const rules = this.#rules;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as Rule;
      const verdict = allHold(rule.conditions, occasion);
      if (verdict === true) return rule.serves.pick(occasion.user);
      if (verdict !== false) return verdict;
    }
    return this.#fallthrough.pick(occasion.user);
  }

  /** Whether a rule asks about any of these segments. */
  dependsOn(segmentIds: ReadonlySet<string>): boolean {
    return this.#segmentConditions.some((condition) => condition.asksAbout(segmentIds));
  }
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

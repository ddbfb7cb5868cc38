import type { WireFlag } from '../protocol/entities.js';
import type { User } from '../protocol/user.js';
import { allHold, type Condition, compileCondition, type MissingAttribute, type SegmentLookup } from './conditions.js';
import { Failure } from './failure.js';
import { type FlagIdentity, Rollout, Serving } from './rollout.js';
import { type ValueType, Variation } from './variation.js';

interface Rule {
  readonly conditions: readonly Condition[];
  readonly rollout: Rollout;
}

const NO_TARGETS: ReadonlyMap<string, Serving | Failure> = new Map();
const NO_SEGMENTS: ReadonlySet<string> = new Set();

/** A compiled flag: what evaluation needs and nothing else. */
export class Flag implements FlagIdentity {
  readonly archived = false;
  readonly key: string;
  readonly version: number;
  /** Decides only when the caller does not ask for a type. */
  readonly type: ValueType;
  /** The segments that its rules ask about. */
  readonly segmentIds: ReadonlySet<string>;
  private readonly enabled: boolean;
  private readonly off: Serving | Failure;
  private readonly targets: ReadonlyMap<string, Serving | Failure>;
  private readonly rules: readonly Rule[];
  private readonly fallthrough: Rollout;

  constructor(wire: WireFlag, version: number, missing: MissingAttribute) {
    this.key = wire.key;
    this.version = version;
    this.type = valueType(wire.variationType);
    this.enabled = wire.isEnabled;
    const variations = new Map<string, Variation>();
    for (const { id, value } of wire.variations) {
      if (!variations.has(id)) variations.set(id, new Variation(id, value));
    }
    const off = variations.get(wire.disabledVariationId);
    this.off =
      off === undefined
        ? new Failure('the variation for the disabled flag does not exist')
        : new Serving(this, off, 'Off', false);
    this.targets = compileTargets(this, wire, variations);
    const segmentIds = new Set<string>();
    this.rules = wire.rules.map((rule) => ({
      conditions: rule.conditions.map((condition) => compileCondition(condition, missing, segmentIds)),
      rollout: new Rollout(this, rule, 'RuleMatch', variations, wire.exptIncludeAllTargets),
    }));
    this.segmentIds = segmentIds.size === 0 ? NO_SEGMENTS : segmentIds;
    this.fallthrough = new Rollout(this, wire.fallthrough, 'Fallthrough', variations, wire.exptIncludeAllTargets);
  }

  /** What the user gets, in FeatBit's order: the switch, individual targets, rules in turn, the fallthrough. */
  evaluate(user: User, segments: SegmentLookup): Serving | Failure {
    if (!this.enabled) return this.off;
    const targeted = this.targets.get(user.key);
    if (targeted !== undefined) return targeted;
    for (const rule of this.rules) {
      const verdict = allHold(rule.conditions, user, segments);
      if (verdict === true) return rule.rollout.pick(this.key, user);
      if (verdict !== false) return verdict;
    }
    return this.fallthrough.pick(this.key, user);
  }
}

function compileTargets(
  flag: FlagIdentity,
  wire: WireFlag,
  variations: ReadonlyMap<string, Variation>,
): ReadonlyMap<string, Serving | Failure> {
  if (wire.targetUsers.length === 0) return NO_TARGETS;
  const targets = new Map<string, Serving | Failure>();
  for (const { keyIds, variationId } of wire.targetUsers) {
    const variation = variations.get(variationId);
    const serves =
      variation === undefined
        ? new Failure('an individual target gets a variation that does not exist')
        : new Serving(flag, variation, 'TargetMatch', wire.exptIncludeAllTargets);
    for (const keyId of keyIds) if (!targets.has(keyId)) targets.set(keyId, serves);
  }
  return targets;
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

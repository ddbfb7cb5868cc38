import type { FlagDocument } from '../protocol/documents.js';
import type { ConditionAttributes, Occasion } from './attributes.js';
import { SegmentCondition } from './conditions.js';
import type { Failure } from './failure.js';
import type { FlagIdentity, Serving } from './rollout.js';
import { Targeting, type TargetingDocument } from './targeting.js';
import type { ValueType } from './variation.js';

/**
 * A flag as the store holds it. Who gets what of it is compiled with a patch; of a whole environment when it is first
 * evaluated, or before that when there is time: a start has none to spare.
 */
export class Flag implements FlagIdentity {
  readonly key: string;
  readonly version: number;
  /** Decides only when the caller does not ask for a type. */
  readonly type: ValueType;
  readonly #attributes: ConditionAttributes;
  #targeting: Targeting | TargetingDocument;

  /** @param document only what is needed of it is kept. */
  constructor(document: FlagDocument, version: number, attributes: ConditionAttributes) {
    this.key = document.key;
    this.version = version;
    this.type = valueType(document.variationType);
    this.#attributes = attributes;
    this.#targeting = {
      isEnabled: document.isEnabled,
      disabledVariationId: document.disabledVariationId,
      variations: document.variations,
      targetUsers: document.targetUsers,
      rules: document.rules,
      fallthrough: document.fallthrough,
      exptIncludeAllTargets: document.exptIncludeAllTargets,
    };
  }

  get archived(): false {
    return false;
  }

  /** What the user gets. */
  evaluate(occasion: Occasion): Serving | Failure {
    return this.compiled().serve(occasion);
  }

  /** Who gets what; compiled now if it has not been. */
  compiled(): Targeting {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting;
    const compiled = new Targeting(this, targeting, this.#attributes);
    this.#targeting = compiled;
    return compiled;
  }

  /** Whether a rule asks about any of these segments. */
  dependsOn(segmentIds: ReadonlySet<string>): boolean {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting.asksAbout(segmentIds);
    return targeting.rules.some(({ conditions }) =>
      conditions.some((condition) => SegmentCondition.compile(condition)?.asksAbout(segmentIds)),
    );
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

import type { FlagDocument } from '../protocol/documents.js';
import type { CompileContext } from './compile-context.js';
import type { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import { segmentsOf } from './segment-condition.js';
import type { FlagIdentity, Serving } from './serving.js';
import { Targeting, type TargetingDocument } from './targeting.js';
import type { ValueType } from './variation.js';

/** A flag in the store. Its targeting is compiled at once when it comes in a patch, and lazily when it comes in a full sync. */
export class Flag implements FlagIdentity {
  readonly key: string;
  readonly version: number;
  /** Decides only when the caller does not ask for a type. */
  readonly type: ValueType;
  readonly #context: CompileContext;
  #targeting: Targeting | TargetingDocument;

  /** @param document only the parts that are needed later are kept. */
  constructor(document: FlagDocument, version: number, context: CompileContext) {
    this.key = document.key;
    this.version = version;
    this.type = valueType(document.variationType);
    this.#context = context;
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
    return this.targeting().serve(occasion);
  }

  /** Who gets what. Compiles it if that has not been done. */
  targeting(): Targeting {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting;
    const compiled = new Targeting(this, targeting, this.#context);
    this.#targeting = compiled;
    return compiled;
  }

  /** Whether a rule asks about any of these segments. */
  dependsOn(segmentIds: ReadonlySet<string>): boolean {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting.asksAbout(segmentIds);
    for (const id of segmentsOf(targeting)) if (segmentIds.has(id)) return true;
    return false;
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

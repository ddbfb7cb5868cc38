import type { SegmentDocument } from '../protocol/documents.js';
import type { ConditionAttributes, Occasion } from './attributes.js';
import { allHold, type Condition, compileCondition } from './conditions.js';
import type { Failure } from './failure.js';
import { KeySet } from './key-set.js';

/** An archived entity: hidden, but its version stays so that an older update cannot bring the entity back. */
export interface Tombstone {
  readonly archived: true;
  readonly version: number;
}

/** A compiled segment. */
export class Segment {
  readonly version: number;
  readonly #included: KeySet;
  readonly #excluded: KeySet;
  readonly #rules: readonly (readonly Condition[])[];

  constructor(document: SegmentDocument, version: number, attributes: ConditionAttributes) {
    this.version = version;
    this.#included = new KeySet(document.included);
    this.#excluded = new KeySet(document.excluded);
    this.#rules = document.rules.map((rule) =>
      rule.conditions.map((condition) => compileCondition(condition, attributes)),
    );
  }

  get archived(): false {
    return false;
  }

  /** Exclusion first, then inclusion, then any rule whose conditions all hold. */
  contains(occasion: Occasion): boolean | Failure {
    const { key } = occasion.user;
    if (this.#excluded.has(key)) return false;
    if (this.#included.has(key)) return true;
    for (const conditions of this.#rules) {
      const verdict = allHold(conditions, occasion);
      if (verdict !== false) return verdict;
    }
    return false;
  }
}

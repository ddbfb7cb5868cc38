import type { WireSegment } from '../protocol/entities.js';
import type { User } from '../protocol/user.js';
import type { ConditionAttributes } from './attributes.js';
import { allHold, type Condition, compileCondition, type SegmentLookup } from './conditions.js';
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

  constructor(wire: WireSegment, version: number, attributes: ConditionAttributes) {
    this.version = version;
    this.#included = new KeySet(wire.included);
    this.#excluded = new KeySet(wire.excluded);
    this.#rules = wire.rules.map((rule) => rule.conditions.map((condition) => compileCondition(condition, attributes)));
  }

  get archived(): false {
    return false;
  }

  /** Exclusion first, then inclusion, then any rule whose conditions all hold. */
  contains(user: User, segments: SegmentLookup): boolean | Failure {
    if (this.#excluded.has(user.key)) return false;
    if (this.#included.has(user.key)) return true;
    for (const conditions of this.#rules) {
      const verdict = allHold(conditions, user, segments);
      if (verdict !== false) return verdict;
    }
    return false;
  }
}

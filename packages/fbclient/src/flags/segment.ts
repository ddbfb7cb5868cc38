import type { WireSegment } from '../protocol/entities.js';
import type { User } from '../protocol/user.js';
import {
  allHold,
  type Condition,
  compileOrdinaryCondition,
  type MissingAttribute,
  type SegmentLookup,
} from './conditions.js';
import type { Failure } from './failure.js';

/** An archived entity: hidden, but its version stays so that an older update cannot bring the entity back. */
export interface Tombstone {
  readonly archived: true;
  readonly version: number;
}

/** A compiled segment. */
export class Segment {
  readonly archived = false;
  readonly version: number;
  private readonly included: ReadonlySet<string>;
  private readonly excluded: ReadonlySet<string>;
  private readonly rules: readonly (readonly Condition[])[];

  constructor(wire: WireSegment, version: number, missing: MissingAttribute) {
    this.version = version;
    this.included = new Set(wire.included);
    this.excluded = new Set(wire.excluded);
    this.rules = wire.rules.map((rule) =>
      rule.conditions.map((condition) => compileOrdinaryCondition(condition, missing)),
    );
  }

  /** Exclusion first, then inclusion, then any rule whose conditions all hold. */
  contains(user: User, segments: SegmentLookup): boolean | Failure {
    if (this.excluded.has(user.key)) return false;
    if (this.included.has(user.key)) return true;
    for (const conditions of this.rules) {
      const verdict = allHold(conditions, user, segments);
      if (verdict !== false) return verdict;
    }
    return false;
  }
}

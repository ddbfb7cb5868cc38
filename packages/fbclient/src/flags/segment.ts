import type { SegmentDocument } from '../protocol/documents.js';
import type { CompileContext } from './compile-context.js';
import { allHold, type Condition, compileCondition } from './conditions.js';
import type { Failure } from './failure.js';
import { KeySet } from './key-set.js';
import type { Occasion } from './occasion.js';

/** What remains of an archived flag or segment: its version, so that an older update cannot bring it back. */
export interface Tombstone {
  readonly archived: true;
  readonly version: number;
}

/** A compiled segment. */
export class Segment {
  readonly version: number;
  readonly included: KeySet;
  readonly excluded: KeySet;
  /** The conditions of each rule. */
  readonly rules: readonly (readonly Condition[])[];

  constructor(document: SegmentDocument, version: number, context: CompileContext) {
    this.version = version;
    this.included = new KeySet(document.included);
    this.excluded = new KeySet(document.excluded);
    const warnings = context.warningsOf('segment', document.id);
    this.rules = document.rules.map(({ conditions }) =>
      conditions.map((condition) => compileCondition(condition, context, warnings)),
    );
  }

  get archived(): false {
    return false;
  }

  /** Exclusion first, then inclusion, then any rule whose conditions all hold. */
  contains(occasion: Occasion): boolean | Failure {
    const { key } = occasion.user;
    if (this.excluded.has(key)) return false;
    if (this.included.has(key)) return true;
    for (const conditions of this.rules) {
      const verdict = allHold(conditions, occasion);
      if (verdict !== false) return verdict;
    }
    return false;
  }
}

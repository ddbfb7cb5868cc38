import type { SegmentDocument } from '../protocol/documents.js';
import { documentOf, EncodedDocument, type Source } from '../protocol/encoded-document.js';
import type { Fingerprint } from '../protocol/fingerprint.js';
import type { CompileContext } from './compile-context.js';
import { compileCondition } from './conditions.js';
import type { Failure } from './failure.js';
import { KeySet } from './key-set.js';
import type { Occasion } from './occasion.js';
import { ruleOrderOf } from './rule-index.js';
import { type Conditional, NO_RULE, type RuleOrder } from './rule-order.js';

/** What remains of an archived flag or segment: its version, so that an older update cannot bring it back. */
export interface Tombstone {
  readonly archived: true;
  readonly version: number;
}

/** A segment in the store. What has not been read when it comes is read and compiled when it is first asked, or before. */
export class Segment {
  readonly version: number;
  /** What its document says: the document, until somebody who compares documents has made a number of it. */
  said: Fingerprint | Source<SegmentDocument>;
  /** The hash of its document's text, of one that came as bytes; see {@link EncodedDocument.hash}. */
  textHash: number | undefined;
  readonly #context: CompileContext;
  #members: Members | EncodedDocument;

  constructor(document: Source<SegmentDocument>, version: number, context: CompileContext) {
    this.version = version;
    this.said = document;
    this.textHash = undefined;
    this.#context = context;
    this.#members = document instanceof EncodedDocument ? document : new Members(document, context);
  }

  get archived(): false {
    return false;
  }

  /** Exclusion first, then inclusion, then any rule whose conditions all hold. */
  contains(occasion: Occasion): boolean | Failure {
    return this.members().contain(occasion);
  }

  /**
   * Who is in it. Compiles it if that has not been done.
   *
   * @param document what it is to be compiled from, where that has been read already.
   */
  members(document?: SegmentDocument): Members {
    const members = this.#members;
    if (members instanceof Members) return members;
    const compiled = new Members(document ?? documentOf<SegmentDocument>(members), this.#context);
    this.#members = compiled;
    return compiled;
  }
}

/** Who is in a segment, compiled. */
class Members {
  readonly included: KeySet;
  readonly excluded: KeySet;
  readonly rules: readonly Conditional[];
  /** Made when an evaluation first gets to the rules. */
  #order: RuleOrder | undefined;

  constructor(document: SegmentDocument, context: CompileContext) {
    this.included = new KeySet(document.included);
    this.excluded = new KeySet(document.excluded);
    const warnings = context.warningsOf('segment', document.id);
    this.rules = document.rules.map(({ conditions }) => ({
      conditions: conditions.map((condition) => compileCondition(condition, context, warnings)),
    }));
  }

  contain(occasion: Occasion): boolean | Failure {
    const { key } = occasion.user;
    if (this.excluded.has(key)) return false;
    if (this.included.has(key)) return true;
    if (this.rules.length === 0) return false;
    this.#order ??= ruleOrderOf(this.rules);
    const first = this.#order.first(occasion);
    return typeof first === 'number' ? first !== NO_RULE : first;
  }
}

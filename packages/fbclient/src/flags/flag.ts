import type { FlagDocument } from '../protocol/documents.js';
import { documentOf, type EncodedDocument, type Source } from '../protocol/encoded-document.js';
import type { Fingerprint } from '../protocol/fingerprint.js';
import type { CompileContext } from './compile-context.js';
import type { Failure } from './failure.js';
import type { Occasion } from './occasion.js';
import { segmentsOf } from './segment-condition.js';
import type { FlagIdentity, Serving } from './serving.js';
import { Targeting, type TargetingDocument } from './targeting.js';
import type { ValueType } from './variation.js';

/**
 * A flag in the store. Its targeting is compiled at once when it comes in a patch, and lazily when it comes in a full sync, of
 * which it may not even have been read by then.
 */
export class Flag implements FlagIdentity {
  readonly key: string;
  readonly version: number;
  /** What its document says: the document, until somebody who compares documents has made a number of it. */
  said: Fingerprint | Source<FlagDocument>;
  /** The hash of its document's text, of one that came as bytes; see {@link EncodedDocument.hash}. */
  textHash: number | undefined;
  readonly #context: CompileContext;
  #targeting: Targeting | Source<FlagDocument>;
  /** What everybody gets, once it is compiled: nearly half of the flags of an environment need not be looked into. */
  #always: Serving | Failure | undefined;

  constructor(document: Source<FlagDocument>, version: number, context: CompileContext) {
    this.key = document.key;
    this.version = version;
    this.said = document;
    this.textHash = undefined;
    this.#context = context;
    this.#targeting = document;
    this.#always = undefined;
  }

  get archived(): false {
    return false;
  }

  /** Decides only when the caller does not ask for a type. */
  get type(): ValueType {
    return this.targeting().type;
  }

  /** What the user gets. */
  evaluate(occasion: Occasion): Serving | Failure {
    const always = this.#always;
    if (always !== undefined) return always;
    const targeting = this.#targeting;
    return targeting instanceof Targeting ? targeting.serve(occasion) : this.#evaluateAnew(occasion);
  }

  /** The same before it is compiled. */
  #evaluateAnew(occasion: Occasion): Serving | Failure {
    const targeting = this.targeting();
    return this.#always ?? targeting.serve(occasion);
  }

  /**
   * Who gets what. Compiles it if that has not been done.
   *
   * @param document what it is to be compiled from, where that has been read already.
   */
  targeting(document?: TargetingDocument): Targeting {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting;
    const compiled = new Targeting(this, document ?? documentOf(targeting), this.#context);
    this.#targeting = compiled;
    this.#always = compiled.always;
    return compiled;
  }

  /** Whether a rule asks about any of these segments. */
  dependsOn(segmentIds: ReadonlySet<string>): boolean {
    const targeting = this.#targeting;
    if (targeting instanceof Targeting) return targeting.asksAbout(segmentIds);
    for (const id of segmentsOf(documentOf(targeting))) if (segmentIds.has(id)) return true;
    return false;
  }
}

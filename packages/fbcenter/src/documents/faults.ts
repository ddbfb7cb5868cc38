import type { Fault, FaultCode } from '../model/fault.js';
import type { JsonObject } from '../model/json.js';

/** A value with the path it was found at. */
export interface Located<T> {
  readonly value: T;
  readonly path: string;
}

/** A segment that a flag uses, and where it does so. */
export type SegmentReference = Located<string>;

/** What comes of judging a document: the document with its defaults filled in, or its faults. */
export type Verdict =
  | {
      readonly ok: true;
      readonly document: JsonObject;
      /** The flag's key or the segment's id. */
      readonly key: string;
      readonly isArchived: boolean;
      /** The segments that must be there and active for the document to be usable. */
      readonly references: readonly SegmentReference[];
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A document is refused with at most this many faults: whoever sends more has sent something other than a document. */
const MAX_FAULTS = 100;

/** Collects what is wrong with a document, so that its author learns everything at once. */
export class Faults {
  readonly list: Fault[] = [];

  add(code: FaultCode, path: string, message: string): void {
    if (this.list.length < MAX_FAULTS) this.list.push({ code, path, message });
  }
}

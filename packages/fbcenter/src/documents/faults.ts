import type { Fault, FaultCode, Warning, WarningCode } from '../model/fault.js';
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
      /** What its author should look at. */
      readonly warnings: readonly Warning[];
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A document is refused with at most this many faults: whoever sends more has sent something other than a document. */
const MAX_FAULTS = 100;

/** A document is stored with at most this many warnings. */
const MAX_WARNINGS = 20;

/** Collects what is wrong with a document, so that its author learns everything at once. */
export class Faults {
  readonly list: Fault[] = [];
  readonly warnings: Warning[] = [];

  /** Nothing more is taken: looking for more is of no use. */
  get isFull(): boolean {
    return this.list.length >= MAX_FAULTS;
  }

  add(code: FaultCode, path: string, message: string): void {
    if (!this.isFull) this.list.push({ code, path, message });
  }

  warn(code: WarningCode, path: string, message: string): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push({ code, path, message });
  }
}

/** Longest part of a text that a message repeats, in UTF-16 units. */
const MAX_QUOTED = 100;

/** A text as a message repeats it: it comes from outside and may be megabytes. */
export function quoted(text: string): string {
  return JSON.stringify(text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`);
}

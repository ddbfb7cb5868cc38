import type { Fault } from '../model/fault.js';
import type { JsonObject } from '../model/json.js';
import type { SegmentReference } from './conditions.js';

/** The outcome of reading a document that somebody sent: the document with its defaults filled in, or its faults. */
export type Reading =
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

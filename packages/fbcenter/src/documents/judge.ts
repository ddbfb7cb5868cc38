import type { DocumentKind } from '../model/document.js';
import type { JsonObject } from '../model/json.js';
import type { Verdict } from './faults.js';
import { readFlag } from './flag.js';
import { readSegment } from './segment.js';

const READERS = { flag: readFlag, segment: readSegment };

/**
 * Judges a document that somebody sent; see {@link readFlag}. Whether the segments that it uses are there is not decided
 * here: see references.ts.
 */
export function judge(kind: DocumentKind, input: unknown, expectedKey?: string, existing?: JsonObject): Verdict {
  return READERS[kind](input, expectedKey, existing);
}

import type { DocumentKind } from '../model/document.js';
import type { JsonObject } from '../model/json.js';
import type { Verdict } from './faults.js';
import { readFlag } from './flag.js';
import { patternsIn } from './patterns.js';
import { readSegment } from './segment.js';

const READERS = { flag: readFlag, segment: readSegment };

/** Different patterns, or different segments, that one document may use. */
const MAX_USES = 1_000;

/**
 * Judges a document that somebody sent; see {@link readFlag}. Whether the segments that it uses are there is not decided
 * here: see references.ts.
 */
export function judge(kind: DocumentKind, input: unknown, expectedKey?: string, existing?: JsonObject): Verdict {
  if (patternsIn(input).size > MAX_USES) return tooMany('patterns');
  const verdict = READERS[kind](input, expectedKey, existing);
  if (!verdict.ok || new Set(verdict.references.map(({ value }) => value)).size <= MAX_USES) return verdict;
  return tooMany('segments');
}

function tooMany(what: string): Verdict {
  const message = `The rules use more than ${MAX_USES.toLocaleString('en')} different ${what}.`;
  return { ok: false, faults: [{ code: 'too-many', path: 'rules', message }] };
}

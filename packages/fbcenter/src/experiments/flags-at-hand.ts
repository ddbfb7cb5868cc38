import { decodeFlag } from 'fbclient/core';
import type { Documents } from '../storage/documents.js';
import { segmentsIn } from './fingerprints.js';
import type { FlagAtHand } from './plan.js';

/** Reads a flag with the segments that it asks about; `undefined` when there is none that could be served. */
export async function readFlagAtHand(
  documents: Documents,
  environmentId: string,
  key: string,
): Promise<FlagAtHand | undefined> {
  const stored = await documents.get(environmentId, 'flag', key);
  const decoded = stored && decodeFlag(JSON.parse(stored.text));
  if (stored === undefined || decoded?.ok !== true) return undefined;
  const segments = new Map<string, string>();
  for (const id of segmentsIn(decoded.document)) {
    const segment = await documents.get(environmentId, 'segment', id);
    if (segment !== undefined) segments.set(id, segment.text);
  }
  return { document: decoded.document, version: stored.version, segments };
}

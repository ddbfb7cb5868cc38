import type { DocumentKind } from '../model/document.js';
import type { JsonObject } from '../model/json.js';
import { readFlag } from './flag.js';
import type { Reading } from './reading.js';
import { readSegment } from './segment.js';

/** How each kind of document is read; see {@link readFlag}. */
export const READERS: Readonly<
  Record<DocumentKind, (input: unknown, expectedKey?: string, existing?: JsonObject) => Reading>
> = { flag: readFlag, segment: readSegment };

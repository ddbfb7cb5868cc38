import type { Decoded } from '../protocol/decoded.js';
import {
  type DecodedDocument,
  type DocumentPath,
  decodeFlag,
  decodeSegment,
  documentKey,
} from '../protocol/documents.js';
import { EncodedDocument, EncodedValue } from '../protocol/encoded-document.js';
import { LargeMessage, type Steps } from '../protocol/large-message.js';
import { decodeParsedEnvelope, OwnEnvelope, parseText } from '../protocol/messages.js';
import { jsonFaultSteps, jsonValueSteps, type TextPlace } from '../runtime/json-position.js';

/**
 * Reads the text of a flags file, step by step: a file is taken in whole or not at all.
 *
 * @returns what is wrong with it, and where; or what it holds, of which nothing was parsed twice.
 */
export function* fileContent(text: string): Generator<void, OwnEnvelope | string, undefined> {
  const json = yield* jsonOf(text);
  if (!json.ok) {
    const fault = yield* jsonFaultSteps(text, text.length);
    if (fault === undefined) return 'is not JSON';
    return `is not JSON: ${placeText(fault)}: expected ${fault.expected}`;
  }
  yield;
  const data = decodeParsedEnvelope(json.value);
  if (!data.ok) return `holds no data-sync envelope: ${data.problem}`;
  const faults: DocumentFault[] = [];
  for (const [at, document] of data.value.featureFlags.entries()) {
    faults.push(...faultIn(document, 'flag', at));
    yield;
  }
  for (const [at, document] of data.value.segments.entries()) {
    faults.push(...faultIn(document, 'segment', at));
    yield;
  }
  const [first] = faults;
  if (first === undefined) return new OwnEnvelope(data.value);
  const place = yield* jsonValueSteps(text, first.path);
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  return `is damaged: ${placeText(place)}: ${first.problem}${more}`;
}

function* jsonOf(text: string): Steps<Decoded<unknown>> {
  const large = LargeMessage.of(text);
  return large === undefined ? parseText(text) : yield* large.json();
}

interface DocumentFault {
  readonly path: DocumentPath;
  readonly problem: string;
}

/** @returns the first fault of a flag or segment, if there is one. */
function faultIn(item: unknown, kind: 'flag' | 'segment', at: number): readonly DocumentFault[] {
  if (item instanceof EncodedDocument) return [];
  const document = item instanceof EncodedValue ? item.parse() : item;
  const judged: DecodedDocument<unknown> = kind === 'flag' ? decodeFlag(document) : decodeSegment(document);
  if (judged.ok) return [];
  const list = kind === 'flag' ? 'featureFlags' : 'segments';
  const problem = `${kind} "${documentKey(document, kind, at)}": ${judged.problem}`;
  return [{ path: ['data', list, at, ...judged.path], problem }];
}

function placeText({ line, column }: TextPlace): string {
  return `line ${line}, column ${column}`;
}

import type { StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';
import { wireText } from './wire-document.js';

type EventType = 'full' | 'patch';

/**
 * A sync message of a few documents. They are kept as the JSON text that goes over the wire, so hardly any is parsed or written
 * anew here: texts are only put together.
 */
export function dataSyncMessage(eventType: EventType, documents: readonly StoredDocument[]): Buffer {
  return Buffer.from([...parts(eventType, documents)].join(''));
}

/**
 * The same of any number of documents: megabytes are put together in turns of the event loop, and never as one string, of
 * which JavaScript has none beyond 512 MB.
 */
export async function largeDataSyncMessage(
  eventType: EventType,
  documents: readonly StoredDocument[],
): Promise<Buffer> {
  const turns = new Turns();
  // An id that is no GUID costs its document a parse: once, not at each of the two walks.
  const all: string[] = [];
  let size = 0;
  for (const part of parts(eventType, documents)) {
    all.push(part);
    size += Buffer.byteLength(part);
    if (turns.isDue) await turns.next();
  }
  const message = Buffer.allocUnsafeSlow(size);
  let written = 0;
  for (const part of all) {
    written += message.write(part, written);
    if (turns.isDue) await turns.next();
  }
  return message;
}

function* parts(eventType: EventType, documents: readonly StoredDocument[]): Generator<string, void, undefined> {
  yield `{"messageType":"data-sync","data":{"eventType":"${eventType}","featureFlags":[`;
  yield* texts('flag', documents);
  yield '],"segments":[';
  yield* texts('segment', documents);
  yield ']}}';
}

function* texts(
  wanted: StoredDocument['kind'],
  documents: readonly StoredDocument[],
): Generator<string, void, undefined> {
  let isFirst = true;
  for (const document of documents) {
    if (document.kind !== wanted) continue;
    if (!isFirst) yield ',';
    isFirst = false;
    yield wireText(document);
  }
}

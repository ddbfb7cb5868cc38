import type { DocumentKind, StoredDocument } from '../model/document.js';
import { Turns } from '../runtime/turns.js';
import { wireText } from './wire-document.js';

type EventType = 'full' | 'patch';

/**
 * A sync message of a few documents. They are kept as the JSON text that goes over the wire, so hardly any is parsed or written
 * anew here: texts are only put together.
 */
export function dataSyncMessage(eventType: EventType, documents: readonly StoredDocument[]): Buffer {
  const { head, middle, tail } = frameOf(eventType);
  return Buffer.from(head + textOf('flag', documents) + middle + textOf('segment', documents) + tail);
}

/** The same of any number of documents, in turns of the event loop. */
export async function largeDataSyncMessage(
  eventType: EventType,
  documents: readonly StoredDocument[],
): Promise<Buffer> {
  const writer = new DataSyncWriter(eventType);
  const turns = new Turns();
  for (const document of documents) {
    writer.add([document]);
    if (turns.isDue) await turns.next();
  }
  return writer.finish();
}

/**
 * Writes a sync message of any number of documents, page by page. It keeps bytes only: as strings, an environment of
 * megabytes would stay in the heap of JavaScript until the next large garbage collection, once for each reading.
 */
export class DataSyncWriter {
  readonly #eventType: EventType;
  readonly #pages: Readonly<Record<DocumentKind, Buffer[]>> = { flag: [], segment: [] };

  constructor(eventType: EventType) {
    this.#eventType = eventType;
  }

  /** Takes documents in, which come after those before. */
  add(documents: readonly StoredDocument[]): void {
    for (const kind of ['flag', 'segment'] as const) {
      const text = textOf(kind, documents);
      if (text === '') continue;
      const pages = this.#pages[kind];
      pages.push(Buffer.from(pages.length === 0 ? text : `,${text}`));
    }
  }

  /** The message, put together in turns of the event loop. */
  async finish(): Promise<Buffer> {
    const { head, middle, tail } = frameOf(this.#eventType);
    const { flag, segment } = this.#pages;
    const parts = [Buffer.from(head), ...flag, Buffer.from(middle), ...segment, Buffer.from(tail)];
    const message = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
    const turns = new Turns();
    let written = 0;
    for (const part of parts) {
      written += part.copy(message, written);
      if (turns.isDue) await turns.next();
    }
    return message;
  }
}

function frameOf(eventType: EventType): { readonly head: string; readonly middle: string; readonly tail: string } {
  return {
    head: `{"messageType":"data-sync","data":{"eventType":"${eventType}","featureFlags":[`,
    middle: '],"segments":[',
    tail: ']}}',
  };
}

function textOf(wanted: DocumentKind, documents: readonly StoredDocument[]): string {
  return documents.flatMap((document) => (document.kind === wanted ? [wireText(document)] : [])).join(',');
}

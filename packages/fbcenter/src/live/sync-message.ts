import type { DocumentKind, StoredDocument } from '../model/document.js';
import { Bytes } from '../runtime/bytes.js';
import { wireText } from './wire-document.js';
import { WirePages } from './wire-pages.js';

type EventType = 'full' | 'patch';

/**
 * A sync message of a few documents. They are kept as the JSON text that goes over the wire, so hardly any is parsed or written
 * anew here: texts are only put together.
 */
export function dataSyncMessage(eventType: EventType, documents: readonly StoredDocument[]): Buffer {
  const { head, middle, tail } = frameOf(eventType);
  return Buffer.from(head + textOf('flag', documents) + middle + textOf('segment', documents) + tail);
}

/**
 * The documents of sync messages of any length. It keeps bytes only: as strings, an environment of megabytes would stay in the heap of
 * JavaScript until the next large garbage collection. Messages share them, see {@link WirePages}.
 */
export class SyncDocuments {
  readonly #pages: Readonly<Record<DocumentKind, WirePages>> = { flag: new WirePages(), segment: new WirePages() };

  /** Takes different documents in; one that is held in a newer version stays. */
  add(documents: readonly StoredDocument[]): void {
    for (const kind of ['flag', 'segment'] as const) {
      this.#pages[kind].add(documents.filter((document) => document.kind === kind));
    }
  }

  remove(kind: DocumentKind, key: string): void {
    this.#pages[kind].remove(key);
  }

  /** What is held now. */
  message(eventType: EventType): Bytes {
    const { head, middle, tail } = frameOf(eventType);
    const { flag, segment } = this.#pages;
    const parts = [Buffer.from(head), ...flag.parts(), Buffer.from(middle), ...segment.parts(), Buffer.from(tail)];
    return Bytes.compact(parts);
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

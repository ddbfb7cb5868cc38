import type { StoredDocument } from '../model/document.js';
import { PIECE } from '../runtime/pieces.js';
import { wireText } from './wire-document.js';

/** A few documents, one after the other, each with a comma before it. A page is never changed: a message may have it. */
interface Page {
  readonly documents: readonly PagedDocument[];
  readonly bytes: Buffer;
}

interface PagedDocument {
  readonly key: string;
  readonly version: number;
  /** With its comma, in bytes. */
  readonly length: number;
}

/**
 * The flags, or the segments, of an environment as they go over the wire, in pages of about {@link PIECE} bytes. A document
 * that is changed moves to the end: two pages are made anew, and the others stay what they are.
 */
export class WirePages {
  readonly #pages: Page[] = [];
  readonly #pageOf = new Map<string, Page>();

  /** Takes documents of different keys in, but for those that are not newer than what is held. */
  add(documents: readonly StoredDocument[]): void {
    const newer = documents.filter(({ key, version }) => version > this.#versionOf(key));
    for (const { key } of newer) this.remove(key);
    for (const page of pagesOf(newer)) this.#append(page);
  }

  remove(key: string): void {
    const page = this.#pageOf.get(key);
    if (page === undefined) return;
    this.#pageOf.delete(key);
    const index = this.#pages.indexOf(page);
    const without = withoutDocument(page, key);
    const [before, after] = [this.#pages[index - 1], this.#pages[index + 1]];
    // Pages that grow small are put together, so that there are not more and more of them.
    if (without.documents.length === 0) this.#pages.splice(index, 1);
    else if (before !== undefined && fitsOne(before, without)) this.#replace(index - 1, 2, joined(before, without));
    else if (after !== undefined && fitsOne(without, after)) this.#replace(index, 2, joined(without, after));
    else this.#replace(index, 1, without);
  }

  /** All documents with commas between them, as the inside of a JSON array. */
  parts(): readonly Buffer[] {
    return this.#pages.map(({ bytes }, index) => (index === 0 ? bytes.subarray(1) : bytes));
  }

  #versionOf(key: string): number {
    return this.#pageOf.get(key)?.documents.find((document) => document.key === key)?.version ?? 0;
  }

  #append(page: Page): void {
    const last = this.#pages.at(-1);
    if (last !== undefined && fitsOne(last, page)) this.#replace(this.#pages.length - 1, 1, joined(last, page));
    else this.#replace(this.#pages.length, 0, page);
  }

  /** Puts a page in the place of some others. */
  #replace(index: number, count: number, page: Page): void {
    this.#pages.splice(index, count, page);
    for (const { key } of page.documents) this.#pageOf.set(key, page);
  }
}

/** Documents as pages, of which none is much larger than a piece unless one document is. */
function* pagesOf(documents: readonly StoredDocument[]): Generator<Page, void, undefined> {
  let paged: PagedDocument[] = [];
  let text = '';
  for (const document of documents) {
    const added = `,${wireText(document)}`;
    if (text !== '' && text.length + added.length > PIECE) {
      yield { documents: paged, bytes: Buffer.from(text) };
      paged = [];
      text = '';
    }
    const { key, version } = document;
    paged.push({ key, version, length: Buffer.byteLength(added) });
    text += added;
  }
  if (text !== '') yield { documents: paged, bytes: Buffer.from(text) };
}

function fitsOne(first: Page, second: Page): boolean {
  return first.bytes.length + second.bytes.length <= PIECE;
}

function joined(first: Page, second: Page): Page {
  return {
    documents: [...first.documents, ...second.documents],
    bytes: Buffer.concat([first.bytes, second.bytes]),
  };
}

function withoutDocument({ documents, bytes }: Page, key: string): Page {
  const index = documents.findIndex((document) => document.key === key);
  const start = documents.slice(0, index).reduce((sum, { length }) => sum + length, 0);
  const end = start + (documents[index]?.length ?? 0);
  return {
    documents: documents.toSpliced(index, 1),
    bytes: Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]),
  };
}

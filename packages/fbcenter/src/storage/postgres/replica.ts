import { setImmediate } from 'node:timers/promises';
import type { Changes, Removal } from '../../model/change-log.js';
import type { DocumentKind, DocumentQuery, StoredDocument } from '../../model/document.js';
import type { Usage } from '../documents.js';

/** Characters that are handed on at a time. */
const PAGE_LENGTH = 256 * 1024;

/**
 * The documents of one environment in memory. It is what readers are given, so that they read on while the database is away, and a
 * thousand that come at once ask it for nothing.
 */
export class Replica {
  readonly #kept: number;
  readonly #documents = new Map<string, StoredDocument>();
  /** The versions that the environment remembers having had, in their order. */
  #versions: number[];
  #ordered: readonly StoredDocument[] | undefined;

  /**
   * @param versions those that the environment remembers.
   * @param kept how many versions an environment remembers.
   */
  constructor(documents: Iterable<StoredDocument>, versions: readonly number[], kept: number) {
    this.#kept = kept;
    this.#versions = [...versions];
    for (const document of documents) this.#documents.set(placeOf(document), document);
  }

  /** Takes documents in that are newer than all it has, with the versions that are remembered since. */
  take(documents: readonly StoredDocument[], versions: readonly number[]): void {
    for (const document of documents) {
      const known = this.#documents.get(placeOf(document));
      if (known !== undefined && known.version >= document.version) continue;
      this.#documents.set(placeOf(document), document);
      this.#ordered = undefined;
    }
    const newest = this.#versions.at(-1) ?? 0;
    for (const version of versions) if (version > newest) this.#versions.push(version);
    if (this.#versions.length > this.#kept) this.#versions = this.#versions.slice(-this.#kept);
  }

  remove({ kind, key, version }: Removal): void {
    const known = this.#documents.get(placeOf({ kind, key }));
    // It may have been made anew since.
    if (known !== undefined && known.version <= version) this.#documents.delete(placeOf({ kind, key }));
    this.#versions = this.#versions.filter((one) => one >= version);
    this.#ordered = undefined;
  }

  get(kind: DocumentKind, key: string): StoredDocument | undefined {
    return this.#documents.get(placeOf({ kind, key }));
  }

  list(kind: DocumentKind, { archived, after = '', limit }: DocumentQuery): readonly StoredDocument[] {
    return [...this.#documents.values()]
      .filter((one) => one.kind === kind && one.key > after && (archived ?? one.isArchived) === one.isArchived)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }

  usage(): Usage {
    let bytes = 0;
    for (const { text } of this.#documents.values()) bytes += Buffer.byteLength(text);
    return { documents: this.#documents.size, bytes };
  }

  everything(): Changes {
    return { cursor: this.#cursor, documents: this.#inOrder() };
  }

  since(cursor: number): Changes | undefined {
    if (!this.#versions.includes(cursor)) return undefined;
    const documents = this.#inOrder();
    const first = documents.findIndex(({ version }) => version > cursor);
    return { cursor: this.#cursor, documents: first < 0 ? [] : documents.slice(first) };
  }

  /** Everything in pages, as it was when it was asked for, in turns of the event loop. */
  async pages(take: (documents: readonly StoredDocument[]) => void): Promise<number> {
    const { cursor, documents } = this.everything();
    let page: StoredDocument[] = [];
    let length = 0;
    for (const document of documents) {
      page.push(document);
      length += document.text.length;
      if (length < PAGE_LENGTH) continue;
      take(page);
      [page, length] = [[], 0];
      await setImmediate();
    }
    take(page);
    return cursor;
  }

  /** Not of the documents: the newest of them may have been deleted. */
  get #cursor(): number {
    return this.#versions.at(-1) ?? 0;
  }

  #inOrder(): readonly StoredDocument[] {
    this.#ordered ??= [...this.#documents.values()].sort((a, b) => a.version - b.version);
    return this.#ordered;
  }
}

function placeOf({ kind, key }: Pick<StoredDocument, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}

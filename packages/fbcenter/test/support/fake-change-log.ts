import type { ChangeLog, Changes, Commit, Removal } from '../../src/model/change-log.js';
import type { DocumentKind, StoredDocument } from '../../src/model/document.js';

/** A document as it is kept; what is given overrides what it says. */
export function aDocument(key: string, version: number, overrides: object = {}, kind: DocumentKind = 'flag') {
  const isArchived = 'isArchived' in overrides && overrides.isArchived === true;
  const name = kind === 'flag' ? { key } : { id: key };
  const text = JSON.stringify({ ...name, updatedAt: new Date(version).toISOString(), isArchived, ...overrides });
  return { kind, key, version, isArchived, text } satisfies StoredDocument;
}

/** The change log of one environment, `e`, in memory. What it reads is counted, can be held back and can fail. */
export class FakeChangeLog implements ChangeLog {
  readonly reads: string[] = [];
  /** What every reading waits for before it looks. */
  gate: Promise<void> = Promise.resolve();
  /** What the next reading fails with. */
  failure: Error | undefined;
  readonly #documents = new Map<string, StoredDocument>();
  readonly #versions = new Set<number>();
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #removalListeners = new Set<(removal: Removal) => void>();

  constructor(...documents: readonly StoredDocument[]) {
    for (const document of documents) this.#keep(document);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  everything(environmentId: string): Promise<Changes> {
    return this.#read(`everything of ${environmentId}`, () => this.#newerThan(0));
  }

  async pages(environmentId: string, take: (documents: readonly StoredDocument[]) => void): Promise<number> {
    const { cursor, documents } = await this.everything(environmentId);
    for (const document of documents) take([document]);
    return cursor;
  }

  since(environmentId: string, cursor: number): Promise<Changes | undefined> {
    const read = () => (this.#versions.has(cursor) ? this.#newerThan(cursor) : undefined);
    return this.#read(`${environmentId} since ${cursor}`, read);
  }

  watch(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  watchRemovals(listener: (removal: Removal) => void): () => void {
    this.#removalListeners.add(listener);
    return () => void this.#removalListeners.delete(listener);
  }

  /** Forgets a document and reports it. */
  remove({ kind, key, version }: StoredDocument): void {
    this.#documents.delete(`${kind} ${key}`);
    for (const listener of this.#removalListeners) listener({ environmentId: 'e', kind, key, version });
  }

  /** Keeps a document and reports it, or does one of both. */
  commit(document: StoredDocument, environmentId = 'e'): void {
    this.#keep(document);
    this.report(document, environmentId);
  }

  /** Reports a commit that is kept already: a log may be late. */
  report(document: StoredDocument, environmentId = 'e'): void {
    const commit = { ...document, environmentId, environmentKey: 'dev', committedAt: document.version + 0.5 };
    for (const listener of this.#listeners) listener(commit);
  }

  /** Keeps a document; nobody hears of it yet. */
  keepQuietly(document: StoredDocument): void {
    this.#keep(document);
  }

  #keep(document: StoredDocument): void {
    this.#documents.set(`${document.kind} ${document.key}`, document);
    this.#versions.add(document.version);
  }

  #newerThan(version: number): Changes {
    const all = [...this.#documents.values()].sort((a, b) => a.version - b.version);
    return { cursor: all.at(-1)?.version ?? 0, documents: all.filter((document) => document.version > version) };
  }

  async #read<T>(name: string, read: () => T): Promise<T> {
    this.reads.push(name);
    await this.gate;
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    return read();
  }
}

/** A gate that is closed until it is opened. */
export function closedGate(): { readonly gate: Promise<void>; open(): void } {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

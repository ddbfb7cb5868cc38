import type { Changes } from '../model/change-log.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';

/** A flag or segment as upstream has it. */
export interface UpstreamDocument {
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** Its `updatedAt`, in Unix milliseconds. */
  readonly version: number;
  readonly isArchived: boolean;
  readonly text: string;
}

/** A document that is held, with its place in the order in which a relay came to know of changes. */
export interface HeldDocument extends UpstreamDocument {
  readonly position: number;
}

/** What readers must be told. */
export type ReplicaChange =
  /** Documents that are new or newer, in the order of their positions. */
  | { readonly kind: 'committed'; readonly documents: readonly StoredDocument[] }
  /** Documents may be gone, or older than they were. */
  | { readonly kind: 'replaced'; readonly position: number };

/** What is kept of a replica for the next start. */
export interface ReplicaState {
  readonly documents: readonly HeldDocument[];
  /** Versions that readers may have as their cursor, with the position that proves. */
  readonly cursors: readonly (readonly [number, number])[];
  /** Cursors up to this one are of before everything was last replaced, or may be. */
  readonly replacedAt: number;
}

/** Cursors that are remembered, the latest ones; a reader with an older one is given everything. */
const KEPT_CURSORS = 1_000;

const NOTHING_NEW: ReplicaChange = { kind: 'committed', documents: [] };

/**
 * The documents of one environment as upstream has them. Pure.
 *
 * They keep upstream's versions, so that an SDK's cursor means the same at upstream, here, and at another relay. Upstream's versions do not
 * come in order, though, and two documents can share one: a reader is told what to take next by *positions*, which only grow. A document's
 * position is its version, or the next number where that was passed already. So a change that upstream's own cursor would miss reaches
 * every reader, some of whom are told it twice.
 */
export class Replica {
  /** In the order of positions. */
  readonly #documents = new Map<string, HeldDocument>();
  /** The smallest position that a cursor can stand for. */
  readonly #cursors = new Map<number, number>();
  readonly #sayTheSame: (kind: DocumentKind, one: string, other: string) => boolean;
  #position = 0;
  #greatestVersion = 0;
  /** A reader with a cursor up to this one may have what is gone since. */
  #replacedAt = 0;
  #isFilled = false;
  /** Whether what is held is only of an earlier run. */
  #isOfEarlierRun = false;
  /** The greatest cursor of readers that were ahead of an earlier run's data. */
  #furthestAhead = 0;
  /** What came by patches over this connection: a full message that was read before them must not undo them. */
  readonly #pushed = new Set<string>();
  /** Pushed documents that a full message had older, or not at all, with what it said; upstream is asked again which is right. */
  readonly #contested = new Map<string, UpstreamDocument | undefined>();

  /** @param sayTheSame whether two texts of one document say the same to evaluation. */
  constructor(sayTheSame: (kind: DocumentKind, one: string, other: string) => boolean) {
    this.#sayTheSame = sayTheSame;
  }

  /** Whether there is data, though it may be empty or old. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  get counts(): { readonly flags: number; readonly segments: number } {
    let [flags, segments] = [0, 0];
    for (const { kind, isArchived } of this.#documents.values()) {
      if (isArchived) continue;
      if (kind === 'flag') flags += 1;
      else segments += 1;
    }
    return { flags, segments };
  }

  /** Whether a full message had older what was pushed before it: upstream is to be asked again. */
  get isContested(): boolean {
    return this.#contested.size > 0;
  }

  /** The greatest version that is held, archived documents included. */
  get version(): number {
    return this.#greatestVersion;
  }

  /** All documents, in the order of positions. */
  everything(): Changes {
    return { cursor: this.#position, documents: [...this.#documents.values()].map(stored) };
  }

  /** What a reader lacks; `undefined` when that cannot be said and it needs everything. */
  since(cursor: number): Changes | undefined {
    const position = this.#cursors.get(cursor);
    if (position !== undefined) {
      const newer = [...this.#documents.values()].filter((document) => document.position > position);
      return { cursor: this.#position, documents: newer.map(stored) };
    }
    // An earlier run has told it more than was kept: what it has is younger than what could be given to it.
    if (!this.#isOfEarlierRun || cursor <= this.#greatestVersion) return undefined;
    this.#furthestAhead = Math.max(this.#furthestAhead, cursor);
    return { cursor: this.#position, documents: [] };
  }

  /** What an earlier run has kept; only while nothing is held. */
  restore({ documents, cursors, replacedAt }: ReplicaState): void {
    if (this.#isFilled) return;
    for (const document of [...documents].sort((a, b) => a.position - b.position)) {
      this.#documents.set(nameOf(document), document);
      this.#position = Math.max(this.#position, document.position);
      this.#greatestVersion = Math.max(this.#greatestVersion, document.version);
    }
    for (const [cursor, position] of cursors) this.#cursors.set(cursor, position);
    this.#position = Math.max(this.#position, replacedAt);
    this.#replacedAt = replacedAt;
    this.#isFilled = true;
    this.#isOfEarlierRun = true;
  }

  state(): ReplicaState {
    const documents = [...this.#documents.values()];
    return { documents, cursors: [...this.#cursors], replacedAt: this.#replacedAt };
  }

  /** A new connection to upstream begins: an answer that comes over it is younger than all that was pushed before. */
  connectionEnded(): void {
    this.#pushed.clear();
    this.#contested.clear();
  }

  patch(documents: readonly UpstreamDocument[]): ReplicaChange {
    for (const document of documents) {
      const name = nameOf(document);
      if (document.version < (this.#documents.get(name)?.version ?? 0)) continue;
      this.#pushed.add(name);
      this.#contested.delete(name);
    }
    return { kind: 'committed', documents: this.#putAll(documents) };
  }

  /** Everything that upstream has. */
  full(documents: readonly UpstreamDocument[]): ReplicaChange {
    const incoming = new Map(documents.map((document) => [nameOf(document), document]));
    let isReplaced = documents.every(({ version }) => version < this.#furthestAhead) && this.#furthestAhead > 0;
    for (const [name, held] of this.#documents) {
      const said = incoming.get(name);
      if (said !== undefined && this.#goesOn(held, said)) {
        this.#contested.delete(name);
      } else if (this.#pushed.has(name) && !this.#contested.has(name)) {
        this.#contested.set(name, said);
        incoming.set(name, held);
      } else {
        this.#contested.delete(name);
        isReplaced = true;
      }
    }
    this.#isFilled = true;
    this.#isOfEarlierRun = false;
    this.#furthestAhead = 0;
    if (isReplaced) return this.#replace([...incoming.values()]);
    return { kind: 'committed', documents: this.#putAll(documents, 'together') };
  }

  /** What has come so far is what upstream has: what it contested stands, where nothing else has come since. */
  answered(): ReplicaChange {
    if (this.#contested.size === 0) return NOTHING_NEW;
    const documents = new Map<string, UpstreamDocument>(this.#documents);
    for (const [name, said] of this.#contested) {
      documents.delete(name);
      if (said !== undefined) documents.set(name, said);
    }
    this.#contested.clear();
    return this.#replace([...documents.values()]);
  }

  /** Whether a reader of what is held can go on with what upstream says now. */
  #goesOn(held: HeldDocument, said: UpstreamDocument): boolean {
    if (said.version !== held.version) return said.version > held.version;
    if (said.text === held.text) return true;
    if (!this.#sayTheSame(held.kind, held.text, said.text)) return false;
    // Servers leave members out in some messages that they send in others.
    this.#documents.set(nameOf(held), { ...held, text: said.text });
    return true;
  }

  #replace(documents: readonly UpstreamDocument[]): ReplicaChange {
    this.#documents.clear();
    this.#cursors.clear();
    this.#greatestVersion = 0;
    // Beyond all that readers have.
    this.#position += 1;
    this.#replacedAt = this.#position;
    this.#putAll(documents, 'together');
    return { kind: 'replaced', position: this.#replacedAt };
  }

  /** @param when readers who got these one by one have each of their versions as a cursor; who got them together, only the last. */
  #putAll(documents: readonly UpstreamDocument[], when: 'one-by-one' | 'together' = 'one-by-one'): StoredDocument[] {
    const put: StoredDocument[] = [];
    for (const document of [...documents].sort((a, b) => a.version - b.version)) {
      const name = nameOf(document);
      if (document.version <= (this.#documents.get(name)?.version ?? Number.NEGATIVE_INFINITY)) continue;
      this.#position = Math.max(this.#position + 1, document.version);
      const held = { ...document, position: this.#position };
      // At the end, where the greatest positions are.
      this.#documents.delete(name);
      this.#documents.set(name, held);
      this.#greatestVersion = Math.max(this.#greatestVersion, document.version);
      put.push(stored(held));
      if (when === 'one-by-one') this.#rememberCursor();
    }
    if (when === 'together') this.#rememberCursor();
    return put;
  }

  /**
   * A reader who is up to date has the greatest version as its cursor, or the position by which it was told. Where everything was replaced
   * and the greatest version is what it was, that says nothing: the reader may be one of before.
   */
  #rememberCursor(): void {
    for (const cursor of [this.#greatestVersion, this.#position]) {
      if (cursor > this.#replacedAt && !this.#cursors.has(cursor)) this.#cursors.set(cursor, this.#position);
    }
    for (const oldest of this.#cursors.keys()) {
      if (this.#cursors.size <= KEPT_CURSORS) break;
      this.#cursors.delete(oldest);
    }
  }
}

function nameOf({ kind, key }: Pick<UpstreamDocument, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}

/** As readers take it: by its position. The text keeps upstream's version. */
function stored({ kind, key, position, isArchived, text }: HeldDocument): StoredDocument {
  return { kind, key, version: position, isArchived, text };
}

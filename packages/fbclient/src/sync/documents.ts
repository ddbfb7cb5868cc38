import type { Known } from '../flags/compile.js';
import { Flag } from '../flags/flag.js';
import { Segment, type Tombstone } from '../flags/segment.js';
import type { ChangeSet, FlagStore } from '../flags/store.js';
import type { FlagDocument, SegmentDocument } from '../protocol/documents.js';
import { documentOf, EncodedDocument, type Source } from '../protocol/encoded-document.js';
import { type Fingerprint, fingerprintOfFlag, fingerprintOfSegment } from '../protocol/fingerprint.js';

type Compiled = Flag | Segment | Tombstone;
type Kind = 'flag' | 'segment';
type AnyDocument = FlagDocument | SegmentDocument;

interface Entry {
  /** The document as it came; dropped once its fingerprint is made, unless documents are kept. */
  document: Source<AnyDocument> | undefined;
  fingerprint: Fingerprint | undefined;
}

/**
 * The documents behind the flags and segments that a store holds, or at least their fingerprints: what comes again and says
 * the same needs no compiling, and is no news for listeners.
 */
export class HeldDocuments implements Known {
  readonly #store: FlagStore;
  /** Whether the documents themselves are needed later, to be saved. */
  readonly #keeps: boolean;
  /** By the compiled object, so that what the store lets go is let go here as well. */
  readonly #entries = new WeakMap<Compiled, Entry>();
  /** What came and was neither compiled nor has its fingerprint, in order; from {@link #next} on. */
  readonly #unprepared: Unprepared[] = [];
  #next = 0;

  constructor(store: FlagStore, keeps: boolean) {
    this.#store = store;
    this.#keeps = keeps;
  }

  flag(document: Source<FlagDocument>): Flag | Tombstone | undefined {
    return this.#same('flag', this.#store.held.flags.get(document.key), document);
  }

  segment(document: Source<SegmentDocument>): Segment | Tombstone | undefined {
    const id = document instanceof EncodedDocument ? document.key : document.id;
    return this.#same('segment', this.#store.held.segments.get(id), document);
  }

  /** Takes part in a commit. The rest is done later, see {@link prepareEach}. */
  remember({ flags, segments }: ChangeSet): void {
    for (const { key, compiled, document } of flags) this.#add('flag', key, compiled, document);
    for (const { key, compiled, document } of segments) this.#add('segment', key, compiled, document);
  }

  /**
   * Compiles what no evaluation has compiled yet, and makes the fingerprints that are missing, yielding after each document: it
   * is read once for both. What comes meanwhile is included. Whoever goes on later, goes on where it was left.
   */
  *prepareEach(): Generator<void, void, undefined> {
    yield* this.#each((kind, compiled, entry) => {
      const document = entry.document === undefined ? undefined : documentOf(entry.document);
      compile(compiled, document);
      this.#print(kind, entry, document);
    });
  }

  /** As {@link prepareEach}, but without compiling. */
  *printEach(): Generator<void, void, undefined> {
    yield* this.#each((kind, _compiled, entry) => this.#print(kind, entry));
  }

  /** All documents that are held, archived ones included; only where documents are kept. */
  all(): { readonly flags: readonly unknown[]; readonly segments: readonly unknown[] } {
    const { flags, segments } = this.#store.held;
    const documents = (held: ReadonlyMap<string, Compiled>): unknown[] =>
      [...held.values()].map((compiled) => this.#entries.get(compiled)?.document);
    return { flags: documents(flags), segments: documents(segments) };
  }

  *#each(work: (kind: Kind, compiled: Compiled, entry: Entry) => void): Generator<void, void, undefined> {
    for (let next = this.#unprepared[this.#next]; next !== undefined; next = this.#unprepared[this.#next]) {
      this.#next += 1;
      const { kind, key, compiled, entry } = next;
      const { flags, segments } = this.#store.held;
      // What was replaced meanwhile nobody needs any more.
      if ((kind === 'flag' ? flags : segments).get(key) === compiled) work(kind, compiled, entry);
      yield;
    }
    this.#unprepared.length = 0;
    this.#next = 0;
  }

  /** @param document decoded, of that kind; perhaps not read. */
  #add(kind: Kind, key: string, compiled: Compiled, document: unknown): void {
    // An object that was held before has its entry already.
    if (this.#entries.has(compiled)) return;
    const entry: Entry = { document: document as Source<AnyDocument>, fingerprint: undefined };
    this.#entries.set(compiled, entry);
    this.#unprepared.push({ kind, key, compiled, entry });
  }

  /** What is held, when it says the same as a document. */
  #same<T extends Compiled>(kind: Kind, held: T | undefined, document: Source<AnyDocument>): T | undefined {
    if (held === undefined || held.archived !== document.isArchived) return undefined;
    // Evaluation does not see what an archived document says.
    if (held.archived) return held;
    const entry = this.#entries.get(held);
    return entry !== undefined && this.#print(kind, entry) === fingerprintOf(kind, documentOf(document))
      ? held
      : undefined;
  }

  /** @param document the entry's, where it has been read already. */
  #print(kind: Kind, entry: Entry, document?: AnyDocument): Fingerprint {
    entry.fingerprint ??= fingerprintOf(kind, document ?? (entry.document && documentOf(entry.document)));
    if (!this.#keeps) entry.document = undefined;
    return entry.fingerprint;
  }
}

interface Unprepared {
  readonly kind: Kind;
  readonly key: string;
  readonly compiled: Compiled;
  readonly entry: Entry;
}

/** @param document of that kind, where it has been read already. */
function compile(compiled: Compiled, document: AnyDocument | undefined): void {
  if (compiled instanceof Flag) compiled.targeting(document as FlagDocument | undefined);
  else if (compiled instanceof Segment) compiled.members(document as SegmentDocument | undefined);
}

/** @param document of that kind, decoded. */
function fingerprintOf(kind: Kind, document: unknown): Fingerprint {
  return kind === 'flag'
    ? fingerprintOfFlag(document as FlagDocument)
    : fingerprintOfSegment(document as SegmentDocument);
}

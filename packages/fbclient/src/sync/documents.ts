import type { Known } from '../flags/compile.js';
import { Flag } from '../flags/flag.js';
import { Segment, type Tombstone } from '../flags/segment.js';
import type { ChangeSet, FlagStore } from '../flags/store.js';
import type { FlagDocument, SegmentDocument } from '../protocol/documents.js';
import { documentOf, EncodedDocument, type Source } from '../protocol/encoded-document.js';
import { type Fingerprint, fingerprintMade, fingerprintOfFlag, fingerprintOfSegment } from '../protocol/fingerprint.js';

type Compiled = Flag | Segment | Tombstone;
type AnyDocument = FlagDocument | SegmentDocument;

/** Something that came and was neither compiled nor has its fingerprint. */
interface Unprepared {
  readonly kind: 'flag' | 'segment';
  readonly key: string;
  readonly compiled: Compiled;
}

/**
 * The documents behind the flags and segments that a store holds, or at least their fingerprints: what comes again and says
 * the same needs no compiling, and is no news for listeners.
 */
export class HeldDocuments implements Known {
  readonly #store: FlagStore;
  /** Whether the documents themselves are needed later, to be saved. */
  readonly #keeps: boolean;
  /**
   * By the compiled object, so that what the store lets go is let go here as well. A document is dropped once its fingerprint is
   * made, unless documents are kept.
   */
  readonly #documents = new WeakMap<Compiled, Source<AnyDocument>>();
  /** In the order in which it came; from {@link #next} on. */
  readonly #unprepared: Unprepared[] = [];
  #next = 0;

  constructor(store: FlagStore, keeps: boolean) {
    this.#store = store;
    this.#keeps = keeps;
  }

  flag(document: Source<FlagDocument>): Flag | Tombstone | undefined {
    return this.#same(this.#store.held.flags.get(document.key), document);
  }

  segment(document: Source<SegmentDocument>): Segment | Tombstone | undefined {
    const id = document instanceof EncodedDocument ? document.key : document.id;
    return this.#same(this.#store.held.segments.get(id), document);
  }

  /** Whether there is anything to do for {@link prepareEach}. */
  get hasUnprepared(): boolean {
    return this.#unprepared.length > 0;
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
    yield* this.#each((compiled) => {
      const source = this.#documents.get(compiled);
      const document = source === undefined ? undefined : documentOf(source);
      if (compiled instanceof Flag) compiled.targeting(document as FlagDocument | undefined);
      else if (compiled instanceof Segment) compiled.members(document as SegmentDocument | undefined);
      this.#print(compiled, document);
    });
  }

  /** As {@link prepareEach}, but without compiling. */
  *printEach(): Generator<void, void, undefined> {
    yield* this.#each((compiled) => this.#print(compiled));
  }

  /** All documents that are held, archived ones included, perhaps not read; only where documents are kept. */
  all(): { readonly flags: readonly unknown[]; readonly segments: readonly unknown[] } {
    const { flags, segments } = this.#store.held;
    const documents = (held: ReadonlyMap<string, Compiled>): unknown[] =>
      [...held.values()].map((compiled) => this.#documents.get(compiled));
    return { flags: documents(flags), segments: documents(segments) };
  }

  *#each(work: (compiled: Compiled) => void): Generator<void, void, undefined> {
    for (let next = this.#unprepared[this.#next]; next !== undefined; next = this.#unprepared[this.#next]) {
      this.#next += 1;
      const { flags, segments } = this.#store.held;
      // What was replaced meanwhile nobody needs any more.
      if ((next.kind === 'flag' ? flags : segments).get(next.key) === next.compiled) work(next.compiled);
      yield;
    }
    this.#unprepared.length = 0;
    this.#next = 0;
  }

  /** @param document decoded, of that kind; perhaps not read. */
  #add(kind: 'flag' | 'segment', key: string, compiled: Compiled, document: unknown): void {
    // An object that was held before is known already.
    if (this.#documents.has(compiled) || (!compiled.archived && compiled.fingerprint !== undefined)) return;
    const fingerprint = this.#keeps ? undefined : fingerprintMade(document);
    if (fingerprint !== undefined && !compiled.archived) {
      compiled.fingerprint = fingerprint;
      return;
    }
    this.#documents.set(compiled, document as Source<AnyDocument>);
    this.#unprepared.push({ kind, key, compiled });
  }

  /** What is held, when it says the same as a document. */
  #same<T extends Compiled>(held: T | undefined, document: Source<AnyDocument>): T | undefined {
    if (held === undefined || held.archived !== document.isArchived) return undefined;
    // Evaluation does not see what an archived document says.
    if (held.archived) return held;
    const fingerprint = this.#print(held);
    return fingerprint !== undefined && fingerprint === fingerprintOf(held, documentOf(document)) ? held : undefined;
  }

  /**
   * Makes a fingerprint, if there is none, and drops the document.
   *
   * @param read the document, where it has been read already.
   * @returns `undefined` for what needs none.
   */
  #print(compiled: Compiled, read?: AnyDocument): Fingerprint | undefined {
    const document = this.#documents.get(compiled);
    if (!this.#keeps) this.#documents.delete(compiled);
    if (compiled.archived) return undefined;
    if (document !== undefined) compiled.fingerprint ??= fingerprintOf(compiled, read ?? documentOf(document));
    return compiled.fingerprint;
  }
}

/** @param document decoded, of that kind. */
function fingerprintOf(compiled: Flag | Segment, document: AnyDocument): Fingerprint {
  return compiled instanceof Flag
    ? fingerprintOfFlag(document as FlagDocument)
    : fingerprintOfSegment(document as SegmentDocument);
}

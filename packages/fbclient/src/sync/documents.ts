import type { Known } from '../flags/compile.js';
import type { Flag } from '../flags/flag.js';
import type { Segment, Tombstone } from '../flags/segment.js';
import type { ChangeSet, FlagStore } from '../flags/store.js';
import type { FlagDocument, SegmentDocument } from '../protocol/documents.js';
import { type Fingerprint, fingerprintOfFlag, fingerprintOfSegment } from '../protocol/fingerprint.js';

type Compiled = Flag | Segment | Tombstone;
type Kind = 'flag' | 'segment';

interface Entry {
  /** The document as it came; dropped once its fingerprint is made, unless documents are kept. */
  document: unknown;
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
  readonly #unprinted: { readonly kind: Kind; readonly entry: Entry }[] = [];

  constructor(store: FlagStore, keeps: boolean) {
    this.#store = store;
    this.#keeps = keeps;
  }

  flag(document: FlagDocument): Flag | Tombstone | undefined {
    return this.#same('flag', this.#store.held.flags.get(document.key), document);
  }

  segment(document: SegmentDocument): Segment | Tombstone | undefined {
    return this.#same('segment', this.#store.held.segments.get(document.id), document);
  }

  /** Takes part in a commit. Fingerprints are made later, see {@link printEach}. */
  remember({ flags, segments }: ChangeSet): void {
    for (const { compiled, document } of flags) this.#add('flag', compiled, document);
    for (const { compiled, document } of segments) this.#add('segment', compiled, document);
  }

  /** Makes the fingerprints that are missing, yielding after each; what comes meanwhile is included. */
  *printEach(): Generator<void, void, undefined> {
    for (let next = this.#unprinted.pop(); next !== undefined; next = this.#unprinted.pop()) {
      this.#print(next.kind, next.entry);
      yield;
    }
  }

  /** All documents that are held, archived ones included; only where documents are kept. */
  all(): { readonly flags: readonly unknown[]; readonly segments: readonly unknown[] } {
    const { flags, segments } = this.#store.held;
    const documents = (held: ReadonlyMap<string, Compiled>): unknown[] =>
      [...held.values()].map((compiled) => this.#entries.get(compiled)?.document);
    return { flags: documents(flags), segments: documents(segments) };
  }

  #add(kind: Kind, compiled: Compiled, document: unknown): void {
    // An object that was held before has its entry already.
    if (this.#entries.has(compiled)) return;
    const entry: Entry = { document, fingerprint: undefined };
    this.#entries.set(compiled, entry);
    this.#unprinted.push({ kind, entry });
  }

  /** What is held, when it says the same as a document. */
  #same<T extends Compiled>(kind: Kind, held: T | undefined, document: FlagDocument | SegmentDocument): T | undefined {
    if (held === undefined || held.archived !== document.isArchived) return undefined;
    // Evaluation does not see what an archived document says.
    if (held.archived) return held;
    const entry = this.#entries.get(held);
    return entry !== undefined && this.#print(kind, entry) === fingerprintOf(kind, document) ? held : undefined;
  }

  #print(kind: Kind, entry: Entry): Fingerprint {
    entry.fingerprint ??= fingerprintOf(kind, entry.document);
    if (!this.#keeps) entry.document = undefined;
    return entry.fingerprint;
  }
}

/** @param document of that kind, decoded. */
function fingerprintOf(kind: Kind, document: unknown): Fingerprint {
  return kind === 'flag'
    ? fingerprintOfFlag(document as FlagDocument)
    : fingerprintOfSegment(document as SegmentDocument);
}

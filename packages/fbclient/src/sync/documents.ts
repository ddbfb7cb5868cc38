import type { Known } from '../flags/compile.js';
import { Flag } from '../flags/flag.js';
import type { Segment, Tombstone } from '../flags/segment.js';
import type { Change, ChangeSet, FlagStore } from '../flags/store.js';
import type { FlagDocument, SegmentDocument } from '../protocol/documents.js';
import { documentOf, EncodedDocument, type Source } from '../protocol/encoded-document.js';
import { type Fingerprint, fingerprintOfFlag, fingerprintOfSegment } from '../protocol/fingerprint.js';

/** So many documents of pushes are kept as they came: most are never compared, and a push comes to each of many clients. */
const FEW_DOCUMENTS = 16;

type Compiled = Flag | Segment;
type AnyDocument = FlagDocument | SegmentDocument;

/**
 * The documents behind the flags and segments that a store holds, or at least their fingerprints: what comes again and says
 * the same needs no compiling, and is no news for listeners.
 */
export class HeldDocuments implements Known {
  readonly #store: FlagStore;
  /**
   * By the compiled object, so that what the store lets go is let go here as well; only where documents are needed later, to be
   * saved. Otherwise each is dropped once its fingerprint is made.
   */
  readonly #kept: WeakMap<Compiled | Tombstone, unknown> | undefined;
  /** What came and may neither be compiled nor have its fingerprint; of the first list from {@link #next} on. */
  readonly #unprepared: (readonly Change<Compiled>[])[] = [];
  #next = 0;
  /** What came in pushes, compiled with them, and has no fingerprint. */
  #pushed: Change<Compiled>[] = [];

  constructor(store: FlagStore, keeps: boolean) {
    this.#store = store;
    this.#kept = keeps ? new WeakMap() : undefined;
  }

  flag(document: Source<FlagDocument>): Flag | Tombstone | undefined {
    return same(this.#store.held.flags.get(document.key), document);
  }

  segment(document: Source<SegmentDocument>): Segment | Tombstone | undefined {
    const id = document instanceof EncodedDocument ? document.key : document.id;
    return same(this.#store.held.segments.get(id), document);
  }

  /** Whether there is anything to do for {@link prepareEach}. */
  get hasUnprepared(): boolean {
    return this.#unprepared.length > 0;
  }

  /** Takes part in a commit. The rest is done later, see {@link prepareEach}: one may bring ten thousand of them. */
  remember({ eventType, flags, segments }: ChangeSet): void {
    for (const changes of [flags, segments]) {
      if (changes.length === 0) continue;
      const isPush = eventType === 'patch' && changes.length <= FEW_DOCUMENTS && !changes.some(isEncoded);
      if (isPush) this.#rememberPush(changes);
      else if (changes.some(isUnprepared)) this.#unprepared.push(changes);
      // An object that was held before has its document already.
      for (const { compiled, document } of this.#kept === undefined ? [] : changes) {
        if (this.#kept?.has(compiled) === false) this.#kept.set(compiled, document);
      }
    }
  }

  /**
   * Compiles what no evaluation has compiled yet, and makes the fingerprints that are missing, yielding after each document: it
   * is read once for both. What comes meanwhile is included. Whoever goes on later, goes on where it was left.
   */
  *prepareEach(): Generator<void, void, undefined> {
    yield* this.#each((compiled) => {
      const document = readOf(compiled);
      if (compiled instanceof Flag) compiled.targeting(document as FlagDocument | undefined);
      else compiled.members(document as SegmentDocument | undefined);
      print(compiled, document);
    });
  }

  /** As {@link prepareEach}, but without compiling. */
  *printEach(): Generator<void, void, undefined> {
    yield* this.#each((compiled) => print(compiled));
  }

  /** All documents that are held, archived ones included, perhaps not read; only where documents are kept. */
  all(): { readonly flags: readonly unknown[]; readonly segments: readonly unknown[] } {
    const { flags, segments } = this.#store.held;
    const documents = (held: ReadonlyMap<string, Compiled | Tombstone>): unknown[] =>
      [...held.values()].map((compiled) => this.#kept?.get(compiled));
    return { flags: documents(flags), segments: documents(segments) };
  }

  /** Its documents wait for their fingerprints until there are some of them, and need no turn of the event loop then. */
  #rememberPush(changes: readonly Change<Compiled>[]): void {
    for (const change of changes) if (!change.compiled.archived) this.#pushed.push(change);
    if (this.#pushed.length <= FEW_DOCUMENTS) return;
    for (const { key, compiled } of this.#pushed) if (this.#isHeld(key, compiled)) print(compiled);
    this.#pushed = [];
  }

  *#each(work: (compiled: Compiled) => void): Generator<void, void, undefined> {
    for (let changes = this.#unprepared[0]; changes !== undefined; changes = this.#unprepared[0]) {
      const change = changes[this.#next];
      this.#next += 1;
      if (change === undefined) {
        this.#unprepared.shift();
        this.#next = 0;
        continue;
      }
      const { key, compiled } = change;
      if (this.#isHeld(key, compiled)) work(compiled);
      yield;
    }
  }

  /** What was replaced meanwhile nobody needs any more, nor what an archived document says. */
  #isHeld(key: string, compiled: Compiled | Tombstone): compiled is Compiled {
    if (compiled.archived) return false;
    const { flags, segments } = this.#store.held;
    return (compiled instanceof Flag ? flags : segments).get(key) === compiled;
  }
}

/** What is held, when it says the same as a document. */
function same<T extends Compiled>(
  held: T | Tombstone | undefined,
  document: Source<AnyDocument>,
): T | Tombstone | undefined {
  if (held === undefined || held.archived !== document.isArchived) return undefined;
  // Evaluation does not see what an archived document says.
  if (held.archived) return held;
  if (document instanceof EncodedDocument && isSameText(held, document)) return held;
  return print(held) === fingerprintOf(held, documentOf(document)) ? held : undefined;
}

/** Mostly a server sends the very text again: to see that takes a tenth of reading what it says. */
function isSameText(held: Compiled, document: EncodedDocument): boolean {
  return held.version === document.version && textHashOf(held) === document.hash();
}

/** @returns `undefined` for what did not come as bytes. */
function textHashOf(held: Compiled): number | undefined {
  if (held.said instanceof EncodedDocument) held.textHash ??= held.said.hash();
  return held.textHash;
}

function isUnprepared({ compiled }: Change<Compiled>): boolean {
  return !compiled.archived && typeof compiled.said !== 'number';
}

/** Whether it keeps the whole message in memory. */
function isEncoded({ compiled }: Change<Compiled>): boolean {
  return !compiled.archived && compiled.said instanceof EncodedDocument;
}

/** The document, read; `undefined` when it is needed no more. */
function readOf({ said }: Compiled): AnyDocument | undefined {
  return typeof said === 'number' ? undefined : documentOf<AnyDocument>(said);
}

/** Makes a fingerprint, if there is none, and drops the document. */
function print(compiled: Compiled, document = readOf(compiled)): Fingerprint | undefined {
  if (document !== undefined) {
    // While the bytes are there.
    textHashOf(compiled);
    compiled.said = fingerprintOf(compiled, document);
  }
  return typeof compiled.said === 'number' ? compiled.said : undefined;
}

/** @param document decoded, of that kind. */
function fingerprintOf(compiled: Compiled, document: AnyDocument): Fingerprint {
  return compiled instanceof Flag
    ? fingerprintOfFlag(document as FlagDocument)
    : fingerprintOfSegment(document as SegmentDocument);
}

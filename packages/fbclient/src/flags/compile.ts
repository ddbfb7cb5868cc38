import {
  decodeFlag,
  decodeSegment,
  documentKey,
  type FlagDocument,
  type SegmentDocument,
} from '../protocol/documents.js';
import { EncodedDocument, EncodedValue, type Source } from '../protocol/encoded-document.js';
import type { DataSync } from '../protocol/messages.js';
import { CompileContext, type CompileSettings } from './compile-context.js';
import { Flag } from './flag.js';
import { Segment, type Tombstone } from './segment.js';
import { type Change, type ChangeSet, Holdings } from './store.js';

/** A document of a sync message that was left out. */
export interface SkippedDocument {
  readonly kind: 'flag' | 'segment';
  /** Its key or id. If it has no usable one: its position in the list, as "#3". */
  readonly key: string;
  readonly problem: string;
}

/** A compiled sync message, and the documents in it that could not be decoded. */
export interface Compiled {
  readonly changes: ChangeSet;
  /** Whether the message had nothing in it, also nothing that was skipped. */
  readonly isEmpty: boolean;
  /** The first hundred. */
  readonly skipped: readonly SkippedDocument[];
  readonly skippedCount: number;
}

/** Most documents whose faults are kept: a message of millions of damaged ones must not take memory for each. */
const MAX_SKIPPED = 100;

/** Finds what is held of a document and says the same: it need not be compiled again. */
export interface Known {
  flag(document: Source<FlagDocument>): Flag | Tombstone | undefined;
  segment(document: Source<SegmentDocument>): Segment | Tombstone | undefined;
}

const NOTHING_KNOWN: Known = { flag: () => undefined, segment: () => undefined };

/**
 * Decodes and compiles a sync message, yielding after every document so that the caller can give the event loop a turn. A
 * bad document is skipped and does not affect the others.
 */
export function* compileDataSync(
  data: DataSync,
  settings: CompileSettings,
  known: Known = NOTHING_KNOWN,
): Generator<void, Compiled, undefined> {
  const { eventType, featureFlags, segments } = data;
  const compilation = new Compilation(eventType, settings, known);
  for (let position = 0; position < featureFlags.length; position++) {
    compilation.takeFlag(featureFlags[position], position);
    yield;
  }
  for (let position = 0; position < segments.length; position++) {
    compilation.takeSegment(segments[position], position);
    yield;
  }
  return compilation.end();
}

/** {@link compileDataSync} in one go. */
export function compileDataSyncNow(data: DataSync, settings: CompileSettings, known = NOTHING_KNOWN): Compiled {
  const compilation = new Compilation(data.eventType, settings, known);
  const { featureFlags, segments } = data;
  for (let position = 0; position < featureFlags.length; position++) {
    compilation.takeFlag(featureFlags[position], position);
  }
  for (let position = 0; position < segments.length; position++) {
    compilation.takeSegment(segments[position], position);
  }
  return compilation.end();
}

/** Compiles the flags of a change set that say the same as before, yielding after every one. */
export function* compileUnchanged({ flags }: ChangeSet): Generator<void, void, undefined> {
  for (const { compiled, unchanged } of flags) {
    if (!unchanged || compiled.archived) continue;
    compiled.targeting();
    yield;
  }
}

/** A sync message that is being compiled. */
class Compilation {
  readonly #context: CompileContext;
  readonly #known: Known;
  readonly #holdings: Holdings | undefined;
  readonly #flags: Change<Flag>[] = [];
  readonly #segments: Change<Segment>[] = [];
  readonly #skipped: SkippedDocument[] = [];
  #skippedCount = 0;

  constructor(eventType: DataSync['eventType'], settings: CompileSettings, known: Known) {
    this.#context = new CompileContext(settings);
    this.#known = known;
    this.#holdings = eventType === 'full' ? new Holdings() : undefined;
  }

  takeFlag(input: unknown, position: number): void {
    if (input instanceof EncodedDocument) {
      this.#addFlag(input, input.version);
      return;
    }
    const value = parsed(input);
    const flag = decodeFlag(value);
    if (flag.ok) this.#addFlag(flag.document, flag.version);
    else this.#skip('flag', value, position, flag.problem);
  }

  takeSegment(input: unknown, position: number): void {
    if (input instanceof EncodedDocument) {
      this.#addSegment(input, input.key, input.version);
      return;
    }
    const value = parsed(input);
    const segment = decodeSegment(value);
    if (segment.ok) this.#addSegment(segment.document, segment.document.id, segment.version);
    else this.#skip('segment', value, position, segment.problem);
  }

  #skip(kind: 'flag' | 'segment', input: unknown, position: number, problem: string): void {
    this.#skippedCount += 1;
    if (this.#skippedCount > MAX_SKIPPED) return;
    this.#skipped.push({ kind, key: documentKey(input, kind, position), problem });
  }

  #addFlag(document: Source<FlagDocument>, version: number): void {
    const known = this.#known.flag(document);
    const compiled = known?.version === version ? known : this.#newFlag(document, version);
    const change = { key: document.key, compiled, document, unchanged: known !== undefined };
    this.#flags.push(change);
    if (this.#holdings !== undefined) this.#holdings.putFlag(change);
    // A patch has few flags: compile them now. A full sync has many: compile them later, in slices, so that the start is not
    // delayed.
    else if (!compiled.archived) compiled.targeting();
  }

  #addSegment(document: Source<SegmentDocument>, id: string, version: number): void {
    const known = this.#known.segment(document);
    const compiled = known?.version === version ? known : this.#newSegment(document, version);
    const change = { key: id, compiled, document, unchanged: known !== undefined };
    this.#segments.push(change);
    this.#holdings?.putSegment(change);
  }

  #newFlag(document: Source<FlagDocument>, version: number): Flag | Tombstone {
    return document.isArchived ? tombstone(version) : new Flag(document, version, this.#context);
  }

  #newSegment(document: Source<SegmentDocument>, version: number): Segment | Tombstone {
    return document.isArchived ? tombstone(version) : new Segment(document, version, this.#context);
  }

  end(): Compiled {
    const changes = { flags: this.#flags, segments: this.#segments };
    const holdings = this.#holdings;
    return {
      changes:
        holdings === undefined ? { eventType: 'patch', ...changes } : { eventType: 'full', ...changes, holdings },
      isEmpty: changes.flags.length + changes.segments.length + this.#skippedCount === 0,
      skipped: this.#skipped,
      skippedCount: this.#skippedCount,
    };
  }
}

function parsed(input: unknown): unknown {
  return input instanceof EncodedValue ? input.parse() : input;
}

function tombstone(version: number): Tombstone {
  return { archived: true, version };
}

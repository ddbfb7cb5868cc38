import { AllFlags } from './all-flags.js';
import type { Flag } from './flag.js';
import type { SegmentLookup } from './occasion.js';
import type { Segment, Tombstone } from './segment.js';

/** A flag or segment of a change set. */
export interface Change<T extends { readonly version: number }> {
  /** A flag's key, a segment's id. */
  readonly key: string;
  /** The flag or segment, or what remains of an archived one. */
  readonly compiled: T | Tombstone;
  /** The document that it was compiled from, unchanged and perhaps not read yet; for those who keep it. */
  readonly document: unknown;
  /** Whether what was held before says the same, in the same version or another. */
  readonly unchanged: boolean;
}

/** A document that a commit has made another one. */
export interface Difference {
  readonly kind: 'flag' | 'segment';
  readonly key: string;
  /** The version held before and after the commit; `undefined` where there was none. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** Whether it was active before or is now: otherwise nobody sees the difference. */
  readonly visible: boolean;
}

/** A data-sync that has been decoded and compiled, ready to be committed in one step. */
export type ChangeSet = {
  readonly flags: readonly Change<Flag>[];
  readonly segments: readonly Change<Segment>[];
} & (
  | { readonly eventType: 'patch' }
  | {
      readonly eventType: 'full';
      /** The new content of the store. It is built before the commit, because that takes long and the commit must not. */
      readonly holdings: Holdings;
    }
);

/** Flags by key and segments by id, archived ones included, with the greatest version among them. */
export class Holdings {
  readonly flags = new Map<string, Flag | Tombstone>();
  readonly segments = new Map<string, Segment | Tombstone>();
  cursor = 0;

  putFlag({ key, compiled }: Change<Flag>): boolean {
    return this.#put(this.flags, key, compiled);
  }

  putSegment({ key, compiled }: Change<Segment>): boolean {
    return this.#put(this.segments, key, compiled);
  }

  #put<T extends { readonly version: number }>(held: Map<string, T>, key: string, compiled: T): boolean {
    if (!putNewer(held, key, compiled)) return false;
    if (compiled.version > this.cursor) this.cursor = compiled.version;
    return true;
  }
}

/**
 * Every flag and segment of one environment. A commit is one synchronous step: an evaluation sees the state before it or
 * the state after it, never a mixture.
 */
export class FlagStore implements SegmentLookup {
  #held = new Holdings();
  #all: AllFlags | undefined;
  #revision = 0;

  /** Counts the commits that have changed what is held; a patch that brings nothing new changes nothing. */
  get revision(): number {
    return this.#revision;
  }

  /** The greatest version held, that of archived flags and segments included, in Unix milliseconds; 0 when empty. */
  get cursor(): number {
    return this.#held.cursor;
  }

  /** All that is held, archived documents included. It must not be changed. */
  get held(): Holdings {
    return this.#held;
  }

  /** An active flag by its key. */
  flag(key: string): Flag | undefined {
    const flag = this.#held.flags.get(key);
    return flag === undefined || flag.archived ? undefined : flag;
  }

  /** An active segment by its id. */
  segment(id: string): Segment | undefined {
    const segment = this.#held.segments.get(id);
    return segment === undefined || segment.archived ? undefined : segment;
  }

  /** How many active flags and segments there are. */
  counts(): { readonly flags: number; readonly segments: number } {
    return { flags: countActive(this.#held.flags), segments: countActive(this.#held.segments) };
  }

  /** All active flags, in the order in which they arrived. */
  activeFlags(): readonly Flag[] {
    return [...this.#held.flags.values()].filter((flag) => !flag.archived);
  }

  /** The same, prepared for calls that ask for each; the same object until the next commit. */
  allFlags(): AllFlags {
    this.#all ??= new AllFlags(this.activeFlags());
    return this.#all;
  }

  /**
   * Commits a change set. A full one replaces everything, whatever the versions. A patch replaces each flag and segment that
   * is held in an older version.
   *
   * @returns the keys of the flags whose evaluation may have changed. After a full set these are all flags, old and new;
   * after a patch the replaced ones and those that use a replaced segment.
   */
  commit(changes: ChangeSet): Iterable<string> {
    this.#all = undefined;
    if (changes.eventType === 'full') {
      const before = this.#held;
      this.#held = changes.holdings;
      this.#revision += 1;
      return visibleInEither(before.flags, this.#held.flags);
    }
    const [flag] = changes.flags;
    // As most pushes are: they come to each client of a process.
    if (flag !== undefined && changes.flags.length === 1 && changes.segments.length === 0) {
      const visibleBefore = isVisible(this.#held.flags, flag);
      return this.#putFlag(flag) && (visibleBefore || !flag.compiled.archived) ? [flag.key] : [];
    }
    const affected = this.#take(this.#held.flags, changes.flags, (change) => this.#putFlag(change));
    const segmentIds = this.#take(this.#held.segments, changes.segments, (change) => this.#putSegment(change));
    if (segmentIds.size > 0) this.#addUsers(segmentIds, affected);
    return affected;
  }

  /**
   * As {@link commit}, but a document that says the same as before is no change.
   *
   * @returns the documents that differ, and the keys of the flags whose evaluation may have changed through them.
   */
  commitCompared(changes: ChangeSet): {
    readonly differences: readonly Difference[];
    readonly affected: ReadonlySet<string>;
  } {
    this.#all = undefined;
    const { flags: flagsBefore, segments: segmentsBefore } = this.#held;
    let differences: readonly Difference[];
    if (changes.eventType === 'full') {
      this.#held = changes.holdings;
      differences = [
        ...replaced('flag', flagsBefore, this.#held.flags, changes.flags),
        ...replaced('segment', segmentsBefore, this.#held.segments, changes.segments),
      ];
    } else {
      differences = [
        ...renewed('flag', flagsBefore, changes.flags, (change) => this.#putFlag(change)),
        ...renewed('segment', segmentsBefore, changes.segments, (change) => this.#putSegment(change)),
      ];
    }
    if (changes.eventType === 'full' && differences.length > 0) this.#revision += 1;
    const visible = differences.filter((difference) => difference.visible);
    const keysOf = (kind: Difference['kind']) => visible.filter((one) => one.kind === kind).map(({ key }) => key);
    const affected = new Set(keysOf('flag'));
    const segmentIds = new Set(keysOf('segment'));
    if (segmentIds.size > 0) this.#addUsers(segmentIds, affected);
    return { differences, affected };
  }

  /** @returns the keys whose change evaluations can see: not those that were archived before and still are. */
  #take<T extends Change<Flag> | Change<Segment>>(
    held: ReadonlyMap<string, { readonly archived: boolean }>,
    changes: readonly T[],
    put: (change: T) => boolean,
  ): Set<string> {
    const changed = new Set<string>();
    for (const change of changes) {
      const visibleBefore = isVisible(held, change);
      if (put(change) && (visibleBefore || !change.compiled.archived)) changed.add(change.key);
    }
    return changed;
  }

  #putFlag(change: Change<Flag>): boolean {
    const isNewer = this.#held.putFlag(change);
    if (isNewer) this.#revision += 1;
    return isNewer;
  }

  #putSegment(change: Change<Segment>): boolean {
    const isNewer = this.#held.putSegment(change);
    if (isNewer) this.#revision += 1;
    return isNewer;
  }

  #addUsers(segmentIds: ReadonlySet<string>, affected: Set<string>): void {
    for (const flag of this.activeFlags()) {
      if (!affected.has(flag.key) && flag.dependsOn(segmentIds)) affected.add(flag.key);
    }
  }
}

function isVisible(
  held: ReadonlyMap<string, { readonly archived: boolean }>,
  { key }: { readonly key: string },
): boolean {
  return held.get(key)?.archived === false;
}

type Held = Flag | Segment | Tombstone;

function difference(
  kind: Difference['kind'],
  key: string,
  before: Held | undefined,
  after: Held | undefined,
): Difference {
  const visible = before?.archived === false || after?.archived === false;
  return { kind, key, before: before?.version, after: after?.version, visible };
}

/** What a full set has made another one, and what it has taken away. */
function* replaced<T extends Flag | Segment>(
  kind: Difference['kind'],
  before: ReadonlyMap<string, T | Tombstone>,
  after: ReadonlyMap<string, T | Tombstone>,
  changes: readonly Change<T>[],
): Generator<Difference, void, undefined> {
  for (const { key, compiled, unchanged } of changes) {
    // A set can hold a document twice: the newer one counts.
    const counts = !unchanged && after.get(key) === compiled;
    if (counts) yield difference(kind, key, before.get(key), compiled);
  }
  for (const [key, held] of before) if (!after.has(key)) yield difference(kind, key, held, undefined);
}

/** What a patch has made another one. */
function* renewed<T extends Flag | Segment>(
  kind: Difference['kind'],
  held: ReadonlyMap<string, T | Tombstone>,
  changes: readonly Change<T>[],
  put: (change: Change<T>) => boolean,
): Generator<Difference, void, undefined> {
  for (const change of changes) {
    const before = held.get(change.key);
    if (put(change) && !change.unchanged) yield difference(kind, change.key, before, change.compiled);
  }
}

/** The keys of the flags that are active before or after; computed only when somebody iterates. */
function* visibleInEither(
  before: ReadonlyMap<string, { readonly archived: boolean }>,
  after: ReadonlyMap<string, { readonly archived: boolean }>,
): Generator<string, void, undefined> {
  for (const [key, { archived }] of after) if (!archived || before.get(key)?.archived === false) yield key;
  for (const [key, { archived }] of before) if (!archived && !after.has(key)) yield key;
}

function countActive(held: ReadonlyMap<string, { readonly archived: boolean }>): number {
  let active = 0;
  for (const { archived } of held.values()) if (!archived) active += 1;
  return active;
}

/** The rule of versions: a newer version replaces, an equal or older one is ignored. @returns whether it replaced. */
function putNewer<T extends { readonly version: number }>(held: Map<string, T>, key: string, value: T): boolean {
  const before = held.get(key);
  if (before !== undefined && value.version <= before.version) return false;
  held.set(key, value);
  return true;
}

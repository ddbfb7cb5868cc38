import type { Flag } from './flag.js';
import type { SegmentLookup } from './occasion.js';
import type { Segment, Tombstone } from './segment.js';

/** A flag or segment of a change set. */
export interface Change<T extends { readonly version: number }> {
  /** A flag's key, a segment's id. */
  readonly key: string;
  /** The flag or segment, or what remains of an archived one. */
  readonly compiled: T | Tombstone;
  /** The document that it was compiled from, unchanged; for those who keep it. */
  readonly document: unknown;
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
  #active: readonly Flag[] | undefined;

  /** The greatest version held, that of archived flags and segments included, in Unix milliseconds; 0 when empty. */
  get cursor(): number {
    return this.#held.cursor;
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

  /** All active flags, in the order in which they arrived; the same list until the next commit. */
  activeFlags(): readonly Flag[] {
    this.#active ??= [...this.#held.flags.values()].filter((flag) => !flag.archived);
    return this.#active;
  }

  /**
   * Commits a change set. A full one replaces everything, whatever the versions. A patch replaces each flag and segment that
   * is held in an older version.
   *
   * @returns the keys of the flags whose evaluation may have changed. After a full set these are all flags, old and new;
   * after a patch the replaced ones and those that use a replaced segment.
   */
  commit(changes: ChangeSet): Iterable<string> {
    this.#active = undefined;
    if (changes.eventType === 'full') {
      const before = this.#held;
      this.#held = changes.holdings;
      return visibleInEither(before.flags, this.#held.flags);
    }
    const affected = this.#take(this.#held.flags, changes.flags, (change) => this.#held.putFlag(change));
    const segmentIds = this.#take(this.#held.segments, changes.segments, (change) => this.#held.putSegment(change));
    if (segmentIds.size > 0) this.#addUsers(segmentIds, affected);
    return affected;
  }

  /** @returns the keys whose change evaluations can see: not those that were archived before and still are. */
  #take<T extends Change<Flag> | Change<Segment>>(
    held: ReadonlyMap<string, { readonly archived: boolean }>,
    changes: readonly T[],
    put: (change: T) => boolean,
  ): Set<string> {
    const changed = new Set<string>();
    for (const change of changes) {
      const visibleBefore = held.get(change.key)?.archived === false;
      if (put(change) && (visibleBefore || !change.compiled.archived)) changed.add(change.key);
    }
    return changed;
  }

  #addUsers(segmentIds: ReadonlySet<string>, affected: Set<string>): void {
    for (const flag of this.activeFlags()) {
      if (flag.dependsOn(segmentIds)) affected.add(flag.key);
    }
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
export function putNewer<T extends { readonly version: number }>(held: Map<string, T>, key: string, value: T): boolean {
  const before = held.get(key);
  if (before !== undefined && value.version <= before.version) return false;
  held.set(key, value);
  return true;
}

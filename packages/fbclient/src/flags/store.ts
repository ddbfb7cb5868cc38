import type { SegmentLookup } from './attributes.js';
import type { Flag } from './flag.js';
import type { Segment, Tombstone } from './segment.js';

/** An entity of a change set. */
export interface Change<T extends { readonly version: number }> {
  /** A flag's key, a segment's id. */
  readonly identity: string;
  /** What is held of it, or the trace that it was archived. */
  readonly entity: T | Tombstone;
  /** As it came; for those who keep it. */
  readonly wire: unknown;
}

/** A data-sync that has been decoded and compiled, ready to be committed in one step. */
export type ChangeSet = {
  readonly flags: readonly Change<Flag>[];
  readonly segments: readonly Change<Segment>[];
} & (
  | { readonly eventType: 'patch' }
  | {
      readonly eventType: 'full';
      /** What will be held: put together beforehand, because it takes long and the commit must not. */
      readonly holdings: Holdings;
    }
);

/** Entities under their identities, archived ones included, with the greatest version among them. */
export class Holdings {
  readonly flags = new Map<string, Flag | Tombstone>();
  readonly segments = new Map<string, Segment | Tombstone>();
  cursor = 0;

  putFlag({ identity, entity }: Change<Flag>): boolean {
    return this.#put(this.flags, identity, entity);
  }

  putSegment({ identity, entity }: Change<Segment>): boolean {
    return this.#put(this.segments, identity, entity);
  }

  #put<T extends { readonly version: number }>(held: Map<string, T>, identity: string, entity: T): boolean {
    if (!putNewer(held, identity, entity)) return false;
    if (entity.version > this.cursor) this.cursor = entity.version;
    return true;
  }
}

/**
 * Every flag and segment of one environment. A commit is one synchronous step, so that an evaluation sees the state before
 * it or the state after it and nothing between.
 */
export class FlagStore implements SegmentLookup {
  #held = new Holdings();
  #active: readonly Flag[] | undefined;

  /** The greatest version held, archived entities included, in Unix milliseconds; 0 when empty. */
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

  /** All active flags, in the order they came; the same list until the next commit. */
  activeFlags(): readonly Flag[] {
    this.#active ??= [...this.#held.flags.values()].filter((flag) => !flag.archived);
    return this.#active;
  }

  /**
   * Takes a change set in: a full one replaces everything, whatever the versions; of a patch each entity counts that is
   * newer than the one held.
   *
   * @returns the keys of the flags whose evaluation may have changed: all of them, old and new, for a full set; for a patch
   * those that were replaced and those that use a segment that was.
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

  /** @returns those that evaluations see differently from now on: not what was hidden and stays so. */
  #take<T extends Change<Flag> | Change<Segment>>(
    held: ReadonlyMap<string, { readonly archived: boolean }>,
    changes: readonly T[],
    put: (change: T) => boolean,
  ): Set<string> {
    const changed = new Set<string>();
    for (const change of changes) {
      const visibleBefore = held.get(change.identity)?.archived === false;
      if (put(change) && (visibleBefore || !change.entity.archived)) changed.add(change.identity);
    }
    return changed;
  }

  #addUsers(segmentIds: ReadonlySet<string>, affected: Set<string>): void {
    for (const flag of this.activeFlags()) {
      if (flag.dependsOn(segmentIds)) affected.add(flag.key);
    }
  }
}

/** The keys of the flags that are active before or after; only gone through when somebody wants to know. */
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

/** The rule of versions: what is newer replaces, what is equal or older is ignored. @returns whether it was taken in. */
export function putNewer<T extends { readonly version: number }>(
  held: Map<string, T>,
  identity: string,
  entity: T,
): boolean {
  const before = held.get(identity);
  if (before !== undefined && entity.version <= before.version) return false;
  held.set(identity, entity);
  return true;
}

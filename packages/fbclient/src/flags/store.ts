import type { SegmentLookup } from './attributes.js';
import type { Flag } from './flag.js';
import type { Segment, Tombstone } from './segment.js';

/** An entity of a change set. */
export interface Change<T extends { readonly version: number }> {
  /** A flag's key, a segment's id. */
  readonly identity: string;
  /** What was compiled of it, or the trace that it was archived. */
  readonly entity: T | Tombstone;
  /** As it came; for those who keep it. */
  readonly wire: unknown;
}

/** A data-sync that has been decoded and compiled, ready to be committed in one step. */
export interface ChangeSet {
  readonly eventType: 'full' | 'patch';
  readonly flags: readonly Change<Flag>[];
  readonly segments: readonly Change<Segment>[];
}

/**
 * Every flag and segment of one environment. A commit is one synchronous step, so that an evaluation sees the state before
 * it or the state after it and nothing between.
 */
export class FlagStore implements SegmentLookup {
  #flags = new Map<string, Flag | Tombstone>();
  #segments = new Map<string, Segment | Tombstone>();
  #cursor = 0;
  #active: readonly Flag[] | undefined;

  /** The greatest version held, archived entities included, in Unix milliseconds; 0 when empty. */
  get cursor(): number {
    return this.#cursor;
  }

  /** An active flag by its key. */
  flag(key: string): Flag | undefined {
    const flag = this.#flags.get(key);
    return flag === undefined || flag.archived ? undefined : flag;
  }

  /** An active segment by its id. */
  segment(id: string): Segment | undefined {
    const segment = this.#segments.get(id);
    return segment === undefined || segment.archived ? undefined : segment;
  }

  /** How many active flags and segments there are. */
  counts(): { readonly flags: number; readonly segments: number } {
    return { flags: this.activeFlags().length, segments: countActive(this.#segments) };
  }

  /** All active flags, in the order they came; the same list until the next commit. */
  activeFlags(): readonly Flag[] {
    this.#active ??= [...this.#flags.values()].filter((flag) => !flag.archived);
    return this.#active;
  }

  /**
   * Takes a change set in: a full one replaces everything, whatever the versions; of a patch each entity counts that is
   * newer than the one held.
   *
   * @returns the keys of the flags whose evaluation may have changed: all of them, old and new, for a full set; for a patch
   * those that were replaced and those that use a segment that was.
   */
  commit(changes: ChangeSet): ReadonlySet<string> {
    const affected = new Set<string>();
    if (changes.eventType === 'full') {
      for (const flag of this.activeFlags()) affected.add(flag.key);
      this.#flags = new Map();
      this.#segments = new Map();
      this.#cursor = 0;
    }
    this.#active = undefined;
    for (const key of this.#take(this.#flags, changes.flags)) affected.add(key);
    const segmentIds = this.#take(this.#segments, changes.segments);
    if (changes.eventType === 'patch' && segmentIds.size > 0) this.#addUsers(segmentIds, affected);
    return affected;
  }

  /** @returns those that evaluations see differently from now on: not what was hidden and stays so. */
  #take<T extends { readonly archived: boolean; readonly version: number }>(
    held: Map<string, T>,
    changes: readonly { readonly identity: string; readonly entity: T }[],
  ): Set<string> {
    const changed = new Set<string>();
    for (const { identity, entity } of changes) {
      const visibleBefore = held.get(identity)?.archived === false;
      if (!putNewer(held, identity, entity)) continue;
      if (entity.version > this.#cursor) this.#cursor = entity.version;
      if (visibleBefore || !entity.archived) changed.add(identity);
    }
    return changed;
  }

  #addUsers(segmentIds: ReadonlySet<string>, affected: Set<string>): void {
    for (const flag of this.activeFlags()) {
      if (flag.dependsOn(segmentIds)) affected.add(flag.key);
    }
  }
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

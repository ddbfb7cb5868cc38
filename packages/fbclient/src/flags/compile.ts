import { isJsonObject } from '../protocol/decoded.js';
import { decodeFlag, decodeSegment } from '../protocol/entities.js';
import type { DataSync } from '../protocol/messages.js';
import { ConditionAttributes, type MissingAttribute } from './attributes.js';
import { Flag } from './flag.js';
import { Segment, type Tombstone } from './segment.js';
import { type Change, type ChangeSet, type FlagStore, Holdings } from './store.js';

/** An entity of a data-sync that was left out. */
export interface SkippedEntity {
  readonly kind: 'flag' | 'segment';
  /** Its key or id when it has a usable one, else its position in the list, as "#3". */
  readonly identity: string;
  readonly problem: string;
}

/** A compiled data-sync, and what of it could not be decoded. */
export interface Compiled {
  readonly changes: ChangeSet;
  readonly skipped: readonly SkippedEntity[];
}

/**
 * Decodes and compiles a data-sync, yielding after every entity so that the caller can give the event loop a turn. A bad entity is
 * skipped; the others are not touched by it.
 */
export function* compileDataSync(data: DataSync, missing: MissingAttribute): Generator<void, Compiled, undefined> {
  const { eventType, featureFlags, segments } = data;
  const compilation = new Compilation(eventType, missing);
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
export function compileDataSyncNow(data: DataSync, missing: MissingAttribute): Compiled {
  const steps = compileDataSync(data, missing);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Compiles the flags of a store that evaluation has not compiled yet, yielding after every one. */
export function* compileEach(store: FlagStore): Generator<void, void, undefined> {
  for (const flag of store.activeFlags()) {
    flag.compiled();
    yield;
  }
}

/** A data-sync under way. */
class Compilation {
  readonly #attributes: ConditionAttributes;
  readonly #holdings: Holdings | undefined;
  readonly #flags: Change<Flag>[] = [];
  readonly #segments: Change<Segment>[] = [];
  readonly #skipped: SkippedEntity[] = [];

  constructor(eventType: DataSync['eventType'], missing: MissingAttribute) {
    this.#attributes = new ConditionAttributes(missing);
    this.#holdings = eventType === 'full' ? new Holdings() : undefined;
  }

  takeFlag(input: unknown, position: number): void {
    const flag = decodeFlag(input);
    if (!flag.ok) {
      this.#skipped.push({ kind: 'flag', identity: identityOf(input, 'key', position), problem: flag.problem });
      return;
    }
    const { wire, version } = flag;
    const entity = wire.isArchived ? tombstone(version) : new Flag(wire, version, this.#attributes);
    const change = { identity: wire.key, entity, wire };
    this.#flags.push(change);
    if (this.#holdings !== undefined) this.#holdings.putFlag(change);
    // Of a patch there are few, and evaluation need not wait for them; a whole environment would hold up the start.
    else if (!entity.archived) entity.compiled();
  }

  takeSegment(input: unknown, position: number): void {
    const segment = decodeSegment(input);
    if (!segment.ok) {
      this.#skipped.push({ kind: 'segment', identity: identityOf(input, 'id', position), problem: segment.problem });
      return;
    }
    const { wire, version } = segment;
    const entity = wire.isArchived ? tombstone(version) : new Segment(wire, version, this.#attributes);
    const change = { identity: wire.id, entity, wire };
    this.#segments.push(change);
    this.#holdings?.putSegment(change);
  }

  end(): Compiled {
    const changes = { flags: this.#flags, segments: this.#segments };
    const holdings = this.#holdings;
    return {
      changes:
        holdings === undefined ? { eventType: 'patch', ...changes } : { eventType: 'full', ...changes, holdings },
      skipped: this.#skipped,
    };
  }
}

function tombstone(version: number): Tombstone {
  return { archived: true, version };
}

function identityOf(input: unknown, field: 'key' | 'id', position: number): string {
  const identity = isJsonObject(input) ? input[field] : undefined;
  return typeof identity === 'string' && identity.trim() !== '' ? identity : `#${position}`;
}

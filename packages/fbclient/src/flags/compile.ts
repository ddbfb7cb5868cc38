import { type Decoded, decoded, undecodable } from '../protocol/decoded.js';
import { decodeFlag, decodeSegment } from '../protocol/entities.js';
import type { DataSync } from '../protocol/messages.js';
import { parseVersion } from '../protocol/version.js';
import type { MissingAttribute } from './conditions.js';
import { Flag } from './flag.js';
import { Segment } from './segment.js';
import type { Change, ChangeSet } from './store.js';

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
 * Decodes and compiles a data-sync, yielding after every entity so that the caller can give the event loop a turn. A bad
 * entity is skipped; the others are not touched by it.
 */
export function* compileDataSync(data: DataSync, missing: MissingAttribute): Generator<void, Compiled, undefined> {
  const flags: Change<Flag>[] = [];
  const segments: Change<Segment>[] = [];
  const skipped: SkippedEntity[] = [];
  for (const [position, input] of data.featureFlags.entries()) {
    const flag = readable(() => compileFlag(input, missing));
    if (flag.ok) flags.push(flag.value);
    else skipped.push({ kind: 'flag', identity: identityOf(input, 'key', position), problem: flag.problem });
    yield;
  }
  for (const [position, input] of data.segments.entries()) {
    const segment = readable(() => compileSegment(input, missing));
    if (segment.ok) segments.push(segment.value);
    else skipped.push({ kind: 'segment', identity: identityOf(input, 'id', position), problem: segment.problem });
    yield;
  }
  return { changes: { eventType: data.eventType, flags, segments }, skipped };
}

/** {@link compileDataSync} in one go. */
export function compileDataSyncNow(data: DataSync, missing: MissingAttribute): Compiled {
  const steps = compileDataSync(data, missing);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function compileFlag(input: unknown, missing: MissingAttribute): Decoded<Change<Flag>> {
  const wire = decodeFlag(input);
  if (!wire.ok) return wire;
  const { key, isArchived, updatedAt } = wire.value;
  const version = parseVersion(updatedAt) ?? 0;
  return decoded({
    identity: key,
    entity: isArchived ? { archived: true, version } : new Flag(wire.value, version, missing),
    wire: input,
  });
}

function compileSegment(input: unknown, missing: MissingAttribute): Decoded<Change<Segment>> {
  const wire = decodeSegment(input);
  if (!wire.ok) return wire;
  const { id, isArchived, updatedAt } = wire.value;
  const version = parseVersion(updatedAt) ?? 0;
  return decoded({
    identity: id,
    entity: isArchived ? { archived: true, version } : new Segment(wire.value, version, missing),
    wire: input,
  });
}

/** Objects that an application brings, in place of JSON, may throw when they are read; that too is the entity's own fault. */
function readable<T>(compile: () => Decoded<T>): Decoded<T> {
  try {
    return compile();
  } catch {
    return undecodable('it could not be read');
  }
}

function identityOf(input: unknown, field: 'key' | 'id', position: number): string {
  try {
    const identity: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, field) : undefined;
    if (typeof identity === 'string' && identity.trim() !== '') return identity;
  } catch {
    // Nameless, then.
  }
  return `#${position}`;
}

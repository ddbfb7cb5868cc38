import { type Decoded, decoded, isJsonObject } from '../protocol/decoded.js';
import { decodeFlag, decodeSegment } from '../protocol/entities.js';
import type { DataSync } from '../protocol/messages.js';
import { ConditionAttributes, type MissingAttribute } from './attributes.js';
import { Flag } from './flag.js';
import { Segment } from './segment.js';
import { type Change, type ChangeSet, Holdings } from './store.js';

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
  const { eventType } = data;
  const attributes = new ConditionAttributes(missing);
  const holdings = new Holdings();
  const flags: Change<Flag>[] = [];
  const segments: Change<Segment>[] = [];
  const skipped: SkippedEntity[] = [];
  for (const [position, input] of data.featureFlags.entries()) {
    const flag = compileFlag(input, attributes);
    if (flag.ok) {
      flags.push(flag.value);
      if (eventType === 'full') holdings.putFlag(flag.value);
    } else {
      skipped.push({ kind: 'flag', identity: identityOf(input, 'key', position), problem: flag.problem });
    }
    yield;
  }
  for (const [position, input] of data.segments.entries()) {
    const segment = compileSegment(input, attributes);
    if (segment.ok) {
      segments.push(segment.value);
      if (eventType === 'full') holdings.putSegment(segment.value);
    } else {
      skipped.push({ kind: 'segment', identity: identityOf(input, 'id', position), problem: segment.problem });
    }
    yield;
  }
  const changes: ChangeSet =
    eventType === 'full' ? { eventType, flags, segments, holdings } : { eventType, flags, segments };
  return { changes, skipped };
}

/** {@link compileDataSync} in one go. */
export function compileDataSyncNow(data: DataSync, missing: MissingAttribute): Compiled {
  const steps = compileDataSync(data, missing);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function compileFlag(input: unknown, attributes: ConditionAttributes): Decoded<Change<Flag>> {
  const flag = decodeFlag(input);
  if (!flag.ok) return flag;
  const { wire, version } = flag.value;
  return decoded({
    identity: wire.key,
    entity: wire.isArchived ? { archived: true, version } : new Flag(wire, version, attributes),
    wire,
  });
}

function compileSegment(input: unknown, attributes: ConditionAttributes): Decoded<Change<Segment>> {
  const segment = decodeSegment(input);
  if (!segment.ok) return segment;
  const { wire, version } = segment.value;
  return decoded({
    identity: wire.id,
    entity: wire.isArchived ? { archived: true, version } : new Segment(wire, version, attributes),
    wire,
  });
}

function identityOf(input: unknown, field: 'key' | 'id', position: number): string {
  const identity = isJsonObject(input) ? input[field] : undefined;
  return typeof identity === 'string' && identity.trim() !== '' ? identity : `#${position}`;
}

import { IN_SEGMENT, NOT_IN_SEGMENT, segmentsOf } from 'fbclient/core';
import type { StoredDocument } from '../model/document.js';
import type { Fault } from '../model/fault.js';
import { Refusal } from '../model/refusal.js';
import { Faults, quoted, type SegmentReference } from './faults.js';

/**
 * Looks each segment up once.
 *
 * @param isArchived whether the flag is: then it serves nobody, and may ask about a segment that is archived too.
 * @returns a fault for every reference to one that is not there or archived, up to the bound.
 */
export async function segmentFaults(
  references: readonly SegmentReference[],
  stateOf: (id: string) => Promise<'active' | 'archived' | undefined>,
  isArchived = false,
): Promise<readonly Fault[]> {
  const faults = new Faults();
  const states = new Map<string, 'active' | 'archived' | undefined>();
  for (const { value: id, path } of references) {
    if (faults.isFull) break;
    if (!states.has(id)) states.set(id, await stateOf(id));
    const state = states.get(id);
    if (state === undefined) faults.add('unknown-segment', path, `There is no segment ${quoted(id)}.`);
    else if (state === 'archived' && !isArchived)
      faults.add('archived-segment', path, `The segment ${quoted(id)} is archived.`);
  }
  return faults.list;
}

/** The keys of those flags, among some, that use a segment. */
export function usersOf(segmentId: string, flags: readonly StoredDocument[]): readonly string[] {
  const users = flags.filter((flag) => usesSegments(flag) && segmentsOf(JSON.parse(flag.text)).has(segmentId));
  return users.map(({ key }) => key);
}

/** @param users the keys of the flags that use a segment, at least one. */
export function segmentInUse(users: readonly string[]): Refusal {
  const named = users.slice(0, 5).map((key) => JSON.stringify(key));
  const more = users.length > named.length ? ` and ${users.length - named.length} more` : '';
  return new Refusal(
    'segment-in-use',
    `The segment is used by the flags ${named.join(', ')}${more}: change or archive those first.`,
  );
}

/** Most flags use no segment, and their text shows it without being parsed. */
function usesSegments(flag: StoredDocument): boolean {
  return flag.text.includes(JSON.stringify(IN_SEGMENT)) || flag.text.includes(JSON.stringify(NOT_IN_SEGMENT));
}

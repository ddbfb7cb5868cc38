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

/** Whether a flag, among those that are looked through, uses a segment: by the segment the keys of its flags, none for one without. */
export class SegmentUsers {
  readonly #users = new Map<string, string[]>();

  /** @param segmentIds the segments that matter. */
  constructor(segmentIds: Iterable<string>) {
    for (const id of segmentIds) this.#users.set(id, []);
  }

  /** Looks at a flag, however many segments matter. */
  look(flag: StoredDocument): void {
    if (!usesSegments(flag)) return;
    for (const id of segmentsOf(JSON.parse(flag.text))) this.#users.get(id)?.push(flag.key);
  }

  of(segmentId: string): readonly string[] {
    return this.#users.get(segmentId) ?? [];
  }

  get areThere(): boolean {
    return [...this.#users.values()].some(({ length }) => length > 0);
  }
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

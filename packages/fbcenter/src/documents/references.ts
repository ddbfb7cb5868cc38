import { type FlagDocument, IN_SEGMENT, NOT_IN_SEGMENT, parseStringList } from 'fbclient/core';
import type { StoredDocument } from '../model/document.js';
import type { Fault } from '../model/fault.js';
import { Refusal } from '../model/refusal.js';
import type { SegmentReference } from './faults.js';

/** Looks each segment up once. @returns a fault for every reference to one that is not there or archived. */
export async function segmentFaults(
  references: readonly SegmentReference[],
  stateOf: (id: string) => Promise<'active' | 'archived' | undefined>,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const states = new Map<string, 'active' | 'archived' | undefined>();
  for (const { value: id, path } of references) {
    if (!states.has(id)) states.set(id, await stateOf(id));
    const state = states.get(id);
    if (state === undefined) {
      faults.push({ code: 'unknown-segment', path, message: `There is no segment ${JSON.stringify(id)}.` });
    } else if (state === 'archived') {
      faults.push({ code: 'archived-segment', path, message: `The segment ${JSON.stringify(id)} is archived.` });
    }
  }
  return faults;
}

/**
 * Makes sure that a segment can be archived.
 *
 * @param flags the active flags of its environment.
 * @throws Refusal naming some of the flags that use it.
 */
export function refuseIfUsed(segmentId: string, flags: readonly StoredDocument[]): void {
  const users = flags.filter((flag) => usesSegments(flag) && segmentsOf(JSON.parse(flag.text)).has(segmentId));
  if (users.length === 0) return;
  const named = users.slice(0, 5).map(({ key }) => JSON.stringify(key));
  const more = users.length > named.length ? ` and ${users.length - named.length} more` : '';
  throw new Refusal(
    'segment-in-use',
    `The segment is used by the flags ${named.join(', ')}${more}: change or archive those first.`,
  );
}

/** The segments that a stored flag uses. */
export function segmentsOf(flag: Pick<FlagDocument, 'rules'>): ReadonlySet<string> {
  const conditions = flag.rules.flatMap((rule) => rule.conditions);
  const asking = conditions.filter(({ property }) => property === IN_SEGMENT || property === NOT_IN_SEGMENT);
  return new Set(asking.flatMap(({ value }) => parseStringList(value ?? '') ?? []));
}

/** Most flags use no segment, and their text shows it without being parsed. */
function usesSegments(flag: StoredDocument): boolean {
  return flag.text.includes(JSON.stringify(IN_SEGMENT)) || flag.text.includes(JSON.stringify(NOT_IN_SEGMENT));
}

import { randomUUID } from 'node:crypto';
import type { DocumentDraft } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { Fault } from '../model/fault.js';
import type { JsonObject } from '../model/json.js';
import type { SegmentReference } from './conditions.js';

/** Who the documents say changed them. */
const EDITOR = 'admin';

/** A document with what the server alone decides in it. */
export function draftOf(
  environment: Pick<Environment, 'id'>,
  { kind, key, isArchived }: Pick<DocumentDraft, 'kind' | 'key' | 'isArchived'>,
  document: JsonObject,
  existing: JsonObject | undefined,
): DocumentDraft {
  return {
    kind,
    key,
    isArchived,
    text(version) {
      const now = new Date(version).toISOString();
      return JSON.stringify({
        ...document,
        id: kind === 'segment' ? key : (textOf(existing?.id) ?? textOf(document.id) ?? randomUUID()),
        envId: environment.id,
        createdAt: existing?.createdAt ?? now,
        creatorId: existing?.creatorId ?? EDITOR,
        updatedAt: now,
        updatorId: EDITOR,
      });
    },
  };
}

/** One look-up per segment and a fault for each that is not there or archived. */
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
      faults.push({ code: 'unknown_segment', path, message: `There is no segment ${JSON.stringify(id)}.` });
    } else if (state === 'archived') {
      faults.push({ code: 'archived_segment', path, message: `The segment ${JSON.stringify(id)} is archived.` });
    }
  }
  return faults;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

import { randomUUID } from 'node:crypto';
import type { Caller } from '../model/caller.js';
import type { DocumentDraft, DocumentKind, StoredDocument } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { Fault } from '../model/fault.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Storage, Transaction } from '../storage/storage.js';
import type { Verdict } from './faults.js';
import { refuseIfUsed, segmentFaults } from './references.js';

/** What is to be changed, and by whom. */
export interface Target {
  readonly environment: Pick<Environment, 'id'>;
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** The version that the document must have for the change to be made; absent = whatever it has. */
  readonly expected?: number | undefined;
  readonly by: Caller;
}

/** What a change makes of a document: the new one, judged, or `'unchanged'` when it is already what it is to become. */
type Outcome = Verdict | 'unchanged';

/** One change of one document. What `change` throws is a Refusal. */
export type Edit = Target &
  (
    | {
        readonly creates: true;
        /** @param before the document as it is; `undefined` when it does not exist yet. */
        change(before: JsonObject | undefined): Outcome;
      }
    | {
        /** There must be a document already. */
        readonly creates: false;
        change(before: JsonObject): Outcome;
      }
  );

/** A change that was made: the document as it is now, and as it was. */
export interface Edited {
  readonly document: StoredDocument;
  readonly before: StoredDocument | undefined;
}

/**
 * The one way in which a document changes: read, compare the version, change, judge, write, all in one transaction.
 *
 * @throws Refusal `invalid-document` with every fault, `version-mismatch`, `segment-in-use`, or what the change refuses.
 */
export function makeEdit(storage: Pick<Storage, 'transact'>, edit: Edit): Promise<Edited> {
  const { environment, kind, key, expected } = edit;
  return storage.transact(async (transaction) => {
    const { documents } = transaction;
    const before = await documents.get(environment.id, kind, key);
    if (before === undefined && !edit.creates) return missing(kind);
    if (expected !== undefined && before?.version !== expected) throw mismatch(before);
    // What is stored was judged before it was stored.
    const existing = before && (JSON.parse(before.text) as JsonObject);
    const verdict = edit.creates ? edit.change(existing) : edit.change(existing ?? missing(kind));
    if (verdict === 'unchanged') return { document: before ?? missing(kind), before };
    if (!verdict.ok) throw invalid(verdict.faults);
    await checkReferences(edit, verdict, before, transaction);
    return { document: await documents.write(environment.id, draftOf(edit, verdict, existing)), before };
  });
}

/** A document with what the server alone decides in it. */
export function draftOf(
  { environment, kind, by }: Pick<Target, 'environment' | 'kind' | 'by'>,
  { key, isArchived, document }: Extract<Verdict, { readonly ok: true }>,
  existing: JsonObject | undefined,
): DocumentDraft {
  const author = authorOf(by);
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
        creatorId: existing?.creatorId ?? author,
        updatedAt: now,
        updatorId: author,
      });
    },
  };
}

/** @throws Refusal saying that there is no such document. */
export function missing(kind: DocumentKind): never {
  throw new Refusal('not-found', `There is no such ${kind} in this environment.`);
}

export function invalid(faults: readonly Fault[]): Refusal {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new Refusal('invalid-document', `The document has ${count} and was not stored.`, faults);
}

async function checkReferences(
  { environment, kind, key }: Edit,
  { references, isArchived }: Extract<Verdict, { readonly ok: true }>,
  before: StoredDocument | undefined,
  { documents }: Transaction,
): Promise<void> {
  const faults = await segmentFaults(references, async (id) => {
    const segment = await documents.get(environment.id, 'segment', id);
    return segment && (segment.isArchived ? 'archived' : 'active');
  });
  if (faults.length > 0) throw invalid(faults);
  if (kind !== 'segment' || !isArchived || before?.isArchived !== false) return;
  refuseIfUsed(key, await documents.list(environment.id, 'flag', { archived: false }));
}

function mismatch(before: StoredDocument | undefined): Refusal {
  return new Refusal(
    'version-mismatch',
    before === undefined
      ? 'There is no such document yet, so it has no version to match.'
      : 'The document has been changed since it was read: read it again, then repeat the change.',
  );
}

/** Who the document says changed it. */
function authorOf(by: Caller): string {
  return by.kind;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

import { type FlagDocument, IN_SEGMENT, NOT_IN_SEGMENT } from 'fbclient/core';
import type {
  DocumentDraft,
  DocumentKind,
  DocumentQuery,
  Environment,
  Storage,
  StoredDocument,
  Transaction,
} from '../storage/storage.js';
import { draftOf, segmentFaults } from './draft.js';
import type { Fault } from './faults.js';
import type { JsonObject } from './fields.js';
import { segmentsOf } from './flag.js';
import { READERS } from './readers.js';
import type { Reading } from './reading.js';
import { Refusal } from './refusal.js';

/** The version that a document must have for a change to be made; none = whatever it has. */
export type Precondition = number | undefined;

/** Flags and segments as the management API sees them: read, checked, changed. Every change is one transaction. */
export class Catalog {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async get(environment: Environment, kind: DocumentKind, key: string): Promise<StoredDocument> {
    return found(await this.#storage.document(environment.id, kind, key), kind);
  }

  list(environment: Environment, kind: DocumentKind, query: DocumentQuery): Promise<readonly StoredDocument[]> {
    return this.#storage.documents(environment.id, kind, query);
  }

  /**
   * Creates or replaces a document.
   *
   * @throws Refusal `invalid_document` with every fault, `version_mismatch`, or `segment_in_use` when it would archive one.
   */
  async put(
    environment: Environment,
    kind: DocumentKind,
    key: string,
    input: unknown,
    precondition: Precondition,
  ): Promise<{ readonly document: StoredDocument; readonly isNew: boolean }> {
    refuseTooDeep(input);
    return this.#storage.transact(environment.id, async (transaction) => {
      const existing = await transaction.document(kind, key);
      checkPrecondition(existing, precondition);
      const reading = READERS[kind](input, key, existing && parse(existing));
      const draft = await this.#checked(transaction, environment, kind, existing, reading);
      return { document: await transaction.write(draft), isNew: existing === undefined };
    });
  }

  /**
   * Switches a flag on or off.
   *
   * @param isEnabled what to switch it to; none = the other state.
   * @returns the flag; unchanged, version included, when it is in that state already.
   */
  toggle(
    environment: Environment,
    key: string,
    isEnabled: boolean | undefined,
    precondition: Precondition,
  ): Promise<StoredDocument> {
    return this.#storage.transact(environment.id, async (transaction) => {
      const existing = found(await transaction.document('flag', key), 'flag');
      checkPrecondition(existing, precondition);
      if (existing.isArchived) throw new Refusal('archived', 'The flag is archived: restore it first.');
      const flag = parse(existing);
      const wanted = isEnabled ?? flag.isEnabled !== true;
      if (wanted === flag.isEnabled) return existing;
      return transaction.write(draftOf(environment, existing, { ...flag, isEnabled: wanted }, flag));
    });
  }

  /**
   * Archives or restores a document.
   *
   * @returns the document; unchanged, version included, when it is in that state already.
   * @throws Refusal `segment_in_use`, or `invalid_document` when a flag asks for segments that are gone meanwhile.
   */
  setArchived(
    environment: Environment,
    kind: DocumentKind,
    key: string,
    isArchived: boolean,
    precondition: Precondition,
  ): Promise<StoredDocument> {
    return this.#storage.transact(environment.id, async (transaction) => {
      const existing = found(await transaction.document(kind, key), kind);
      checkPrecondition(existing, precondition);
      if (existing.isArchived === isArchived) return existing;
      const before = parse(existing);
      const reading = READERS[kind]({ ...before, isArchived }, key, before);
      return transaction.write(await this.#checked(transaction, environment, kind, existing, reading));
    });
  }

  async #checked(
    transaction: Transaction,
    environment: Environment,
    kind: DocumentKind,
    existing: StoredDocument | undefined,
    reading: Reading,
  ): Promise<DocumentDraft> {
    if (!reading.ok) throw invalid(reading.faults);
    const { document, key, isArchived, references } = reading;
    const faults = await segmentFaults(references, async (id) => {
      const segment = await transaction.document('segment', id);
      return segment && (segment.isArchived ? 'archived' : 'active');
    });
    if (faults.length > 0) throw invalid(faults);
    if (kind === 'segment' && isArchived && existing?.isArchived === false) await refuseIfUsed(transaction, key);
    return draftOf(environment, { kind, key, isArchived }, document, existing && parse(existing));
  }
}

async function refuseIfUsed(transaction: Transaction, segmentId: string): Promise<void> {
  const users = (await transaction.documents('flag')).filter(
    (flag) => !flag.isArchived && asksForSegments(flag) && segmentsOf(parseFlag(flag)).has(segmentId),
  );
  if (users.length === 0) return;
  const named = users.slice(0, 5).map(({ key }) => JSON.stringify(key));
  const more = users.length > named.length ? ` and ${users.length - named.length} more` : '';
  throw new Refusal(
    'segment_in_use',
    `The segment is asked for by the flags ${named.join(', ')}${more}: change or archive those first.`,
  );
}

/** Most flags have nothing to do with segments, and their text tells it without being parsed. */
function asksForSegments(flag: StoredDocument): boolean {
  return flag.text.includes(JSON.stringify(IN_SEGMENT)) || flag.text.includes(JSON.stringify(NOT_IN_SEGMENT));
}

/** Deepest nesting that is accepted. Without a bound of ours it would be that of the Node.js version in use. */
const MAX_DEPTH = 100;

function refuseTooDeep(input: unknown): void {
  let level = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw invalid([{ code: 'wrong_type', path: '', message: `The document is nested more than ${MAX_DEPTH} deep.` }]);
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

function checkPrecondition(existing: StoredDocument | undefined, precondition: Precondition): void {
  if (precondition === undefined || existing?.version === precondition) return;
  throw new Refusal(
    'version_mismatch',
    existing === undefined
      ? 'There is no such document yet, so it has no version to match.'
      : 'The document has been changed since it was read: read it again, then repeat the change.',
  );
}

function found(document: StoredDocument | undefined, kind: DocumentKind): StoredDocument {
  if (document !== undefined) return document;
  throw new Refusal('not_found', `There is no such ${kind} in this environment.`);
}

function invalid(faults: readonly Fault[]): Refusal {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new Refusal('invalid_document', `The document has ${count} and was not stored.`, faults);
}

/** What is stored has been read and checked before it was stored. */
function parse(document: StoredDocument): JsonObject {
  return JSON.parse(document.text) as JsonObject;
}

function parseFlag(document: StoredDocument): FlagDocument {
  return JSON.parse(document.text) as FlagDocument;
}

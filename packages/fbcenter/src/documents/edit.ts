import type { Actor } from '../model/actor.js';
import { type ChangeNote, changedFields } from '../model/audit.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { Fault, Warning } from '../model/fault.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { Turns } from '../runtime/turns.js';
import { documentPages } from '../storage/document-pages.js';
import type { Documents } from '../storage/documents.js';
import type { Storage, Transaction } from '../storage/storage.js';
import { draftOf } from './draft.js';
import type { Verdict } from './faults.js';
import { ENVIRONMENT_LIMITS, type EnvironmentLimits } from './limits.js';
import { tryPatterns } from './patterns.js';
import { SegmentUsers, segmentFaults, segmentInUse } from './references.js';

/** What is to be changed, and by whom. */
export interface Target {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly kind: DocumentKind;
  /** The flag's key or the segment's id. */
  readonly key: string;
  /** Whether the change may be made to a document of this version; `undefined` = to none yet. Absent = always. */
  readonly precondition?: ((version: number | undefined) => boolean) | undefined;
  readonly by: Actor;
  /** Why, as the audit log keeps it. */
  readonly note?: ChangeNote | undefined;
  /** Whether nobody waits for it any more: then it is not judged to its end. @default never */
  readonly isGone?: (() => boolean) | undefined;
}

/** What a change makes of a document: the new one, judged, or `'unchanged'` when it is already what it is to become. */
type Outcome = Verdict | 'unchanged';

/** One change of one document. What `change` throws is a Refusal. */
export type Edit = Target & {
  /** What the audit log calls it, a verb. */
  action(before: JsonObject | undefined, after: JsonObject): string;
} & (
    | {
        readonly creates: true;
        /** The new document, as it was sent. */
        readonly input: unknown;
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
  readonly warnings: readonly Warning[];
}

/** How often a change is judged anew because the document has changed meanwhile. */
const MAX_ATTEMPTS = 5;

/**
 * The one way in which a document changes: read, compare the version, change and judge; then, in one transaction, make sure that
 * it is still what was read, and write. Judging can take long, so nobody waits for it.
 *
 * @throws Refusal `invalid-document` with every fault, `version-mismatch`, `segment-in-use`, `limit-reached`, `busy`, or what the
 * change refuses.
 */
export async function makeEdit(
  storage: Pick<Storage, 'documents' | 'audit' | 'transact'>,
  edit: Edit,
  limits = ENVIRONMENT_LIMITS,
): Promise<Edited> {
  const { environment, kind, key } = edit;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = await storage.documents.get(environment.id, kind, key).catch((error: unknown) => {
      // What is damaged cannot be changed, but it can be replaced as a whole.
      if (edit.creates && (error as { readonly code?: unknown } | null)?.code === 'damaged-data') return undefined;
      throw error;
    });
    const decision = await decide(edit, before, storage);
    if (decision === 'unchanged') return { document: before ?? missing(kind), before, warnings: [] };
    const document = await storage.transact((transaction) => write(edit, before, decision, transaction, limits));
    if (document !== 'changed meanwhile') return { document, before, warnings: decision.warnings };
  }
  throw new Refusal('busy', 'The document changes faster than this change can be judged: send it again later.');
}

/**
 * Looks whether a change could be made now, and makes none.
 *
 * @throws Refusal as {@link makeEdit} would.
 */
export async function tryEdit(storage: Pick<Storage, 'documents' | 'audit'>, edit: Edit): Promise<void> {
  const { environment, kind, key } = edit;
  await decide(edit, await storage.documents.get(environment.id, kind, key), storage);
}

type Decision = Extract<Verdict, { readonly ok: true }> & { readonly existing: JsonObject | undefined };

async function decide(
  edit: Edit,
  before: StoredDocument | undefined,
  repositories: Pick<Storage, 'audit'>,
): Promise<Decision | 'unchanged'> {
  const { kind } = edit;
  if (before === undefined && !edit.creates) return missing(kind);
  await demandPrecondition(edit, before?.version, repositories);
  // What is stored was judged before it was stored.
  const existing = before && (JSON.parse(before.text) as JsonObject);
  await tryPatterns(edit.creates ? edit.input : existing, edit.isGone);
  const verdict = edit.creates ? edit.change(existing) : edit.change(existing ?? missing(kind));
  if (verdict === 'unchanged') return verdict;
  if (!verdict.ok) throw invalid(verdict.faults);
  return { ...verdict, existing };
}

async function write(
  edit: Edit,
  before: StoredDocument | undefined,
  decision: Decision,
  transaction: Transaction,
  limits: EnvironmentLimits,
): Promise<StoredDocument | 'changed meanwhile'> {
  const { environment, kind, key, creates, by, note } = edit;
  const { documents, audit } = transaction;
  if ((await documents.version(environment.id, kind, key)) !== before?.version) return 'changed meanwhile';
  await checkReferences(edit, decision, before, transaction);
  const document = await documents.write(environment.id, draftOf(edit, decision, decision.existing));
  await audit.appendDocument({
    ...note,
    actor: by,
    action: edit.action(decision.existing, decision.document),
    environment: environment.key,
    kind,
    key,
    before,
    after: document,
    fields: changedFields(decision.existing, decision.document),
  });
  // What makes nothing grow goes through in an environment that is full: above all the switch of a flag.
  if (creates && document.text.length > (before?.text.length ?? 0)) {
    refuseIfFull(await documents.usage(environment.id), limits);
  }
  return document;
}

/** @throws Refusal `limit-reached` */
export function refuseIfFull(
  usage: { readonly documents: number; readonly bytes: number },
  limits: EnvironmentLimits,
): void {
  if (usage.documents <= limits.documents && usage.bytes <= limits.bytes) return;
  const bound = `${limits.documents.toLocaleString('en')} flags and segments of ${limits.bytes / (1024 * 1024)} MiB together`;
  throw new Refusal('limit-reached', `An environment takes ${bound}: archive what is not needed, then delete it.`);
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
  const stateOf = (id: string) => documents.state(environment.id, 'segment', id);
  const faults = await segmentFaults(references, stateOf, isArchived);
  if (faults.length > 0) throw invalid(faults);
  if (kind !== 'segment' || !isArchived || before?.isArchived !== false) return;
  const users = (await activeUsersOf([key], environment.id, documents)).of(key);
  if (users.length > 0) throw segmentInUse(users);
}

/** The active flags that use some segments; looks through all flags once, in turns of the event loop. */
export async function activeUsersOf(
  segmentIds: readonly string[],
  environmentId: string,
  documents: Documents,
): Promise<SegmentUsers> {
  const turns = new Turns();
  const users = new SegmentUsers(segmentIds);
  for await (const page of documentPages(documents, environmentId, 'flag', { archived: false })) {
    for (const flag of page) users.look(flag);
    if (turns.isDue) await turns.next();
  }
  return users;
}

/**
 * People look at a document and change what they have seen, so they must say which version that was; a program may know what it
 * wants whatever there is.
 *
 * @throws Refusal `version-mismatch`, which says who was quicker, or `precondition-required`.
 */
export async function demandPrecondition(
  { environment, kind, key, precondition, by }: Target,
  version: number | undefined,
  { audit }: Pick<Storage, 'audit'>,
): Promise<void> {
  if (precondition === undefined) {
    if (version === undefined || by.kind !== 'user') return;
    throw new Refusal(
      'precondition-required',
      'Send If-Match with the version that you have seen, as the ETag has it: somebody else may have changed it since.',
    );
  }
  if (precondition(version)) return;
  if (version === undefined) {
    throw new Refusal('version-mismatch', 'There is no such document yet, and If-Match demands one.');
  }
  const entry = await audit.entryOf(environment.key, kind, key, version);
  throw new Refusal(
    'version-mismatch',
    `The document is there, and at version "${version}" If-Match or If-None-Match forbids the change: read it again, then repeat the change.`,
    undefined,
    { version, changedBy: entry?.actor },
  );
}

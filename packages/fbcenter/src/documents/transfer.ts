import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import type { StoredDocument } from '../model/document.js';
import type { Environment } from '../model/environment.js';
import type { Fault } from '../model/fault.js';
import { Refusal } from '../model/refusal.js';
import { Turns } from '../runtime/turns.js';
import type { Storage, Transaction } from '../storage/storage.js';
import { draftOf } from './draft.js';
import { activeUsersOf, invalid, refuseIfFull } from './edit.js';
import type { Item } from './environment-file.js';
import { ENVIRONMENT_LIMITS } from './limits.js';
import { type Plan, type PlanItem, type PlanOptions, planOf } from './plan.js';
import { segmentFaults } from './references.js';

/** Documents that are to be put into an environment, all of them or none. */
export interface Transfer extends PlanOptions {
  readonly action: 'import' | 'promote';
  readonly into: Pick<Environment, 'id' | 'key'>;
  /** Reads what is to be put there; called again when something has changed meanwhile. */
  items(): Promise<readonly Item[]>;
  /** The digest of the plan that was looked at: when it would be another one by now, nothing is done. */
  readonly expected?: string | undefined;
  readonly by: Actor;
  readonly note: ChangeNote;
}

/** What was done: the plan with the versions that it made. */
export interface Transferred {
  readonly plan: Plan;
  readonly group: string;
  /** By kind and key, as `flag new-checkout`. */
  readonly versions: ReadonlyMap<string, number>;
}

type Stored = Pick<Storage, 'changes' | 'transact'>;

/** Undoes the transaction: what was planned is not what there is. */
class ChangedMeanwhile extends Error {}

/** How often a transfer is planned anew because something has changed meanwhile. */
const MAX_ATTEMPTS = 5;

/** What a transfer would do. */
export async function planTransfer({ changes }: Pick<Stored, 'changes'>, transfer: Transfer): Promise<Plan> {
  const items = await transfer.items();
  const { documents } = await changes.everything(transfer.into.id);
  return planOf(items, documents, transfer);
}

/**
 * Plans, then does all of it in one transaction, provided that the documents are still those of the plan.
 *
 * @throws Refusal `invalid-document` with the faults of all items, `version-mismatch` when the plan is not the expected one,
 * `limit-reached`, `busy`.
 */
export async function makeTransfer(
  storage: Stored,
  transfer: Transfer,
  limits = ENVIRONMENT_LIMITS,
): Promise<Transferred> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const plan = await planTransfer(storage, transfer);
    const faults = plan.items.flatMap(faultsOf);
    if (faults.length > 0) throw invalid(faults);
    if (transfer.expected !== undefined && transfer.expected !== plan.digest) {
      throw new Refusal('version-mismatch', 'Something has changed since this was looked at: look at it again.');
    }
    try {
      return await storage.transact((transaction) => carryOut(plan, transfer, transaction, limits));
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }
  throw new Refusal('busy', 'The environment changes faster than this can be judged: try again later.');
}

/** With the place of the item in front. */
export function faultsOf(item: PlanItem): readonly Fault[] {
  if (item.outcome !== 'faulty') return [];
  return item.faults.map((fault) => ({
    ...fault,
    path: fault.path === '' ? item.path : `${item.path}.${fault.path}`,
  }));
}

async function carryOut(
  plan: Plan,
  { into, by, note, action }: Transfer,
  transaction: Transaction,
  limits: typeof ENVIRONMENT_LIMITS,
): Promise<Transferred> {
  const { documents, audit } = transaction;
  const group = note.group ?? randomUUID();
  const versions = new Map<string, number>();
  const turns = new Turns();
  for (const item of plan.items) {
    const { kind, key, before, fields } = item;
    if (item.outcome === 'faulty') continue;
    if ((await documents.version(into.id, kind, key)) !== before?.version) throw new ChangedMeanwhile();
    if (item.outcome === 'same') continue;
    const draft = draftOf({ environment: into, kind, by }, item.verdict, item.existing);
    const after: StoredDocument = await documents.write(into.id, draft);
    versions.set(`${kind} ${key}`, after.version);
    const entry = { ...note, group, actor: by, action, environment: into.key, kind, key, before, after, fields };
    await audit.appendDocument(entry);
    if (turns.isDue) await turns.next();
  }
  if (versions.size === 0) return { plan, group, versions };
  if (!(await isSound(plan, into.id, transaction))) throw new ChangedMeanwhile();
  const subject = { kind: 'environment', key: into.key, environment: into.key };
  await audit.append({ ...note, group, actor: by, action, subject, after: countsOf(plan) });
  refuseIfFull(await documents.usage(into.id), limits);
  return { plan, group, versions };
}

/** What the plan does not know: other segments that its flags ask about, and other flags, may have changed since. */
async function isSound({ items }: Plan, environmentId: string, { documents }: Transaction): Promise<boolean> {
  const turns = new Turns();
  const archived: string[] = [];
  for (const item of items) {
    if (item.outcome === 'faulty') continue;
    const { references, isArchived } = item.verdict;
    const stateOf = (id: string) => documents.state(environmentId, 'segment', id);
    const faults = await segmentFaults(references, stateOf, isArchived);
    if (faults.length > 0) return false;
    if (item.kind === 'segment' && isArchived && item.before?.isArchived === false) archived.push(item.key);
    if (turns.isDue) await turns.next();
  }
  return archived.length === 0 || !(await activeUsersOf(archived, environmentId, documents)).areThere;
}

/** How many items have which outcome. */
export function countsOf({ items }: Plan): Readonly<Record<PlanItem['outcome'], number>> {
  const count = (outcome: PlanItem['outcome']) => items.filter((item) => item.outcome === outcome).length;
  return { created: count('created'), changed: count('changed'), same: count('same'), faulty: count('faulty') };
}

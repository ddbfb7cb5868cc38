import { Refusal } from '../model/refusal.js';
import type { Storage } from '../storage/storage.js';
import { mismatch, missing, type Target } from './edit.js';

/**
 * Deletes an archived document for good. SDKs that may not have heard that it was archived are given everything anew.
 *
 * @throws Refusal `not-found`, `version-mismatch`, or `not-archived` while evaluations may need it.
 */
export function deleteArchived(storage: Pick<Storage, 'transact'>, target: Omit<Target, 'by'>): Promise<void> {
  const { environment, kind, key, precondition } = target;
  return storage.transact(async ({ documents, insights }) => {
    const document = await documents.get(environment.id, kind, key);
    if (document === undefined) return missing(kind);
    if (precondition?.(document.version) === false) throw mismatch(document);
    if (!document.isArchived) throw new Refusal('not-archived', `The ${kind} is in use: archive it first.`);
    await documents.delete(environment.id, kind, key);
    if (kind === 'flag') await insights.forget(environment.id, key);
  });
}

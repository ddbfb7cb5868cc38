import { changedFields } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';
import type { Storage } from '../storage/storage.js';
import { demandPrecondition, missing, type Target } from './edit.js';

/**
 * Deletes an archived document for good. SDKs that may not have heard that it was archived are given everything anew.
 *
 * @throws Refusal `not-found`, `version-mismatch`, or `not-archived` while evaluations may need it.
 */
export function deleteArchived(storage: Pick<Storage, 'transact'>, target: Target): Promise<void> {
  const { environment, kind, key, by, note } = target;
  return storage.transact(async ({ documents, insights, triggers, audit }) => {
    const document = await documents.get(environment.id, kind, key);
    if (document === undefined) return missing(kind);
    await demandPrecondition(target, document.version, { audit });
    if (!document.isArchived) throw new Refusal('not-archived', `The ${kind} is in use: archive it first.`);
    await documents.delete(environment.id, kind, key);
    if (kind === 'flag') {
      await insights.forget(environment.id, key);
      // Whoever makes a flag of this key later has not given these addresses away.
      await triggers.removeOf(environment.id, key);
    }
    const fields = changedFields(JSON.parse(document.text), undefined);
    await audit.appendDocument({
      ...note,
      actor: by,
      action: 'delete',
      environment: environment.key,
      kind,
      key,
      before: document,
      after: undefined,
      fields,
    });
  });
}

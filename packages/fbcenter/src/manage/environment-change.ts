import type { EnvironmentBody } from '../api/answers.js';
import type { TransferBody } from '../api/transfer.js';
import { CenterError } from '../errors.js';
import type { WantedEnvironment } from './apply-files.js';
import { type Change, compare, placed, type WantedFault } from './comparison.js';
import { inEnvironment, type Management, RefusedError } from './management.js';
import { type EnvironmentDocuments, fileOf, itemsOf, keyOf, storedOf, type WantedDocument } from './wanted.js';

/** How far an environment is made what is wanted. */
export interface ChangeOptions {
  /** Whether flags take over whether they are on. */
  readonly withSwitch: boolean;
  /** Whether what is not wanted is archived. */
  readonly prune: boolean;
}

/** What would become of an environment. */
export interface EnvironmentChange {
  readonly key: string;
  readonly isNew: boolean;
  /** What is different of the environment itself. */
  readonly description: { readonly name?: string; readonly isProtected?: boolean };
  readonly changes: readonly Change[];
  readonly same: number;
  readonly faults: readonly WantedFault[];
  /** Stands for the state that it was planned on. */
  readonly digest: string;
  /** What is sent. */
  readonly documents: readonly WantedDocument[];
}

/**
 * Plans what would make an environment what is wanted; nothing is done. The center's own plan comes first: what is read after it and compared for people
 * to see cannot be older than what the plan stands for.
 *
 * @param existing those of the center.
 */
export async function planChange(
  management: Management,
  wanted: WantedEnvironment,
  existing: EnvironmentBody | undefined,
  options: ChangeOptions,
): Promise<EnvironmentChange> {
  const { key } = wanted;
  const description = descriptionOf(wanted, existing);
  if (existing === undefined) {
    const { changes, faults, same } = await compare(wanted.documents, [], options);
    return { key, isNew: true, description, changes, same, faults, digest: 'new', documents: wanted.documents };
  }
  const pruned = options.prune ? prunedOf(wanted.documents, await exported(management, key)) : [];
  const documents = [...wanted.documents, ...pruned];
  const items = itemsOf(documents);
  const plan = await transfer(management, key, documents, { dryRun: 'true', withSwitch: String(options.withSwitch) });
  const faults = plan.items.flatMap((one) => {
    const item = items.find(({ path }) => path === one.path);
    return one.faults.map((fault) => placed(fault, item));
  });
  const { changes, same } = await compare(documents, storedOf(await exported(management, key)), options);
  for (const { path, fields } of plan.items) {
    const item = items.find((one) => one.path === path);
    const isPruned = item !== undefined && pruned.includes(item.wanted);
    if (isPruned && fields.some((field) => field !== 'isArchived')) throw changedMeanwhile(key);
  }
  return { key, isNew: false, description, changes, same, faults, digest: plan.plan, documents };
}

/**
 * Does what was planned: all of it or, for what concerns flags and segments, nothing.
 *
 * @throws CenterError when anything that it is about has changed since.
 */
export async function makeChange(
  management: Management,
  { key, isNew, description, changes, documents, digest }: EnvironmentChange,
  { withSwitch }: ChangeOptions,
): Promise<void> {
  const { name, isProtected } = description;
  if (isNew)
    await management.call('/environments', { method: 'POST', body: { key, ...(name !== undefined && { name }) } });
  const changed = isNew ? { ...(isProtected !== undefined && { isProtected }) } : description;
  if (Object.keys(changed).length > 0) await management.call(inEnvironment(key), { method: 'PUT', body: changed });
  if (changes.length === 0) return;
  const plan = isNew ? {} : { plan: digest };
  await transfer(management, key, documents, { ...plan, withSwitch: String(withSwitch) }).catch((error: unknown) => {
    throw error instanceof RefusedError && error.reason === 'version-mismatch' ? changedMeanwhile(key) : error;
  });
}

/** Whether there is anything to do. */
export function isDifferent({ isNew, description, changes }: EnvironmentChange): boolean {
  return isNew || changes.length > 0 || Object.keys(description).length > 0;
}

export async function exported(management: Management, key: string): Promise<EnvironmentDocuments> {
  return management.call<EnvironmentDocuments>(inEnvironment(key, '/export'));
}

export function changedMeanwhile(key: string): CenterError {
  const message = `Somebody else has changed ${key} meanwhile: nothing was overwritten there. Look at what there is now, and do it again`;
  return new CenterError('unreachable', message);
}

function transfer(
  management: Management,
  key: string,
  documents: readonly WantedDocument[],
  query: Readonly<Record<string, string>>,
): Promise<TransferBody> {
  const path = inEnvironment(key, `/import?${new URLSearchParams(query)}`);
  return management.call<TransferBody>(path, { method: 'POST', body: fileOf(itemsOf(documents)) });
}

function descriptionOf(
  { key, name, isProtected }: WantedEnvironment,
  existing: EnvironmentBody | undefined,
): EnvironmentChange['description'] {
  const now = existing ?? { name: key, isProtected: false };
  return {
    ...(name !== undefined && name !== now.name && { name }),
    ...(isProtected !== undefined && isProtected !== now.isProtected && { isProtected }),
  };
}

/** What is there, active and not wanted, as archived. */
function prunedOf(wanted: readonly WantedDocument[], there: EnvironmentDocuments): readonly WantedDocument[] {
  const names = new Set(wanted.map((document) => `${document.kind} ${keyOf(document)}`));
  return storedOf(there)
    .filter(({ kind, key, isArchived }) => !isArchived && !names.has(`${kind} ${key}`))
    .map(({ kind, key, text }) => ({
      kind,
      input: { ...JSON.parse(text), isArchived: true },
      place: () => `the ${kind} ${key}, which the files do not name`,
    }));
}

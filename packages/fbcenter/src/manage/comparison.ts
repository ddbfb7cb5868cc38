import { planOf } from '../documents/plan.js';
import { countsOf, faultsOf } from '../documents/transfer.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import { isEqualJson, isJsonObject, type JsonObject } from '../model/json.js';
import { itemsOf, keyOf, type WantedDocument } from './wanted.js';

/** One place in a document that is different. */
export interface Difference {
  /** Such as `rules[0].variations[1].rollout[1]`. */
  readonly path: string;
  /** Absent = it was not there. */
  readonly before?: unknown;
  /** Absent = it is not there any more. */
  readonly after?: unknown;
}

/** What becomes of a document, or of a user. */
export interface Change {
  readonly kind: DocumentKind | 'user';
  readonly key: string;
  readonly outcome: 'created' | 'changed' | 'removed';
  readonly differences: readonly Difference[];
}

/** Why something that can be understood is not done: nobody would be left who may do everything, or whoever applies it would be shut out. */
type WantedFaultCode = 'last-admin' | 'own-access';

/** What is wrong with something that is wanted, with the place where it stands. */
export interface WantedFault {
  readonly place: string;
  readonly message: string;
  readonly code?: WantedFaultCode;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly faults: readonly WantedFault[];
  /** How many are already what they are to be. */
  readonly same: number;
}

interface CompareOptions {
  /** Whether flags take over whether they are on. */
  readonly withSwitch: boolean;
  /** Whether what is not wanted is listed as removed. */
  readonly withRemoved?: boolean;
}

/** What is different between documents that are wanted and those that are there, by the rules by which the center itself judges them. */
export async function compare(
  wanted: readonly WantedDocument[],
  there: readonly StoredDocument[],
  { withSwitch, withRemoved = false }: CompareOptions,
): Promise<Comparison> {
  const items = itemsOf(wanted);
  const plan = await planOf(items, there, { withSwitch });
  const changes: Change[] = [];
  const faults: WantedFault[] = [];
  for (const [index, item] of plan.items.entries()) {
    const { kind, key, outcome } = item;
    if (outcome === 'faulty') faults.push(...faultsOf(item).map((fault) => placed(fault, items[index])));
    if (outcome !== 'created' && outcome !== 'changed') continue;
    const after = item.verdict.document;
    const differences = outcome === 'created' ? [] : differencesOf(item.existing, after, item.fields);
    changes.push({ kind, key, outcome, differences });
  }
  if (withRemoved) changes.push(...removed(wanted, there));
  return { changes, faults, same: countsOf(plan).same };
}

/** Documents as the center would keep them, with every default; what cannot be used is among the faults. */
export async function judged(
  documents: readonly WantedDocument[],
): Promise<{ readonly stored: readonly StoredDocument[]; readonly faults: readonly WantedFault[] }> {
  const items = itemsOf(documents);
  const plan = await planOf(items, [], { withSwitch: true });
  const faults = plan.items.flatMap((item, index) => faultsOf(item).map((fault) => placed(fault, items[index])));
  const stored = plan.items.flatMap((item) => {
    if (item.outcome === 'faulty') return [];
    const { kind, key, verdict } = item;
    return [{ kind, key, version: 0, isArchived: verdict.isArchived, text: JSON.stringify(verdict.document) }];
  });
  return { stored, faults };
}

/** Finds the place in the files for a fault that has its place in the lists that were sent. */
export function placed(
  { path, message }: { readonly path: string; readonly message: string },
  item: { readonly path: string; readonly wanted: WantedDocument } | undefined,
): WantedFault {
  if (item === undefined || !path.startsWith(item.path)) return { place: path, message };
  const within = path.slice(item.path.length).replace(/^\./, '');
  return { place: item.wanted.place(within), message: within === '' ? message : `${within}: ${message}` };
}

function removed(wanted: readonly WantedDocument[], there: readonly StoredDocument[]): readonly Change[] {
  const names = new Set(wanted.map((document) => `${document.kind} ${keyOf(document)}`));
  return there
    .filter(({ kind, key }) => !names.has(`${kind} ${key}`))
    .map(({ kind, key }) => ({ kind, key, outcome: 'removed', differences: [] }));
}

/** What is different within the fields that are. */
export function differencesOf(
  before: JsonObject | undefined,
  after: JsonObject,
  fields: readonly string[],
): readonly Difference[] {
  return fields.flatMap((field) => leaves(before?.[field], after[field], field));
}

/** Goes into objects, and into lists of the same length; anything else that is different is different as a whole. */
function leaves(before: unknown, after: unknown, path: string): readonly Difference[] {
  if (isEqualJson(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => leaves(before[name], after[name], `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => leaves(item, after[index], `${path}[${index}]`));
  }
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

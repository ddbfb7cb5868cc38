import { createHash } from 'node:crypto';
import { changedFields } from '../model/audit.js';
import type { DocumentKind, StoredDocument } from '../model/document.js';
import type { Fault, Warning } from '../model/fault.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { Turns } from '../runtime/turns.js';
import type { Item } from './environment-file.js';
import type { Verdict } from './faults.js';
import { judge } from './judge.js';
import { tryPatterns } from './patterns.js';
import { SegmentUsers, segmentFaults } from './references.js';

type Judged = Extract<Verdict, { readonly ok: true }>;

/** What becomes of one item. */
export type PlanItem = Pick<Item, 'kind' | 'path'> & {
  /** The flag's key or the segment's id; what the input says when it cannot be used. */
  readonly key: string;
  readonly before: StoredDocument | undefined;
  /** The parts that are different. */
  readonly fields: readonly string[];
} & (
    | { readonly outcome: 'faulty'; readonly faults: readonly Fault[] }
    | { readonly outcome: 'same'; readonly verdict: Judged }
    | {
        readonly outcome: 'created' | 'changed';
        readonly verdict: Judged;
        readonly existing: JsonObject | undefined;
      }
  );

export interface Plan {
  readonly items: readonly PlanItem[];
  /** Stands for all that the plan would do: another one means that something is different by now. */
  readonly digest: string;
}

export interface PlanOptions {
  /** Whether flags take over whether they are on; otherwise they stay as they are, and new ones begin off. */
  readonly withSwitch: boolean;
  /** Whether nobody waits for it any more. @default never */
  readonly isGone?: (() => boolean) | undefined;
}

/** What putting documents into an environment would do to each; nothing is done yet. Takes turns of the event loop. */
export async function planOf(
  items: readonly Item[],
  documents: readonly StoredDocument[],
  { withSwitch, isGone }: PlanOptions,
): Promise<Plan> {
  const turns = new Turns(isGone);
  const there = new Map(documents.map((document) => [nameOf(document.kind, document.key), document]));
  const seen = new Set<string>();
  const planned: PlanItem[] = [];
  for (const item of items) {
    const { kind, path } = item;
    const key = keyIn(item);
    const before = there.get(nameOf(kind, key));
    const existing = before && (JSON.parse(before.text) as JsonObject);
    const input = withSwitch || kind === 'segment' ? item.input : withSwitchOf(item.input, existing);
    await tryPatterns(input, isGone);
    const verdict = judge(kind, input, undefined, existing);
    const common = { kind, path, key, before };
    if (seen.has(nameOf(kind, key))) {
      const fault = { code: 'duplicate-id', path: kind === 'flag' ? 'key' : 'id', message: 'Is there twice.' } as const;
      planned.push({ ...common, fields: [], outcome: 'faulty', faults: [fault] });
    } else if (!verdict.ok) {
      planned.push({ ...common, fields: [], outcome: 'faulty', faults: verdict.faults });
    } else {
      const fields = changedFields(existing, verdict.document);
      if (existing !== undefined && fields.length === 0) planned.push({ ...common, fields, outcome: 'same', verdict });
      else {
        const outcome = existing === undefined ? 'created' : 'changed';
        planned.push({ ...common, fields, outcome, verdict, existing });
      }
    }
    seen.add(nameOf(kind, key));
    if (turns.isDue) await turns.next();
  }
  const checked = await withReferences(planned, there, turns);
  return { items: checked, digest: await digestOf(checked, turns) };
}

/** Warnings of an item, for whoever looks at the plan. */
export function warningsOf(item: PlanItem): readonly Warning[] {
  return item.outcome === 'faulty' ? [] : item.verdict.warnings;
}

/** Finds segments that flags would ask for in vain, once everything is there. */
async function withReferences(
  planned: readonly PlanItem[],
  there: ReadonlyMap<string, StoredDocument>,
  turns: Turns,
): Promise<readonly PlanItem[]> {
  const states = new Map<string, 'active' | 'archived'>();
  for (const { kind, key, isArchived } of there.values()) {
    if (kind === 'segment') states.set(key, isArchived ? 'archived' : 'active');
  }
  const archived: string[] = [];
  for (const item of planned) {
    if (item.kind !== 'segment' || item.outcome === 'faulty') continue;
    const { isArchived } = item.verdict;
    if (isArchived && states.get(item.key) === 'active') archived.push(item.key);
    states.set(item.key, isArchived ? 'archived' : 'active');
  }
  const left = new Map(there);
  for (const { kind, key } of planned) left.delete(nameOf(kind, key));
  const users = new SegmentUsers(archived);
  for (const document of archived.length === 0 ? [] : left.values()) {
    if (document.kind === 'flag' && !document.isArchived) users.look(document);
    if (turns.isDue) await turns.next();
  }
  const checked: PlanItem[] = [];
  for (const item of planned) {
    const faults =
      item.outcome === 'faulty'
        ? []
        : item.kind === 'flag'
          ? await segmentFaults(item.verdict.references, async (id) => states.get(id), item.verdict.isArchived)
          : usedFaults(users.of(item.key));
    const { kind, path, key, before } = item;
    checked.push(faults.length === 0 ? item : { kind, path, key, before, fields: [], outcome: 'faulty', faults });
    if (turns.isDue) await turns.next();
  }
  return checked;
}

function usedFaults(users: readonly string[]): readonly Fault[] {
  if (users.length === 0) return [];
  const named = users
    .slice(0, 5)
    .map((key) => JSON.stringify(key))
    .join(', ');
  const message = `Flags ask about it that are not among these: ${named}. Change or archive those first.`;
  return [{ code: 'archived-segment', path: 'isArchived', message }];
}

function withSwitchOf(input: unknown, existing: JsonObject | undefined): unknown {
  return isJsonObject(input) ? { ...input, isEnabled: existing?.isEnabled === true } : input;
}

function keyIn({ kind, input }: Item): string {
  const key = isJsonObject(input) ? input[kind === 'flag' ? 'key' : 'id'] : undefined;
  return typeof key === 'string' ? key : '';
}

function nameOf(kind: DocumentKind, key: string): string {
  return `${kind} ${key}`;
}

async function digestOf(items: readonly PlanItem[], turns: Turns): Promise<string> {
  const hash = createHash('sha256');
  for (const item of items) {
    const { kind, key, outcome, before } = item;
    const becomes = item.outcome === 'faulty' ? item.faults : item.outcome === 'same' ? null : item.verdict.document;
    hash.update(JSON.stringify([kind, key, outcome, before?.version ?? null, becomes]));
    if (turns.isDue) await turns.next();
  }
  return hash.digest('hex').slice(0, 32);
}

import type { DocumentKind } from '../model/document.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { type Edit, invalid, type Target } from './edit.js';
import { judge } from './judge.js';

/** Creates or replaces a document. @throws Refusal when it is nested too deeply to be kept. */
export function put(target: Target, input: unknown): Edit {
  refuseTooDeep(input);
  return {
    ...target,
    creates: true,
    input,
    action: (before) => (before === undefined ? 'create' : 'update'),
    change(before) {
      // Whoever does not know that it is archived would believe that it is served now.
      const saysSo = isJsonObject(input) && typeof input.isArchived === 'boolean';
      if (before?.isArchived === true && !saysSo) throw archivedAlready(target.kind);
      return judge(target.kind, input, target.key, before);
    },
  };
}

/**
 * Switches a flag on or off.
 *
 * @param isEnabled what to switch it to; absent = the other state.
 */
export function toggle(target: Omit<Target, 'kind'>, isEnabled?: boolean): Edit {
  return {
    ...target,
    kind: 'flag',
    creates: false,
    action: (_, after) => (after.isEnabled === true ? 'switch-on' : 'switch-off'),
    change(before) {
      if (before.isArchived === true) throw new Refusal('archived', 'The flag is archived: restore it first.');
      const wanted = isEnabled ?? before.isEnabled !== true;
      if (wanted === before.isEnabled) return 'unchanged';
      // Not judged anew: a flag must be possible to switch off even if a rule has come up that it breaks.
      const document: JsonObject = { ...before, isEnabled: wanted };
      return { ok: true, document, key: target.key, isArchived: false, references: [], warnings: [] };
    },
  };
}

/** Archives a document or restores it. A flag is judged anew: the segments that it uses may be gone meanwhile. */
export function setArchived(target: Target, isArchived: boolean): Edit {
  const { kind, key } = target;
  return {
    ...target,
    creates: false,
    action: () => (isArchived ? 'archive' : 'restore'),
    change(before) {
      if ((before.isArchived === true) === isArchived) return 'unchanged';
      return judge(kind, { ...before, isArchived }, key, before);
    },
  };
}

/**
 * Makes a document what it was in a version. It is judged as any other change: what it asks about may be gone, and a version that was
 * archived stays so.
 *
 * @param text the document as it was, as the audit log has it.
 */
export function putBack(target: Target, version: number, text: string): Edit {
  const input: unknown = JSON.parse(text);
  return {
    ...target,
    note: { ...target.note, source: `version ${version}` },
    creates: true,
    input,
    action: () => 'put-back',
    change: (before) => judge(target.kind, input, target.key, before),
  };
}

function archivedAlready(kind: DocumentKind): Refusal {
  return new Refusal(
    'archived',
    `A ${kind} of this key is archived: restore it first, or send "isArchived": false to restore it with this change.`,
  );
}

/** Deepest nesting that is accepted. Without a bound of ours it would be that of the Node.js version in use. */
const MAX_DEPTH = 100;

function refuseTooDeep(input: unknown): void {
  let level = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw invalid([{ code: 'wrong-type', path: '', message: `The document is nested more than ${MAX_DEPTH} deep.` }]);
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
}

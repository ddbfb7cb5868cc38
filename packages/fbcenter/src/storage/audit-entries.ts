import { createHash } from 'node:crypto';
import { StorageError } from '../errors.js';
import { type Actor, CENTER } from '../model/actor.js';
import {
  AUDIT_LIMITS,
  type AuditDetail,
  type AuditDraft,
  type AuditEntry,
  changedFields,
  type DocumentAuditDraft,
} from '../model/audit.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { shortened } from '../model/shortened.js';

/** An entry of the audit log as every storage keeps it. */
export interface AuditRow {
  readonly id: number;
  readonly at: number;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly action: string;
  readonly kind: string;
  readonly key: string;
  readonly environment: string | null;
  readonly fields: string;
  readonly before_version: number | null;
  readonly version: number | null;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  readonly comment: string | null;
  readonly change_group: string | null;
  readonly source: string | null;
  readonly digest: string;
}

/** The columns of an {@link AuditRow}. */
export const COLUMNS = `id, at, actor_kind, actor_id, actor_name, action, kind, key, environment, fields, before_version, version,
  before_digest, after_digest, comment, change_group, source, digest`;

export function fromRow(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id, name: row.actor_name },
    action: row.action,
    subject: { kind: row.kind, key: row.key, environment: row.environment ?? undefined },
    fields: fieldsIn(row.fields),
    beforeVersion: row.before_version ?? undefined,
    version: row.version ?? undefined,
    comment: row.comment ?? undefined,
    group: row.change_group ?? undefined,
    source: row.source ?? undefined,
  };
}

/** Nothing when it is damaged: the entry can still be read, and the check at the start says that it is not what was written. */
function fieldsIn(text: string): readonly string[] {
  try {
    const fields: unknown = JSON.parse(text);
    return Array.isArray(fields) ? fields.map(String) : [];
  } catch {
    return [];
  }
}

function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The digest of an entry covers that of the entry before it: whoever changes one entry has to write all later ones anew. */
export function auditDigest(previous: string, row: Omit<AuditRow, 'digest'>): string {
  const { id, at, actor_kind, actor_id, actor_name, action, kind, key, environment, fields } = row;
  const { before_version, version, before_digest, after_digest, comment, change_group, source } = row;
  const who = [actor_kind, actor_id, actor_name];
  const what = [action, kind, key, environment, fields, before_version, version, before_digest, after_digest];
  return textDigest(JSON.stringify([previous, id, at, ...who, ...what, comment, change_group, source]));
}

/** An entry that is to be kept, with the texts of what was before and after. */
export type EntryDraft = Omit<AuditDetail, 'id'>;

/** What is kept of something that was done and is no document. */
export function entryOf(draft: AuditDraft, now: number): EntryDraft {
  const { before, after, at = now, ...rest } = draft;
  const [was, is] = [withoutCredentials(before), withoutCredentials(after)];
  return {
    ...rest,
    at,
    fields: changedFields(was, is),
    beforeVersion: undefined,
    version: undefined,
    before: stateText(was),
    after: stateText(is),
  };
}

/** What is kept of a change of a document. */
export function documentEntryOf(draft: DocumentAuditDraft, now: number): EntryDraft {
  const { environment, kind, key, before, after, fields, ...rest } = draft;
  return {
    ...rest,
    at: now,
    subject: { kind, key, environment },
    fields,
    beforeVersion: before?.version,
    version: after?.version,
    before: before?.text,
    after: after?.text,
  };
}

/** The row of a new entry, chained to the last one. */
export function nextRow(entry: EntryDraft, last: Pick<AuditRow, 'id' | 'at' | 'digest'> | undefined): AuditRow {
  const { actor, subject } = entry;
  const row: Omit<AuditRow, 'digest'> = {
    id: (last?.id ?? 0) + 1,
    // The clock may be set back, and the order of entries is that in which they were written.
    at: Math.max(entry.at, last?.at ?? 0),
    actor_kind: actor.kind,
    actor_id: shortened(actor.id, AUDIT_LIMITS.actor),
    actor_name: shortened(actor.name, AUDIT_LIMITS.actor),
    action: shortened(entry.action, AUDIT_LIMITS.action),
    kind: shortened(subject.kind, AUDIT_LIMITS.kind),
    key: shortened(subject.key, AUDIT_LIMITS.key),
    environment: subject.environment ?? null,
    fields: JSON.stringify(entry.fields.slice(0, AUDIT_LIMITS.fields).map((name) => shortened(name, AUDIT_LIMITS.key))),
    before_version: entry.beforeVersion ?? null,
    version: entry.version ?? null,
    before_digest: entry.before === undefined ? null : textDigest(entry.before),
    after_digest: entry.after === undefined ? null : textDigest(entry.after),
    comment: entry.comment === undefined ? null : shortened(entry.comment, AUDIT_LIMITS.comment),
    change_group: entry.group === undefined ? null : shortened(entry.group, AUDIT_LIMITS.group),
    source: entry.source === undefined ? null : shortened(entry.source, AUDIT_LIMITS.source),
  };
  return { ...row, digest: auditDigest(last?.digest ?? '', row) };
}

/**
 * A text of the log, compared with the digest that it is kept by.
 *
 * @throws StorageError `damaged-data` when it is not what was written.
 */
export function intactText(text: string | undefined, digest: string): string {
  if (text !== undefined && textDigest(text) === digest) return text;
  throw new StorageError('A text of the audit log is damaged on the disk: restore a backup to see it.', {
    code: 'damaged-data',
  });
}

/** What is written down about entries that are forgotten. */
export function pruning(time: number, entries: number): AuditDraft {
  const after = { before: new Date(time).toISOString(), entries };
  return { actor: CENTER, action: 'prune', subject: { kind: 'audit', key: 'audit' }, after };
}

/** A state as it is kept: what is too long for an entry is left out as a whole. */
function stateText(state: JsonObject | undefined): string | undefined {
  if (state === undefined) return undefined;
  const text = JSON.stringify(state);
  return text.length <= AUDIT_LIMITS.state ? text : JSON.stringify({ tooLong: true, length: text.length });
}

const CREDENTIAL = /(?:secret|token|password|credential)s?$/i;

/** Whoever writes something down should give no credential; if one is given all the same, it is not kept. */
function withoutCredentials(state: JsonObject | undefined): JsonObject | undefined {
  return state && (cleaned(state) as JsonObject);
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    typeof member === 'string' && CREDENTIAL.test(name) ? 'not kept' : cleaned(member),
  ]);
  return Object.fromEntries(members);
}

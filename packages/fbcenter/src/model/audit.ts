import type { Actor } from './actor.js';
import { type DocumentKind, SERVER_FIELDS, type StoredDocument } from './document.js';
import { isEqualJson, type JsonObject } from './json.js';

/** What something was done to. */
interface AuditSubject {
  /** Such as `flag`, `segment`, `environment`, `secret`, `insights`, `user`, `token`; in kebab-case. */
  readonly kind: string;
  /** What it is found by within its kind, and in its environment if it is in one. */
  readonly key: string;
  /** The key of its environment; absent for what belongs to the whole center. */
  readonly environment?: string | undefined;
}

/** Why something was done, and together with what. */
export interface ChangeNote {
  /** What the person who did it says about it. */
  readonly comment?: string | undefined;
  /** The same for everything that one act has changed. */
  readonly group?: string | undefined;
  /** Where it comes from, when it was not made up: `version 1764322200000`, `environment staging`, `file`. */
  readonly source?: string | undefined;
}

/** Something that was done, about to be written down. Texts that are too long are cut; see {@link AUDIT_LIMITS}. */
export interface AuditDraft extends ChangeNote {
  readonly actor: Actor;
  /** Unix milliseconds. @default now */
  readonly at?: number | undefined;
  /** What was done, as a verb in kebab-case: `create`, `update`, `sign-in-failed`. */
  readonly action: string;
  readonly subject: AuditSubject;
  /** What it was like before, as far as that is of interest; absent = there was nothing. Credentials in it are left out. */
  readonly before?: JsonObject | undefined;
  /** What it is like now; absent = there is nothing. Credentials in it are left out. */
  readonly after?: JsonObject | undefined;
}

/** A change of a flag or segment, about to be written down with the whole document before and after it. */
export interface DocumentAuditDraft extends ChangeNote {
  readonly actor: Actor;
  readonly action: string;
  /** The environment's key. */
  readonly environment: string;
  readonly kind: DocumentKind;
  readonly key: string;
  readonly before: Pick<StoredDocument, 'version' | 'text'> | undefined;
  readonly after: Pick<StoredDocument, 'version' | 'text'> | undefined;
  /** The parts of the document that are different; see {@link changedFields}. */
  readonly fields: readonly string[];
}

/** An entry of the audit log, without what it was like before and after. */
export interface AuditEntry extends ChangeNote {
  /** Greater than that of every entry before it. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly actor: Actor;
  readonly action: string;
  readonly subject: AuditSubject;
  /** The parts that are different, by the names of the JSON; of very many the first. */
  readonly fields: readonly string[];
  /** The version of the document before and after; absent for what has no versions, or where there was none. */
  readonly beforeVersion?: number | undefined;
  readonly version?: number | undefined;
}

/** An entry with what it was like before and after, as JSON text; absent = there was nothing. */
export interface AuditDetail extends AuditEntry {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Which entries are listed; what is absent is no condition. */
export interface AuditQuery {
  /** The id or the name of who did it. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly kind?: string | undefined;
  readonly key?: string | undefined;
  readonly environment?: string | undefined;
  readonly group?: string | undefined;
  /** Not before this time, in Unix milliseconds. */
  readonly from?: number | undefined;
  /** Before this time. */
  readonly to?: number | undefined;
  /** Only entries that are older than the one of this id. */
  readonly olderThan?: number | undefined;
  readonly limit: number;
}

/** How long texts of an entry may be, in UTF-16 units, and how many parts it names. Documents have their own limits. */
export const AUDIT_LIMITS = {
  actor: 100,
  action: 40,
  kind: 40,
  key: 256,
  comment: 1_000,
  group: 64,
  source: 300,
  state: 65_536,
  fields: 30,
};

/** The names of the parts that are different; `undefined` = there is nothing, so that every part of the other is new or gone. */
export function changedFields(before: JsonObject | undefined, after: JsonObject | undefined): readonly string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  for (const name of SERVER_FIELDS) names.delete(name);
  return [...names].filter((name) => !isEqualJson(before?.[name], after?.[name]));
}

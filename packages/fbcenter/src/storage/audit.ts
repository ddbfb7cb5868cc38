import type { AuditDetail, AuditDraft, AuditEntry, AuditQuery, DocumentAuditDraft } from '../model/audit.js';
import type { DocumentKind } from '../model/document.js';

/**
 * The audit log: who did what, when, to what. There is no way to change an entry, and none to delete one but
 * {@link Audit.forgetBefore}, which says so in the log itself.
 */
export interface Audit {
  /** Writes something down. Call it in the transaction that does what it says: neither is there without the other. */
  append(draft: AuditDraft): Promise<AuditEntry>;
  /** Writes a change of a flag or segment down, which makes it one of the versions that can be put back. */
  appendDocument(draft: DocumentAuditDraft): Promise<AuditEntry>;
  /** The newest entries first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Rejects with `damaged-data` when it is not what was written. */
  get(id: number): Promise<AuditDetail | undefined>;
  /** A flag or segment as it was in a version, as JSON text, as far back as the log goes. */
  documentAt(environment: string, kind: DocumentKind, key: string, version: number): Promise<string | undefined>;
  /** Who made a version of a flag or segment; `undefined` when the log does not know. */
  entryOf(environment: string, kind: DocumentKind, key: string, version: number): Promise<AuditEntry | undefined>;
  /**
   * Forgets the entries before a time, and writes down that it did.
   *
   * @returns how many they were; when there are none, nothing is written down either.
   */
  forgetBefore(time: number): Promise<number>;
}

import { StorageError } from '../../errors.js';
import type { Removal, Replacement } from '../../model/change-log.js';
import type { StoredDocument } from '../../model/document.js';
import type { PostgresConnection } from './connection.js';
import { DOCUMENT_COLUMNS, type DocumentRow, documentOf } from './document-rows.js';
import { Replica } from './replica.js';
import type { PendingCommit, PendingRemoval } from './session.js';

/** Documents that are read at a time. */
const PAGE = 500;

/** Hears what has become of an environment, in the order of versions. */
export interface FollowedListener {
  changed(commit: Omit<PendingCommit, 'previous'>): void;
  removed(removal: Removal): void;
  replaced(replacement: Replacement): void;
}

/** How far an environment is known: its last version that was reported, and how many removals were. */
export interface Position {
  readonly version: number;
  readonly removals: number;
}

/**
 * What this center knows of one environment, and reports of it. What it has changed itself is known without asking, as long as nobody else
 * has changed something in between; what others have changed is read, from the last version that is known.
 */
export class Followed {
  readonly #id: string;
  readonly #listener: FollowedListener;
  readonly #kept: number;
  #version: number;
  #removals: number;
  #replica: Replica | undefined;
  #commits: PendingCommit[] = [];
  #removed: PendingRemoval[] = [];

  /** @param kept how many versions an environment remembers. */
  constructor(id: string, position: Position, kept: number, listener: FollowedListener) {
    this.#id = id;
    this.#version = position.version;
    this.#removals = position.removals;
    this.#kept = kept;
    this.#listener = listener;
  }

  /** The documents, once they were read. */
  get replica(): Replica | undefined {
    return this.#replica;
  }

  isBehind({ version, removals }: Position): boolean {
    return version !== this.#version || removals !== this.#removals;
  }

  /** Notes what this center has made durable. */
  noteOwn(commits: readonly PendingCommit[], removals: readonly PendingRemoval[]): void {
    this.#commits.push(...commits);
    this.#removed.push(...removals);
  }

  /** Reports what can be reported without asking. @returns whether that is everything that was noted. */
  advance(): boolean {
    this.#commits.sort((a, b) => a.version - b.version);
    const isNext = ({ version, previous }: PendingCommit) => version <= this.#version || previous === this.#version;
    while (this.#commits[0] !== undefined && isNext(this.#commits[0])) {
      const commit = this.#commits.shift();
      if (commit !== undefined && commit.version > this.#version) this.#report([commit], [commit.version]);
    }
    this.#removed.sort((a, b) => a.number - b.number);
    while (this.#removed[0] !== undefined && this.#removed[0].number <= this.#removals + 1) {
      const removal = this.#removed.shift();
      if (removal !== undefined && removal.number > this.#removals) this.#reportRemoval(removal);
    }
    return this.#commits.length + this.#removed.length === 0;
  }

  /**
   * Reads what is newer and reports it. Of a document that others have changed several times since, only the last change can be read.
   *
   * @returns the version that is known, and nothing is taken over, when the database lacks it: somebody has put an older copy in its place. Otherwise
   * `undefined`.
   */
  async catchUp(connection: PostgresConnection): Promise<number | undefined> {
    const row = await connection.row<NewsRow>(NEWS, this.#id, this.#version, this.#removals);
    if (row === undefined) throw new StorageError('The environment is gone.');
    const known = this.#version;
    if (row.replaced > known) {
      this.#version = row.newest;
      this.#removals = row.removals;
      this.#replica = undefined;
      this.#commits = [];
      this.#removed = [];
      this.#listener.replaced({ environmentId: this.#id, version: row.newest });
      return undefined;
    }
    // What is remembered are the latest versions without a gap. A center that has not noticed may have changed something in the copy since.
    const lacksKnown = row.oldest !== null && row.oldest < known && !row.remembers;
    if (row.newest < known || row.removals < this.#removals || lacksKnown) return known;
    const others: readonly StoredDocument[] = JSON.parse(row.documents);
    const own = this.#commits.filter(({ version }) => version > this.#version && version <= row.newest);
    const ownVersions = new Set(own.map(({ version }) => version));
    const read = others
      .filter(({ version }) => !ownVersions.has(version))
      .map((document) => ({ ...document, environmentId: this.#id, environmentKey: row.key, isForeign: true }));
    this.#commits = this.#commits.filter(({ version }) => version > row.newest);
    const news = [...own, ...read].sort((a, b) => a.version - b.version);
    this.#report(news, JSON.parse(row.versions));
    this.#version = row.newest;
    const removals: readonly PendingRemoval[] = JSON.parse(row.removed);
    // Not all of them are remembered: what is held is read anew.
    if (removals.length < row.removals - this.#removals) this.#replica = undefined;
    for (const removal of removals) this.#reportRemoval({ ...removal, environmentId: this.#id });
    this.#removals = row.removals;
    this.#removed = this.#removed.filter(({ number }) => number > row.removals);
    return undefined;
  }

  /** Reads the documents; call it when everything is reported. @param connection sees the database as it was at one moment. */
  async load(connection: PostgresConnection): Promise<Replica> {
    const sql = 'SELECT version FROM versions WHERE environment_id = $1 ORDER BY version';
    const versions = await connection.rows<{ readonly version: number }>(sql, this.#id);
    const documents: StoredDocument[] = [];
    for (let after = 0; ; ) {
      const rows = await connection.rows<DocumentRow>(
        `SELECT ${DOCUMENT_COLUMNS} FROM documents WHERE environment_id = $1 AND version > $2 ORDER BY version LIMIT $3`,
        this.#id,
        after,
        PAGE,
      );
      documents.push(...rows.map(documentOf));
      after = rows.at(-1)?.version ?? after;
      if (rows.length < PAGE) break;
    }
    this.#replica = new Replica(
      documents,
      versions.map(({ version }) => version),
      this.#kept,
    );
    return this.#replica;
  }

  #report(commits: readonly Omit<PendingCommit, 'previous'>[], versions: readonly number[]): void {
    // Before anybody hears of it: who is told may read at once.
    const documents = commits.map(({ kind, key, version, isArchived, text }) => ({
      kind,
      key,
      version,
      isArchived,
      text,
    }));
    this.#replica?.take(documents, versions);
    for (const commit of commits) {
      this.#version = Math.max(this.#version, commit.version);
      const { kind, key, version, isArchived, text, environmentId, environmentKey, isForeign } = commit;
      const foreign = isForeign === true ? { isForeign } : {};
      this.#listener.changed({ kind, key, version, isArchived, text, environmentId, environmentKey, ...foreign });
    }
  }

  #reportRemoval({ number, environmentId, kind, key, version }: PendingRemoval): void {
    this.#removals = Math.max(this.#removals, number);
    const removal = { environmentId, kind, key, version };
    this.#replica?.remove(removal);
    this.#listener.removed(removal);
  }
}

interface NewsRow {
  readonly key: string;
  readonly newest: number;
  readonly replaced: number;
  readonly removals: number;
  /** The first version that is remembered; whether the last one that was known here is. */
  readonly oldest: number | null;
  readonly remembers: boolean;
  readonly versions: string;
  readonly removed: string;
  readonly documents: string;
}

/** In one statement: everything of the same moment. */
const NEWS = `
  SELECT key, version AS newest, replaced, removals,
    (SELECT min(version) FROM versions WHERE environment_id = $1) AS oldest,
    EXISTS (SELECT 1 FROM versions WHERE environment_id = $1 AND version = $2) AS remembers,
    (SELECT coalesce(json_agg(version ORDER BY version), '[]') FROM versions
      WHERE environment_id = $1 AND version > $2)::text AS versions,
    (SELECT coalesce(json_agg(json_build_object('number', number, 'kind', kind, 'key', key, 'version', version) ORDER BY number), '[]')
      FROM removals WHERE environment_id = $1 AND number > $3)::text AS removed,
    (SELECT coalesce(json_agg(json_build_object('kind', kind, 'key', key, 'version', version, 'isArchived', is_archived,
        'text', text) ORDER BY version), '[]')
      FROM documents WHERE environment_id = $1 AND version > $2)::text AS documents
  FROM environments WHERE id = $1`;

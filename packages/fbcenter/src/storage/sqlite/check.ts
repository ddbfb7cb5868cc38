import { CenterError } from '../../errors.js';
import type { DocumentKind } from '../../model/document.js';
import { SqliteConnection } from './connection.js';
import { type DocumentRow, isIntact } from './document-rows.js';
import { migrate } from './migrations.js';
import { brokenSeals } from './seals.js';

/** Beyond this no version can be a time that every SDK understands: the year 9999 ends. */
const MAX_VERSION = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads all of a database and compares it with what it must say.
 *
 * @param name what the database is called in the message.
 * @returns the documents that are damaged: they are left out, and everything else can be used.
 * @throws CenterError `damaged-data` when anything else is damaged.
 */
export function checkDatabase(connection: SqliteConnection, name: string): readonly DamagedDocument[] {
  const finding = schemaFinding(connection) ?? structureFinding(connection) ?? contentFinding(connection);
  if (finding !== undefined) throw damaged(name, finding);
  return damagedDocuments(connection);
}

/** @param finding what is wrong, as one part of a sentence. */
export function damaged(name: string, finding: string, cause?: unknown): CenterError {
  return new CenterError(
    'damaged-data',
    `${name} is damaged (${finding}): put a backup in its place with "fbcenter restore FILE". It was left as it is`,
    { cause },
  );
}

/** One bit in the text of the schema gives a column another name, or a constraint another meaning. */
function schemaFinding(connection: SqliteConnection): string | undefined {
  const sql = 'SELECT name, coalesce(sql, type) AS sql FROM sqlite_schema';
  const actual = new Map(connection.rows<SchemaRow>(sql).map(({ name, sql }) => [name, sql]));
  const model = new SqliteConnection(':memory:');
  try {
    migrate(model);
    const wrong = model.rows<SchemaRow>(sql).find(({ name, sql }) => actual.get(name) !== sql);
    return wrong && `the definition of ${wrong.name} is not what it was`;
  } finally {
    model.close();
  }
}

function structureFinding(connection: SqliteConnection): string | undefined {
  const [first] = connection.rows<{ readonly finding: string }>(
    'SELECT integrity_check AS finding FROM pragma_integrity_check(1)',
  );
  return first?.finding === 'ok' ? undefined : (first?.finding ?? 'it cannot be checked');
}

function contentFinding(connection: SqliteConnection): string | undefined {
  const [table] = brokenSeals(connection);
  if (table !== undefined) return `the table ${table} is not what was written`;
  const history = connection.row('SELECT 1 FROM history WHERE floor BETWEEN 0 AND ?', MAX_VERSION);
  if (history === undefined) return 'the table history is not what was written';
  const environment = connection.row<{ readonly key: string }>(
    `SELECT key FROM environments WHERE version > ?
       OR version < (SELECT coalesce(max(version), 0) FROM documents WHERE environment_id = id)`,
    MAX_VERSION,
  );
  return environment && `the version of the environment ${environment.key} is not what was written`;
}

interface SchemaRow {
  readonly name: string;
  readonly sql: string;
}

/** The damaged documents of all environments. */
function damagedDocuments(connection: SqliteConnection): readonly DamagedDocument[] {
  const damaged: DamagedDocument[] = [];
  // A few at a time: all of them together may be larger than what one wants in memory.
  for (let last = -1; ; ) {
    const rows = connection.rows<DocumentRow & DamagedDocument & { readonly row: number }>(
      `SELECT documents.rowid AS row, environment_id AS environmentId, environments.key AS environment,
         kind, documents.key AS key, documents.version AS version, is_archived, text, checksum
       FROM documents LEFT JOIN environments ON environments.id = environment_id
       WHERE documents.rowid > ? ORDER BY documents.rowid LIMIT 500`,
      last,
    );
    for (const row of rows) {
      const { environment, environmentId, kind, key } = row;
      if (!isIntact(row, environmentId)) damaged.push({ environment, environmentId, kind, key });
      last = row.row;
    }
    if (rows.length === 0) return damaged;
  }
}

/** Where a damaged document is, as far as that can still be read. */
export interface DamagedDocument {
  readonly environmentId: string;
  /** The environment's key. */
  readonly environment: string;
  readonly kind: DocumentKind;
  readonly key: string;
}

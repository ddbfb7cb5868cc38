import { CenterError } from '../../errors.js';
import type { SqliteConnection } from './connection.js';

/** Marks the file as ours (the letters "FBC" and a 1), so that no other program's database is migrated by mistake. */
const APPLICATION_ID = 0x46424331;

/**
 * Each entry takes the schema one version further and is never changed once it has been released. The schema's version is
 * SQLite's `user_version`.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE environments (
    id      TEXT PRIMARY KEY,
    key     TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE secrets (
    secret         TEXT PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    kind           TEXT NOT NULL CHECK (kind IN ('server', 'client')),
    UNIQUE (environment_id, kind)
  ) STRICT;

  CREATE TABLE documents (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    kind           TEXT NOT NULL CHECK (kind IN ('flag', 'segment')),
    key            TEXT NOT NULL,
    version        INTEGER NOT NULL,
    is_archived    INTEGER NOT NULL CHECK (is_archived IN (0, 1)),
    text           TEXT NOT NULL,
    PRIMARY KEY (environment_id, kind, key),
    UNIQUE (environment_id, version)
  ) STRICT;

  CREATE TABLE evaluations (
    environment_id   TEXT NOT NULL REFERENCES environments (id),
    flag_key         TEXT NOT NULL,
    variation_id     TEXT NOT NULL,
    count            INTEGER NOT NULL,
    experiment_count INTEGER NOT NULL,
    last_at          INTEGER NOT NULL,
    PRIMARY KEY (environment_id, flag_key, variation_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE metrics (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    event_name     TEXT NOT NULL,
    count          INTEGER NOT NULL,
    sum            REAL NOT NULL,
    min            REAL NOT NULL,
    max            REAL NOT NULL,
    last_at        INTEGER NOT NULL,
    PRIMARY KEY (environment_id, event_name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE insight_totals (
    environment_id       TEXT PRIMARY KEY REFERENCES environments (id),
    identifications      INTEGER NOT NULL,
    rejected             INTEGER NOT NULL,
    evaluations_overflow INTEGER NOT NULL,
    metrics_overflow     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE versions (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    version        INTEGER NOT NULL,
    PRIMARY KEY (environment_id, version)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO versions SELECT environment_id, version FROM documents;
  `,
  `
  CREATE TABLE usage (
    environment_id TEXT PRIMARY KEY REFERENCES environments (id),
    documents      INTEGER NOT NULL,
    bytes          INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  INSERT INTO usage
    SELECT environments.id, count(text), coalesce(sum(octet_length(text)), 0)
    FROM environments LEFT JOIN documents ON environment_id = environments.id GROUP BY environments.id;

  CREATE TRIGGER environment_added AFTER INSERT ON environments BEGIN
    INSERT INTO usage VALUES (new.id, 0, 0);
  END;
  CREATE TRIGGER document_added AFTER INSERT ON documents BEGIN
    UPDATE usage SET documents = documents + 1, bytes = bytes + octet_length(new.text)
    WHERE environment_id = new.environment_id;
  END;
  CREATE TRIGGER document_changed AFTER UPDATE OF text ON documents BEGIN
    UPDATE usage SET bytes = bytes + octet_length(new.text) - octet_length(old.text)
    WHERE environment_id = new.environment_id;
  END;
  CREATE TRIGGER document_deleted AFTER DELETE ON documents BEGIN
    UPDATE usage SET documents = documents - 1, bytes = bytes - octet_length(old.text)
    WHERE environment_id = old.environment_id;
  END;
  `,
  `
  ALTER TABLE documents ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE seals (
    table_name TEXT PRIMARY KEY,
    digest     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE history (
    id      TEXT NOT NULL,
    commits INTEGER NOT NULL,
    floor   INTEGER NOT NULL,
    probes  INTEGER NOT NULL
  ) STRICT;

  INSERT INTO history VALUES (lower(hex(randomblob(16))), 0, 0, 0);
  `,
  `
  CREATE TABLE several_secrets (
    secret         TEXT PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    kind           TEXT NOT NULL CHECK (kind IN ('server', 'client')),
    id             TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(12)))),
    name           TEXT NOT NULL,
    created_at     INTEGER,
    last_used_at   INTEGER
  ) STRICT;

  INSERT INTO several_secrets (secret, environment_id, kind, name)
    SELECT secret, environment_id, kind, 'first' FROM secrets;
  DROP TABLE secrets;
  ALTER TABLE several_secrets RENAME TO secrets;
  CREATE INDEX secrets_of_environment ON secrets (environment_id, kind);
  `,
  `
  ALTER TABLE environments ADD COLUMN is_protected INTEGER NOT NULL DEFAULT 0 CHECK (is_protected IN (0, 1));

  CREATE TABLE audit_texts (
    digest TEXT PRIMARY KEY,
    text   TEXT NOT NULL
  ) STRICT;

  CREATE TABLE audit (
    id             INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    actor_kind     TEXT NOT NULL,
    actor_id       TEXT NOT NULL,
    actor_name     TEXT NOT NULL,
    action         TEXT NOT NULL,
    kind           TEXT NOT NULL,
    key            TEXT NOT NULL,
    environment    TEXT,
    fields         TEXT NOT NULL,
    before_version INTEGER,
    version        INTEGER,
    before_digest  TEXT REFERENCES audit_texts (digest),
    after_digest   TEXT REFERENCES audit_texts (digest),
    comment        TEXT,
    change_group   TEXT,
    source         TEXT,
    digest         TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_of_environment ON audit (environment, kind, key, id);
  CREATE INDEX audit_of_actor ON audit (actor_id, id);
  CREATE INDEX audit_of_group ON audit (change_group, id) WHERE change_group IS NOT NULL;
  CREATE INDEX audit_before ON audit (before_digest) WHERE before_digest IS NOT NULL;
  CREATE INDEX audit_after ON audit (after_digest) WHERE after_digest IS NOT NULL;

  CREATE TABLE audit_floor (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    id     INTEGER NOT NULL,
    digest TEXT NOT NULL
  ) STRICT;
  INSERT INTO audit_floor VALUES (1, 0, '');

  CREATE TRIGGER audit_appended BEFORE INSERT ON audit WHEN new.id <= (SELECT coalesce(max(id), 0) FROM audit) BEGIN
    SELECT RAISE(ABORT, 'the audit log is only appended to');
  END;
  CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log do not change');
  END;
  CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN old.id > (SELECT id FROM audit_floor) BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not deleted one by one');
  END;
  CREATE TRIGGER audit_text_unchanged BEFORE UPDATE ON audit_texts BEGIN
    SELECT RAISE(ABORT, 'texts of the audit log do not change');
  END;
  CREATE TRIGGER audit_text_added BEFORE INSERT ON audit_texts
  WHEN EXISTS (SELECT 1 FROM audit_texts WHERE digest = new.digest AND text <> new.text) BEGIN
    SELECT RAISE(ABORT, 'texts of the audit log do not change');
  END;
  CREATE TRIGGER audit_text_kept BEFORE DELETE ON audit_texts
  WHEN EXISTS (SELECT 1 FROM audit WHERE before_digest = old.digest OR after_digest = old.digest) BEGIN
    SELECT RAISE(ABORT, 'texts of the audit log are kept as long as their entries');
  END;
  CREATE TRIGGER audit_floor_rises BEFORE UPDATE ON audit_floor
  WHEN new.id < old.id OR NOT EXISTS (SELECT 1 FROM audit WHERE id > new.id AND kind = 'audit' AND action = 'prune') BEGIN
    SELECT RAISE(ABORT, 'what is forgotten of the audit log is written down first');
  END;
  CREATE TRIGGER audit_floor_kept BEFORE DELETE ON audit_floor BEGIN
    SELECT RAISE(ABORT, 'the floor of the audit log is kept');
  END;
  `,
  `
  CREATE TABLE users (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    folded_name     TEXT NOT NULL UNIQUE,
    grants          TEXT NOT NULL,
    is_disabled     INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
    password        TEXT,
    subject         TEXT UNIQUE,
    created_at      INTEGER NOT NULL,
    last_sign_in_at INTEGER
  ) STRICT;

  CREATE TABLE sessions (
    digest       TEXT PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_of_user ON sessions (user_id);

  CREATE TABLE links (
    digest     TEXT PRIMARY KEY,
    user_id    TEXT UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE access_tokens (
    digest       TEXT PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    start        TEXT NOT NULL,
    grants       TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
  ) STRICT;
  `,
  `
  ALTER TABLE evaluations ADD COLUMN minute INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN minute_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN hour INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN hour_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE evaluations ADD COLUMN day_count INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE evaluation_history (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    unit           TEXT NOT NULL CHECK (unit IN ('minute', 'hour', 'day')),
    block          INTEGER NOT NULL,
    flag_key       TEXT NOT NULL,
    variation_id   TEXT NOT NULL,
    counts         TEXT NOT NULL,
    PRIMARY KEY (environment_id, unit, block, flag_key, variation_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE experiment_metrics (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    key            TEXT NOT NULL,
    text           TEXT NOT NULL,
    PRIMARY KEY (environment_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE experiments (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    key            TEXT NOT NULL,
    revision       INTEGER NOT NULL,
    text           TEXT NOT NULL,
    PRIMARY KEY (environment_id, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE iterations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    experiment_key TEXT NOT NULL,
    number         INTEGER NOT NULL,
    is_frozen      INTEGER NOT NULL CHECK (is_frozen IN (0, 1)),
    text           TEXT NOT NULL,
    UNIQUE (environment_id, experiment_key, number)
  ) STRICT;

  CREATE TABLE iteration_sums (
    iteration INTEGER PRIMARY KEY,
    text      TEXT NOT NULL
  ) STRICT;

  CREATE TABLE iteration_series (
    iteration INTEGER PRIMARY KEY,
    text      TEXT NOT NULL
  ) STRICT;

  CREATE TABLE pseudonym_keys (
    environment_id TEXT PRIMARY KEY REFERENCES environments (id),
    key            TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE participants (
    iteration INTEGER NOT NULL,
    user      INTEGER NOT NULL,
    variation INTEGER NOT NULL,
    first_at  INTEGER NOT NULL,
    totals    TEXT NOT NULL,
    PRIMARY KEY (iteration, user)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE measured_events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name           TEXT NOT NULL,
    UNIQUE (environment_id, name)
  ) STRICT;

  CREATE TABLE metric_log (
    event INTEGER NOT NULL,
    user  INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (event, user, at, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE taken_requests (
    hash TEXT PRIMARY KEY,
    at   INTEGER NOT NULL,
    next INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX taken_requests_by_time ON taken_requests (at);
  `,
];

/**
 * Brings a database to the newest schema, each step whole or not at all.
 *
 * @param finish what has to be kept for the newest schema; part of the last step, and not called when there is no step.
 * @throws CenterError `newer-data` when a newer fbcenter wrote it, `storage-failed` when it is another program's.
 */
export function migrate(
  connection: SqliteConnection,
  migrations: readonly string[] = MIGRATIONS,
  finish: (connection: SqliteConnection) => void = () => {},
): void {
  const from = pragma(connection, 'user_version');
  const isNew = from === 0 && connection.row('SELECT 1 AS found FROM sqlite_schema') === undefined;
  if (!isNew && pragma(connection, 'application_id') !== APPLICATION_ID) {
    throw new CenterError('storage-failed', 'The database is not one of fbcenter: choose another data folder');
  }
  if (from > migrations.length) {
    throw new CenterError(
      'newer-data',
      `The data was written by a newer fbcenter (schema ${from}, this one knows ${migrations.length}): ` +
        'run the newer version, or choose another data folder',
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < from) continue;
    connection.transaction(() => {
      connection.exec(sql);
      if (index === migrations.length - 1) finish(connection);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`);
    });
  }
}

function pragma(connection: SqliteConnection, name: 'user_version' | 'application_id'): number {
  return connection.row<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0;
}

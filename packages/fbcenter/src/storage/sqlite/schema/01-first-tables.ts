/** What a center keeps at all: settings, environments with their secrets and documents, and what SDKs report. */
export const FIRST_TABLES = `
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
  `;

/** Experiments and metrics, and what is counted for them. */
export const EXPERIMENTS = `
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
  `;

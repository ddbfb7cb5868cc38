/** Users, their sessions, the links by which they come in, and access tokens. */
export const PEOPLE = `
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
  `;

/** Addresses that are sent what happens, the messages on their way there, and addresses by which flags are switched. */
export const WEBHOOKS_AND_TRIGGERS = `
  CREATE TABLE webhooks (
    id              TEXT PRIMARY KEY,
    environment_id  TEXT NOT NULL REFERENCES environments (id),
    name            TEXT NOT NULL,
    url             TEXT NOT NULL,
    events          TEXT NOT NULL,
    is_enabled      INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    secret          TEXT NOT NULL,
    previous_secret TEXT,
    previous_until  INTEGER,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    dropped         INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX webhooks_of_environment ON webhooks (environment_id);

  CREATE TABLE webhook_deliveries (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id   TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    message_id   TEXT NOT NULL,
    type         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    created_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    tried_at     INTEGER,
    next_at      INTEGER,
    claimed_until INTEGER NOT NULL DEFAULT 0,
    status       INTEGER,
    problem      TEXT,
    body         TEXT NOT NULL
  ) STRICT;
  CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, state, id);
  CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_at) WHERE state = 'waiting';

  CREATE TABLE flag_triggers (
    id             TEXT PRIMARY KEY,
    environment_id TEXT NOT NULL REFERENCES environments (id),
    flag_key       TEXT NOT NULL,
    name           TEXT NOT NULL,
    action         TEXT NOT NULL CHECK (action IN ('on', 'off', 'toggle')),
    digest         TEXT NOT NULL UNIQUE,
    start          TEXT NOT NULL,
    is_enabled     INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    created_by     TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    uses           INTEGER NOT NULL DEFAULT 0,
    last_used_at   INTEGER
  ) STRICT;
  CREATE INDEX flag_triggers_of_flag ON flag_triggers (environment_id, flag_key);
`;

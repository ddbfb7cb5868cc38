/** Several secrets of a kind for an environment, each with a name and its last use. */
export const SEVERAL_SECRETS = `
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
  `;

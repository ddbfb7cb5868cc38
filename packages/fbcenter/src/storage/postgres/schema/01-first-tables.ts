/** The center itself, environments with their secrets and documents, and what others hear of a change by. */
export const FIRST_TABLES = `
  CREATE TABLE settings (
    name  text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
  );

  CREATE TABLE touches (single int PRIMARY KEY CHECK (single = 1), number bigint NOT NULL);
  INSERT INTO touches VALUES (1, 0);

  CREATE TABLE probes (single int PRIMARY KEY CHECK (single = 1), number bigint NOT NULL);
  INSERT INTO probes VALUES (1, 0);

  CREATE TABLE environments (
    id           text COLLATE "C" PRIMARY KEY,
    key          text COLLATE "C" NOT NULL UNIQUE,
    name         text NOT NULL,
    version      bigint NOT NULL,
    removals     bigint NOT NULL DEFAULT 0,
    is_protected boolean NOT NULL DEFAULT false
  );

  CREATE TABLE secrets (
    secret         text COLLATE "C" PRIMARY KEY,
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    kind           text NOT NULL CHECK (kind IN ('server', 'client')),
    id             text COLLATE "C" NOT NULL UNIQUE,
    name           text NOT NULL,
    created_at     bigint,
    last_used_at   bigint,
    place          bigint GENERATED ALWAYS AS IDENTITY
  );
  CREATE INDEX secrets_of_environment ON secrets (environment_id, kind, place);

  CREATE TABLE documents (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    kind           text COLLATE "C" NOT NULL CHECK (kind IN ('flag', 'segment')),
    key            text COLLATE "C" NOT NULL,
    version        bigint NOT NULL,
    is_archived    boolean NOT NULL,
    text           text NOT NULL,
    PRIMARY KEY (environment_id, kind, key),
    UNIQUE (environment_id, version)
  );

  CREATE TABLE versions (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    version        bigint NOT NULL,
    PRIMARY KEY (environment_id, version)
  );

  CREATE TABLE removals (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    number         bigint NOT NULL,
    kind           text NOT NULL,
    key            text NOT NULL,
    version        bigint NOT NULL,
    PRIMARY KEY (environment_id, number)
  );
`;

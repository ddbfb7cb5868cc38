import { CenterError } from '../../errors.js';
import type { PostgresConnection } from './connection.js';

/**
 * Each entry takes the schema one version further and is never changed once it has been released. A center goes on to run beside one
 * that has taken the schema one version further: an entry adds what the version before can do without, and takes away only what the
 * version before does not use any more.
 */
export const MIGRATIONS: readonly string[] = [
  `
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

  CREATE TABLE evaluations (
    environment_id   text COLLATE "C" NOT NULL REFERENCES environments (id),
    flag_key         text COLLATE "C" NOT NULL,
    variation_id     text COLLATE "C" NOT NULL,
    count            bigint NOT NULL,
    experiment_count bigint NOT NULL,
    last_at          bigint NOT NULL,
    minute           bigint NOT NULL,
    minute_count     bigint NOT NULL,
    hour             bigint NOT NULL,
    hour_count       bigint NOT NULL,
    day              bigint NOT NULL,
    day_count        bigint NOT NULL,
    PRIMARY KEY (environment_id, flag_key, variation_id)
  ) WITH (fillfactor = 70);

  CREATE TABLE evaluation_history (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    unit           text COLLATE "C" NOT NULL CHECK (unit IN ('minute', 'hour', 'day')),
    block          bigint NOT NULL,
    flag_key       text COLLATE "C" NOT NULL,
    variation_id   text COLLATE "C" NOT NULL,
    counts         text NOT NULL,
    PRIMARY KEY (environment_id, unit, block, flag_key, variation_id)
  );

  CREATE TABLE metrics (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    event_name     text COLLATE "C" NOT NULL,
    count          bigint NOT NULL,
    sum            double precision NOT NULL,
    min            double precision NOT NULL,
    max            double precision NOT NULL,
    last_at        bigint NOT NULL,
    PRIMARY KEY (environment_id, event_name)
  ) WITH (fillfactor = 70);

  CREATE TABLE insight_totals (
    environment_id       text COLLATE "C" PRIMARY KEY REFERENCES environments (id),
    identifications      bigint NOT NULL,
    rejected             bigint NOT NULL,
    evaluations_overflow bigint NOT NULL,
    metrics_overflow     bigint NOT NULL
  );

  CREATE TABLE audit_texts (
    digest text COLLATE "C" PRIMARY KEY,
    text   text NOT NULL
  );

  CREATE TABLE audit (
    id             bigint PRIMARY KEY,
    at             bigint NOT NULL,
    actor_kind     text NOT NULL,
    actor_id       text COLLATE "C" NOT NULL,
    actor_name     text COLLATE "C" NOT NULL,
    action         text NOT NULL,
    kind           text COLLATE "C" NOT NULL,
    key            text COLLATE "C" NOT NULL,
    environment    text COLLATE "C",
    fields         text NOT NULL,
    before_version bigint,
    version        bigint,
    before_digest  text COLLATE "C" REFERENCES audit_texts (digest),
    after_digest   text COLLATE "C" REFERENCES audit_texts (digest),
    comment        text,
    change_group   text COLLATE "C",
    source         text,
    digest         text NOT NULL
  );
  CREATE INDEX audit_of_environment ON audit (environment, kind, key, id);
  CREATE INDEX audit_of_actor ON audit (actor_id, id);
  CREATE INDEX audit_of_group ON audit (change_group, id) WHERE change_group IS NOT NULL;
  CREATE INDEX audit_before ON audit (before_digest) WHERE before_digest IS NOT NULL;
  CREATE INDEX audit_after ON audit (after_digest) WHERE after_digest IS NOT NULL;

  CREATE TABLE audit_floor (
    single int PRIMARY KEY CHECK (single = 1),
    id     bigint NOT NULL,
    digest text NOT NULL
  );
  INSERT INTO audit_floor VALUES (1, 0, '');

  CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_TABLE_NAME = 'audit' AND TG_OP = 'INSERT' THEN
      IF NEW.id > (SELECT coalesce(max(id), 0) FROM audit) THEN RETURN NEW; END IF;
      RAISE EXCEPTION 'the audit log is only appended to';
    ELSIF TG_TABLE_NAME = 'audit' AND TG_OP = 'DELETE' THEN
      IF OLD.id <= (SELECT id FROM audit_floor) THEN RETURN OLD; END IF;
      RAISE EXCEPTION 'entries of the audit log are not deleted one by one';
    ELSIF TG_TABLE_NAME = 'audit_floor' AND TG_OP = 'UPDATE' THEN
      IF NEW.id >= OLD.id AND EXISTS (SELECT 1 FROM audit WHERE id > NEW.id AND kind = 'audit' AND action = 'prune') THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'what is forgotten of the audit log is written down first';
    END IF;
    RAISE EXCEPTION 'entries of the audit log do not change';
  END $$;
  CREATE TRIGGER audit_guarded BEFORE INSERT OR UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard();
  CREATE TRIGGER audit_texts_guarded BEFORE UPDATE ON audit_texts FOR EACH ROW EXECUTE FUNCTION audit_guard();
  CREATE TRIGGER audit_floor_guarded BEFORE UPDATE OR DELETE ON audit_floor FOR EACH ROW EXECUTE FUNCTION audit_guard();

  CREATE TABLE users (
    id              text COLLATE "C" PRIMARY KEY,
    name            text NOT NULL,
    folded_name     text COLLATE "C" NOT NULL UNIQUE,
    grants          text NOT NULL,
    is_disabled     boolean NOT NULL DEFAULT false,
    password        text,
    subject         text COLLATE "C" UNIQUE,
    created_at      bigint NOT NULL,
    last_sign_in_at bigint
  );

  CREATE TABLE sessions (
    digest       text COLLATE "C" PRIMARY KEY,
    id           text COLLATE "C" NOT NULL UNIQUE,
    user_id      text COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent        text NOT NULL,
    created_at   bigint NOT NULL,
    last_used_at bigint NOT NULL,
    place        bigint GENERATED ALWAYS AS IDENTITY
  );
  CREATE INDEX sessions_of_user ON sessions (user_id, place);

  CREATE TABLE links (
    digest     text COLLATE "C" PRIMARY KEY,
    user_id    text COLLATE "C" UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL
  );

  CREATE TABLE access_tokens (
    digest       text COLLATE "C" PRIMARY KEY,
    id           text COLLATE "C" NOT NULL UNIQUE,
    name         text NOT NULL,
    start        text NOT NULL,
    grants       text NOT NULL,
    created_by   text NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint,
    last_used_at bigint,
    place        bigint GENERATED ALWAYS AS IDENTITY
  );

  CREATE TABLE experiment_metrics (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    key            text COLLATE "C" NOT NULL,
    text           text NOT NULL,
    PRIMARY KEY (environment_id, key)
  );

  CREATE TABLE experiments (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    key            text COLLATE "C" NOT NULL,
    revision       bigint NOT NULL,
    text           text NOT NULL,
    PRIMARY KEY (environment_id, key)
  );

  CREATE TABLE iterations (
    id             bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    experiment_key text COLLATE "C" NOT NULL,
    number         bigint NOT NULL,
    is_frozen      boolean NOT NULL,
    text           text NOT NULL,
    UNIQUE (environment_id, experiment_key, number)
  );

  CREATE TABLE iteration_sums (
    iteration bigint PRIMARY KEY,
    text      text NOT NULL
  );

  CREATE TABLE iteration_series (
    iteration bigint PRIMARY KEY,
    text      text NOT NULL
  );

  CREATE TABLE pseudonym_keys (
    environment_id text COLLATE "C" PRIMARY KEY REFERENCES environments (id),
    key            text NOT NULL
  );

  CREATE TABLE participants (
    iteration   bigint NOT NULL,
    participant bigint NOT NULL,
    variation   bigint NOT NULL,
    first_at    bigint NOT NULL,
    totals      text NOT NULL,
    PRIMARY KEY (iteration, participant)
  );

  CREATE TABLE measured_events (
    id             bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    name           text COLLATE "C" NOT NULL,
    UNIQUE (environment_id, name)
  );

  CREATE TABLE metric_log (
    event       bigint NOT NULL,
    participant bigint NOT NULL,
    at          bigint NOT NULL,
    seq         bigint NOT NULL,
    value       double precision NOT NULL,
    PRIMARY KEY (event, participant, at, seq)
  );

  CREATE TABLE taken_requests (
    hash text COLLATE "C" PRIMARY KEY,
    at   bigint NOT NULL,
    next bigint NOT NULL
  );
  CREATE INDEX taken_requests_by_time ON taken_requests (at);
  `,
];

/** The versions before and after which a center runs beside a schema. */
const TOLERATED = 1;

/**
 * Brings a schema to the newest version, each step whole or not at all. Of several centers that start at once one does it, and the others wait.
 *
 * @param transaction runs work as one transaction, without a limit on its time.
 * @throws CenterError `newer-data` when a much newer fbcenter has been here, `storage-failed` when the schema is another program's.
 */
export async function migrate(
  transaction: <T>(work: (connection: PostgresConnection) => Promise<T>) => Promise<T>,
  schema: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  const name = `"${schema.replaceAll('"', '""')}"`;
  for (let isDone = false; !isDone; ) {
    isDone = await transaction(async (connection) => {
      await connection.row('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', `${schema} migrations`);
      const version = await versionOf(connection, schema);
      if (version > migrations.length + TOLERATED) {
        throw new CenterError(
          'newer-data',
          `The database was written by a newer fbcenter (schema ${version}, this one knows ${migrations.length}): run the newer version, or choose another database`,
        );
      }
      const next = migrations[version];
      if (next === undefined) return true;
      if (version === 0) {
        await connection.run(`CREATE SCHEMA IF NOT EXISTS ${name}`);
        await connection.run(
          `CREATE TABLE ${name}.schema_version (single int PRIMARY KEY CHECK (single = 1), number bigint NOT NULL)`,
        );
        await connection.run(`INSERT INTO ${name}.schema_version VALUES (1, 0)`);
      }
      await connection.run(next);
      await connection.run(`UPDATE ${name}.schema_version SET number = $1`, version + 1);
      return false;
    });
  }
}

/** 0 when there is nothing yet. */
async function versionOf(connection: PostgresConnection, schema: string): Promise<number> {
  const tables = await connection.rows<{ readonly name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    schema,
  );
  if (tables.some(({ name }) => name === 'schema_version')) {
    const row = await connection.row<{ readonly number: number }>('SELECT number FROM schema_version');
    return row?.number ?? 0;
  }
  if (tables.length === 0) return 0;
  throw new CenterError(
    'storage-failed',
    `The schema ${schema} of the database is not one of fbcenter: choose another database`,
  );
}

/** The audit log, which nobody changes: see the triggers. */
export const AUDIT = `
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

  CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
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
  END $guard$;
  CREATE TRIGGER audit_guarded BEFORE INSERT OR UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_guard();
  CREATE TRIGGER audit_texts_guarded BEFORE UPDATE ON audit_texts FOR EACH ROW EXECUTE FUNCTION audit_guard();
  CREATE TRIGGER audit_floor_guarded BEFORE UPDATE OR DELETE ON audit_floor FOR EACH ROW EXECUTE FUNCTION audit_guard();
`;

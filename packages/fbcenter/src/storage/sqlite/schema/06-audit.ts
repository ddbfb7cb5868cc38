/** The audit log, which nobody changes: what is forgotten of it is written down first. */
export const AUDIT = `
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
  `;

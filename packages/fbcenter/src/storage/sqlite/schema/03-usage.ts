/** How full each environment is, kept by triggers. */
export const USAGE = `
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
  `;

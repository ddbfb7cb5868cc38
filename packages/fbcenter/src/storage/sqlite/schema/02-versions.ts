/** The versions that an environment has had: a cursor must be one of them. */
export const VERSIONS = `
  CREATE TABLE versions (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    version        INTEGER NOT NULL,
    PRIMARY KEY (environment_id, version)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO versions SELECT environment_id, version FROM documents;
  `;

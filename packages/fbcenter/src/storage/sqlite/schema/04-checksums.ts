/** What is kept is distrusted: a checksum for each document, seals over tables, and the count of commits. */
export const CHECKSUMS = `
  ALTER TABLE documents ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE seals (
    table_name TEXT PRIMARY KEY,
    digest     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE history (
    id      TEXT NOT NULL,
    commits INTEGER NOT NULL,
    floor   INTEGER NOT NULL,
    probes  INTEGER NOT NULL
  ) STRICT;

  INSERT INTO history VALUES (lower(hex(randomblob(16))), 0, 0, 0);
  `;

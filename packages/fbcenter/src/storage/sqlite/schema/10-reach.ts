/** How many different users flags have had, by the day. */
export const REACH = `
  CREATE TABLE reach (
    environment_id TEXT NOT NULL REFERENCES environments (id),
    flag_key       TEXT NOT NULL,
    day            INTEGER NOT NULL,
    text           TEXT NOT NULL,
    PRIMARY KEY (environment_id, flag_key, day)
  ) STRICT, WITHOUT ROWID;
`;

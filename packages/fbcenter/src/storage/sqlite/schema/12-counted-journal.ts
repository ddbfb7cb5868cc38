/** What was counted of users last, in the order in which it came: from here it is written to its places, many rows of a page at once. */
export const COUNTED_JOURNAL = `
  CREATE TABLE counted_journal (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT;
  `;

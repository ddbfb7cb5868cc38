/** The version with which an environment was last exchanged as a whole: whoever knows less of it needs all of it. */
export const REPLACEMENTS = `
  ALTER TABLE environments ADD COLUMN replaced bigint NOT NULL DEFAULT 0;
`;

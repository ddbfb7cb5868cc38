/** Which database this is, as whoever was here last has found it. */
export const ORIGIN = `
  CREATE TABLE origin (single int PRIMARY KEY CHECK (single = 1), identity text NOT NULL);
`;

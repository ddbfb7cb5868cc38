/** How many different users flags have had, by the day. */
export const REACH = `
  CREATE TABLE reach (
    environment_id text COLLATE "C" NOT NULL REFERENCES environments (id),
    flag_key       text COLLATE "C" NOT NULL,
    day            bigint NOT NULL,
    text           text NOT NULL,
    PRIMARY KEY (environment_id, flag_key, day)
  );
`;

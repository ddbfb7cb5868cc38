/** Who signs in, and the tokens of programs. */
export const PEOPLE = `
  CREATE TABLE users (
    id              text COLLATE "C" PRIMARY KEY,
    name            text NOT NULL,
    folded_name     text COLLATE "C" NOT NULL UNIQUE,
    grants          text NOT NULL,
    is_disabled     boolean NOT NULL DEFAULT false,
    password        text,
    subject         text COLLATE "C" UNIQUE,
    created_at      bigint NOT NULL,
    last_sign_in_at bigint
  );

  CREATE TABLE sessions (
    digest       text COLLATE "C" PRIMARY KEY,
    id           text COLLATE "C" NOT NULL UNIQUE,
    user_id      text COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent        text NOT NULL,
    created_at   bigint NOT NULL,
    last_used_at bigint NOT NULL,
    place        bigint GENERATED ALWAYS AS IDENTITY
  );
  CREATE INDEX sessions_of_user ON sessions (user_id, place);

  CREATE TABLE links (
    digest     text COLLATE "C" PRIMARY KEY,
    user_id    text COLLATE "C" UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL
  );

  CREATE TABLE access_tokens (
    digest       text COLLATE "C" PRIMARY KEY,
    id           text COLLATE "C" NOT NULL UNIQUE,
    name         text NOT NULL,
    start        text NOT NULL,
    grants       text NOT NULL,
    created_by   text NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint,
    last_used_at bigint,
    place        bigint GENERATED ALWAYS AS IDENTITY
  );
`;

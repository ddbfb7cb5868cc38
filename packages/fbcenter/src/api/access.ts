import { RoleBody } from './answers.js';
import { list, mapOf, named, nullable, object, oneOf, type TypeOf, text, time, truth } from './schema.js';

/** The bodies of what is about users, sessions and tokens. */

const grantMembers = {
  role: nullable(RoleBody),
  environments: mapOf(RoleBody, 'In single environments, by their keys: the greater one of the two roles counts.'),
};

/** What somebody may do where: `role` everywhere (null = only what `environments` gives), and in single environments. */
export const GrantsBody = object(grantMembers);
export type GrantsBody = TypeOf<typeof GrantsBody>;

const actorMembers = { id: text(), name: text() };

/** Who asks, and what it may do. */
export const MeBody = named(
  'Me',
  object({
    ...grantMembers,
    ...actorMembers,
    kind: oneOf(['user', 'token', 'settings-token', 'trigger', 'center']),
    session: nullable(text('The session that it came with; null for an access token.')),
    hasPassword: truth('Whether it has a password here that it can change.'),
  }),
);
export type MeBody = TypeOf<typeof MeBody>;

/** What the page has to know before anything else. */
export const SessionStateBody = object({
  me: nullable(MeBody),
  hasUsers: truth('Whether anybody has an account: otherwise an access token, or the first link, is the way in.'),
  identityProvider: nullable(text('What it is called, when one can sign in with it.')),
});
export type SessionStateBody = TypeOf<typeof SessionStateBody>;

/** A session that has begun, or goes on after a new password. */
export const SignedInBody = object({ me: MeBody });
export type SignedInBody = TypeOf<typeof SignedInBody>;

export const SignedOutBody = object({
  continueAt: nullable(text('Where the identity provider ends its own session; null when there is none.')),
});
export type SignedOutBody = TypeOf<typeof SignedOutBody>;

export const SessionBody = named(
  'Session',
  object({
    id: text(),
    createdAt: time(),
    lastUsedAt: time('To the minute.'),
    endsAt: time('When it ends at the latest.'),
    agent: text('What the browser calls itself.'),
    isThis: truth('Whether it is the one that asks.'),
  }),
);
export type SessionBody = TypeOf<typeof SessionBody>;

export const SessionListBody = object({ items: list(SessionBody) });
export type SessionListBody = TypeOf<typeof SessionListBody>;

export const UserBody = named(
  'User',
  object({
    ...grantMembers,
    ...actorMembers,
    state: oneOf(['active', 'invited', 'disabled'], '`invited` has no password yet.'),
    signsInWith: oneOf(['password', 'identity-provider'], "Where the user's password is checked."),
    createdAt: time(),
    lastSignInAt: nullable(time()),
  }),
);
export type UserBody = TypeOf<typeof UserBody>;

export const UserListBody = object({ items: list(UserBody) });
export type UserListBody = TypeOf<typeof UserListBody>;

const linkMembers = {
  link: text("The path after the center's address, with a credential in its fragment."),
  expiresAt: time(),
};

/** A link that can be followed once; it is not shown again. */
export const LinkBody = object(linkMembers);
export type LinkBody = TypeOf<typeof LinkBody>;

export const InvitedBody = object({ ...linkMembers, user: UserBody });
export type InvitedBody = TypeOf<typeof InvitedBody>;

/** What a link is for. */
export const OpenLinkBody = object({
  name: nullable(text('Whose password it sets; null = that of the first admin, who chooses a name too.')),
  expiresAt: time(),
});
export type OpenLinkBody = TypeOf<typeof OpenLinkBody>;

const tokenMembers = {
  ...grantMembers,
  ...actorMembers,
  start: nullable(text('How it begins; null for the token of the settings.')),
  createdBy: nullable(text('Null for the token of the settings.')),
  createdAt: nullable(time()),
  expiresAt: nullable(time()),
  isExpired: truth(),
  lastUsedAt: nullable(time('To the minute.')),
  isRevocable: truth('The token of the settings is not.'),
};

export const TokenBody = named('AccessToken', object(tokenMembers));
export type TokenBody = TypeOf<typeof TokenBody>;

export const TokenListBody = object({ items: list(TokenBody) });
export type TokenListBody = TypeOf<typeof TokenListBody>;

/** The same with the token itself, which is not shown again. */
export const NewTokenBody = named('AccessTokenWithValue', object({ ...tokenMembers, token: text() }));
export type NewTokenBody = TypeOf<typeof NewTokenBody>;

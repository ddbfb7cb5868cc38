import type { AccountChange, Accounts } from '../access/accounts.js';
import type { SignIns } from '../access/sign-ins.js';
import type { InvitedBody, LinkBody, SessionListBody, UserBody, UserListBody } from '../api/access.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { Exchange } from '../http/exchange.js';
import { Refusal } from '../model/refusal.js';
import type { User } from '../model/user.js';
import type { Environments } from '../storage/environments.js';
import type { Sessions } from '../storage/sessions.js';
import type { Users } from '../storage/users.js';
import { isoTime, isoTimeOrNull } from './answer-parts.js';
import { GRANT_FIELDS, managerOf, presentGrants, readGrants } from './grants.js';
import { authorship, bodyFields, parameter } from './parameters.js';
import { presentLink, presentSessions, readName } from './sessions.js';

export interface UserParts {
  readonly accounts: Accounts;
  readonly signIns: SignIns;
  readonly environments: Pick<Environments, 'list'>;
  readonly users: Pick<Users, 'list' | 'byId'>;
  readonly sessions: Pick<Sessions, 'ofUser'>;
}

/** Management of those who sign in. */
export function userHandlers({ accounts, signIns, environments, users, sessions }: UserParts) {
  const present = async (user: User): Promise<UserBody> => ({
    id: user.id,
    name: user.name,
    state: stateOf(user),
    signsInWith: user.subject === undefined ? 'password' : 'identity-provider',
    ...presentGrants(user.grants, await environments.list()),
    createdAt: isoTime(user.createdAt),
    lastSignInAt: isoTimeOrNull(user.lastSignInAt),
  });
  const named = async (exchange: Exchange): Promise<User> =>
    (await users.byId(parameter(exchange, 'user'))) ?? missing();

  return {
    list: async (): Promise<Answer> =>
      json<UserListBody>({ items: await Promise.all((await users.list()).map(present)) }),
    get: async (exchange: Exchange): Promise<Answer> => json<UserBody>(await present(await named(exchange))),
    /** Body: `{"name": …, "role": …, "environments": {…}}`. The answer has the link by which the user comes in. */
    invite: async (exchange: Exchange): Promise<Answer> => {
      const fields = bodyFields(exchange.body, ['name', ...GRANT_FIELDS]);
      const { by, note } = authorship(exchange);
      const grants = readGrants(fields, await environments.list());
      const { user, link } = await accounts.invite(readName(fields.name), grants, by, note);
      return json<InvitedBody>({ user: await present(user), ...presentLink(link) }, 201);
    },
    /** Body: what is to change of `role` with `environments`, and `isDisabled`. */
    change: async (exchange: Exchange): Promise<Answer> => {
      const fields = bodyFields(exchange.body, [...GRANT_FIELDS, 'isDisabled']);
      const { isDisabled } = fields;
      if (isDisabled !== undefined && typeof isDisabled !== 'boolean') {
        throw new Refusal('invalid-request', 'isDisabled must be true or false.');
      }
      const changesGrants = fields.role !== undefined || fields.environments !== undefined;
      if (!changesGrants && isDisabled === undefined) {
        throw new Refusal(
          'invalid-request',
          'Send {"role": "…", "environments": {…}}, {"isDisabled": true or false}, or both.',
        );
      }
      const change: AccountChange = {
        ...(changesGrants ? { grants: readGrants(fields, await environments.list()) } : {}),
        ...(isDisabled === undefined ? {} : { isDisabled }),
      };
      const { by, note } = authorship(exchange);
      const user = await accounts.change(parameter(exchange, 'user'), change, by, note);
      return json<UserBody>(await present(user));
    },
    remove: async (exchange: Exchange): Promise<Answer> => {
      const { by, note } = authorship(exchange);
      await accounts.remove(parameter(exchange, 'user'), by, note);
      return empty(204);
    },
    /** A link by which the user sets a new password; it voids the one before. */
    link: async (exchange: Exchange): Promise<Answer> => {
      const { by, note } = authorship(exchange);
      const link = await accounts.link(parameter(exchange, 'user'), by, note);
      return json<LinkBody>(presentLink(link), 201);
    },
    /** A link by which somebody becomes the first admin. */
    firstLink: async (exchange: Exchange): Promise<Answer> => {
      const { by, note } = authorship(exchange);
      const link = await accounts.firstLink(by, note);
      if (link !== undefined) return json<LinkBody>(presentLink(link), 201);
      throw new Refusal('already-exists', 'There is an admin who can sign in: invite others by name.');
    },
    sessions: async (exchange: Exchange): Promise<Answer> => {
      const { sessionId } = managerOf(exchange.caller);
      const user = await named(exchange);
      return json<SessionListBody>(presentSessions(await sessions.ofUser(user.id), sessionId));
    },
    endSessions: async (exchange: Exchange): Promise<Answer> => {
      const { by, note } = authorship(exchange);
      await signIns.endAll(await named(exchange), by, note);
      return empty(204);
    },
  };
}

function stateOf({ isDisabled, hasPassword, subject }: User): UserBody['state'] {
  if (isDisabled) return 'disabled';
  return hasPassword || subject !== undefined ? 'active' : 'invited';
}

function missing(): never {
  throw new Refusal('not-found', 'There is no such user: it may have been removed.');
}

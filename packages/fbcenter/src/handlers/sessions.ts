import type { Accounts, NewLink } from '../access/accounts.js';
import type { IdentityProvider } from '../access/identity-provider.js';
import { SESSION_TIMES } from '../access/session-times.js';
import type { Begun, SignInOutcome, SignIns, Visitor } from '../access/sign-ins.js';
import type {
  LinkBody,
  MeBody,
  OpenLinkBody,
  SessionListBody,
  SessionStateBody,
  SignedInBody,
  SignedOutBody,
} from '../api/access.js';
import { accountNameProblem } from '../documents/names.js';
import { type Answer, empty, json } from '../http/answer.js';
import { cookieText } from '../http/cookies.js';
import { tooManyAttempts } from '../http/doorkeeper.js';
import type { Exchange } from '../http/exchange.js';
import { errorAnswer } from '../http/refusals.js';
import type { Site } from '../http/site.js';
import type { Manager } from '../model/caller.js';
import { Refusal } from '../model/refusal.js';
import type { Session } from '../model/user.js';
import type { Environments } from '../storage/environments.js';
import type { Sessions } from '../storage/sessions.js';
import type { Users } from '../storage/users.js';
import { isoTime } from './answer-parts.js';
import { managerOf, presentGrants, sessionOf } from './grants.js';
import { bodyFields, parameter } from './parameters.js';

/** Where the page lets somebody follow a link. The credential is in the fragment: no server and no proxy gets to see it. */
const LINK_PAGE = '/welcome#';

export interface SessionParts {
  readonly signIns: SignIns;
  readonly accounts: Accounts;
  readonly environments: Pick<Environments, 'list'>;
  readonly users: Pick<Users, 'byId' | 'list'>;
  readonly sessions: Pick<Sessions, 'ofUser'>;
  /** What signing in elsewhere is called, and where one signs out there. */
  readonly identityProvider: Pick<IdentityProvider, 'label' | 'signOutUrl'> | undefined;
}

/** Signing in and out, and what is one's own. */
export function sessionHandlers(parts: SessionParts) {
  const { signIns, accounts, environments, users, identityProvider } = parts;

  const me = async ({ actor, grants, sessionId }: Manager): Promise<MeBody> => ({
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    ...presentGrants(grants, await environments.list()),
    session: sessionId ?? null,
    hasPassword: sessionId !== undefined && (await users.byId(actor.id))?.hasPassword === true,
  });

  const signedIn = async (begun: Begun, { site }: Exchange): Promise<Answer> => {
    const { user, session } = begun;
    const actor = { kind: 'user', id: user.id, name: user.name } as const;
    const body = { me: await me({ kind: 'manager', actor, grants: user.grants, sessionId: session.id }) };
    return { ...json<SignedInBody>(body), headers: { 'set-cookie': sessionCookie(begun.code, site) } };
  };

  const answerOf = (outcome: SignInOutcome, exchange: Exchange, wrong: string): Answer | Promise<Answer> => {
    if (outcome.kind === 'begun') return signedIn(outcome.begun, exchange);
    if (outcome.kind === 'wrong') return errorAnswer(401, 'wrong-credentials', wrong);
    return tooManyAttempts('Too many wrong passwords were tried', outcome.retryAfter);
  };

  return {
    /** Who asks, if anybody is signed in: what the page asks first. */
    state: async ({ caller }: Exchange): Promise<Answer> =>
      json<SessionStateBody>({
        me: caller.kind === 'manager' ? await me(caller) : null,
        hasUsers: (await users.list()).length > 0,
        identityProvider: identityProvider?.label ?? null,
      }),
    /** Body: `{"name": …, "password": …}`. The session comes as a cookie. */
    begin: async (exchange: Exchange): Promise<Answer> => {
      const { name, password } = bodyFields(exchange.body, ['name', 'password']);
      if (typeof name !== 'string' || typeof password !== 'string') {
        throw new Refusal('invalid-request', 'Send {"name": "…", "password": "…"}.');
      }
      const outcome = await signIns.withPassword(name, password, visitorOf(exchange));
      return answerOf(outcome, exchange, 'The name or the password is wrong.');
    },
    /** Signs out. */
    end: async ({ caller, site }: Exchange): Promise<Answer> => {
      const { userId, sessionId } = sessionOf(caller);
      const { actor } = managerOf(caller);
      const user = await users.byId(userId);
      await signIns.end(actor, sessionId, actor);
      const continueAt = user?.subject === undefined ? undefined : identityProvider?.signOutUrl(`${site.origin}/`);
      const headers = { 'set-cookie': sessionCookie('', site, 0) };
      return { ...json<SignedOutBody>({ continueAt: continueAt ?? null }), headers };
    },
    /** Body: `{"current": …, "next": …}`. Every session of the user ends, and this browser gets a new one. */
    changePassword: async (exchange: Exchange): Promise<Answer> => {
      const { current, next } = bodyFields(exchange.body, ['current', 'next']);
      const user = await users.byId(sessionOf(exchange.caller).userId);
      if (typeof current !== 'string' || typeof next !== 'string' || user === undefined) {
        throw new Refusal('invalid-request', 'Send {"current": "…", "next": "…"}.');
      }
      const outcome = await signIns.changePassword(user, current, next, visitorOf(exchange));
      // Not 401: the session is as good as it was.
      if (outcome.kind === 'wrong') throw new Refusal('invalid-request', 'current: This is not your password.');
      return answerOf(outcome, exchange, '');
    },
    /** One's own sessions. */
    list: async ({ caller }: Exchange): Promise<Answer> => {
      const { userId, sessionId } = sessionOf(caller);
      return json(presentSessions(await parts.sessions.ofUser(userId), sessionId));
    },
    /** Ends one of them. */
    revoke: async (exchange: Exchange): Promise<Answer> => {
      sessionOf(exchange.caller);
      const { actor } = managerOf(exchange.caller);
      if (await signIns.end(actor, parameter(exchange, 'session'), actor)) return empty(204);
      throw new Refusal('not-found', 'There is no such session: it may have ended by itself.');
    },
    /** Body: `{"link": …}`, the part after `#`. Says what it is for, and changes nothing. */
    lookAtLink: async ({ body }: Exchange): Promise<Answer> => {
      const open = await accounts.open(readLink(body));
      if (open === undefined) throw new Refusal('link-void', 'This link has been used, is too old, or was replaced.');
      const expiresAt = isoTime(open.expiresAt);
      return json<OpenLinkBody>({ name: open.user?.name ?? null, expiresAt });
    },
    /** Body: `{"link": …, "password": …}`, and a `"name"` for the first admin. Signs in. */
    followLink: async (exchange: Exchange): Promise<Answer> => {
      const { name = '', password } = bodyFields(exchange.body, ['link', 'name', 'password']);
      const code = readLink(exchange.body);
      const begun = await accounts.follow(code, () => readName(name), password, visitorOf(exchange));
      return signedIn(begun, exchange);
    },
  };
}

/** A name of a user or a token. @throws Refusal */
export function readName(name: unknown): string {
  if (typeof name !== 'string') throw new Refusal('invalid-request', 'name: Must be a string.');
  const trimmed = name.trim();
  const problem = accountNameProblem(trimmed);
  if (problem !== undefined) throw new Refusal('invalid-request', `name: ${problem}`);
  return trimmed;
}

export function presentSessions(sessions: readonly Session[], own?: string): SessionListBody {
  return {
    items: sessions.map(({ id, createdAt, lastUsedAt, agent }) => ({
      id,
      createdAt: isoTime(createdAt),
      lastUsedAt: isoTime(lastUsedAt),
      endsAt: isoTime(Math.min(createdAt + SESSION_TIMES.absolute, lastUsedAt + SESSION_TIMES.idle)),
      agent,
      isThis: id === own,
    })),
  };
}

export function presentLink({ code, expiresAt }: NewLink): LinkBody {
  return { link: LINK_PAGE + code, expiresAt: isoTime(expiresAt) };
}

export function visitorOf({ address, headers }: Exchange): Visitor {
  return { address, agent: headers['user-agent'] ?? '' };
}

/** The cookie with a session; it lasts as long as the session can. */
export function sessionCookie(
  code: string,
  { cookie, isSecure }: Site,
  maxAge = SESSION_TIMES.absolute / 1_000,
): string {
  // Not even a link from elsewhere brings it along; the page that is opened asks for itself.
  return cookieText(cookie, code, { isSecure, sameSite: 'Strict', maxAge });
}

function readLink(body: unknown): string {
  const { link } = bodyFields(body, ['link', 'name', 'password']);
  if (typeof link === 'string') return link;
  throw new Refusal('invalid-request', 'Send {"link": "…"}, the part of the link after #.');
}

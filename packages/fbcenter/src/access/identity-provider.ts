// Types only: the library is loaded when an identity provider is configured, and need not be there otherwise.
import type * as client from 'openid-client';
import { CENTER } from '../model/actor.js';
import { Refusal } from '../model/refusal.js';
import { covers, type Grants, type Role } from '../model/role.js';
import type { User } from '../model/user.js';
import type { Storage, Transaction } from '../storage/storage.js';
import { userState, writeDown } from './audit-notes.js';
import { isLoopback, type ResolvedOidc } from './oidc-options.js';

type Client = typeof client;
type Configuration = client.Configuration;

/** How long the provider may take to answer, in seconds. */
const PATIENCE = 10;
/** Exchanges with the provider at once: each is somebody who waits. */
const MAX_EXCHANGES = 50;
/** Longest name that is taken over: what the history of changes keeps of one. */
const MAX_NAME_LENGTH = 100;

/** What the browser keeps between leaving for the provider and coming back; nobody else gets to see it. */
export interface OidcFlow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Why somebody who came back is not signed in. */
export type OidcProblem = 'no-role' | 'disabled' | 'refused' | 'unavailable';

export interface IdentityProviderParts {
  readonly options: ResolvedOidc;
  readonly storage: Pick<Storage, 'environments' | 'transact'>;
  /** Hears why an exchange failed, for the log. */
  failed(problem: string): void;
}

/**
 * Signing in with OpenID Connect: authorization code with PKCE, state and nonce. What somebody may do is decided by the groups, anew at each
 * sign-in.
 */
export class IdentityProvider {
  readonly #parts: IdentityProviderParts;
  #ready: Promise<{ readonly client: Client; readonly configuration: Configuration }> | undefined;
  #endSession: ((returnTo: string) => string) | undefined;
  #exchanges = 0;

  constructor(parts: IdentityProviderParts) {
    this.#parts = parts;
  }

  get label(): string {
    return this.#parts.options.label;
  }

  /** Loads the library. @throws Error when it is not installed. */
  static async ensureInstalled(): Promise<void> {
    await import('openid-client');
  }

  /** Where the browser goes, and what it has to bring back. @throws Refusal `busy` when the provider does not answer. */
  async begin(redirectUri: string): Promise<{ readonly url: string; readonly flow: OidcFlow }> {
    const { client, configuration } = await this.#open();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.#parts.options.scope,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, flow: { state, nonce, verifier } };
  }

  /**
   * Who came back.
   *
   * @param callback the address that the provider sent the browser to, with its query.
   */
  async complete(callback: URL, { state, nonce, verifier }: OidcFlow): Promise<User | OidcProblem> {
    if (this.#exchanges >= MAX_EXCHANGES) throw tooMany();
    this.#exchanges += 1;
    try {
      const claims = await this.#claims(callback, { state, nonce, verifier });
      return typeof claims === 'string' ? claims : await this.#userOf(claims);
    } finally {
      this.#exchanges -= 1;
    }
  }

  /** Where the provider ends its own session; `undefined` when it has no such place. @param returnTo where it goes on then. */
  signOutUrl(returnTo: string): string | undefined {
    return this.#endSession?.(returnTo);
  }

  async #claims(callback: URL, flow: OidcFlow): Promise<Claims | OidcProblem> {
    const { groupsClaim } = this.#parts.options;
    try {
      const { client, configuration } = await this.#open();
      const tokens = await client.authorizationCodeGrant(configuration, callback, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      });
      const claims: Claims = { sub: '', ...tokens.claims() };
      if (claims[groupsClaim] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined)
        return claims;
      // Some providers keep the groups out of the token, which would grow with them.
      return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    } catch (error) {
      const { error: code } = (error ?? {}) as { readonly error?: unknown };
      this.#parts.failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      return code === 'access_denied' ? 'refused' : 'unavailable';
    }
  }

  async #userOf(claims: Claims): Promise<User | OidcProblem> {
    const { storage, options } = this.#parts;
    const grants = await this.#grantsOf(claims[options.groupsClaim]);
    const hasNone = grants.everywhere === undefined && Object.keys(grants.environments).length === 0;
    const subject = `${options.issuer.href} ${claims.sub}`;
    const user = await storage.transact(async (transaction) => {
      const { users, sessions } = transaction;
      const known = await users.bySubject(subject);
      if (hasNone && known === undefined) return undefined;
      const user = known ?? (await addUser(users, nameIn(claims), grants, subject));
      const now = (await users.change(user.id, { grants })) ?? user;
      if (hasNone) await sessions.removeAll(user.id);
      const [before, after] = [known && userState(known), userState(now)];
      if (JSON.stringify(before) !== JSON.stringify(after)) {
        const action = before === undefined ? 'create' : 'update';
        await writeDown(transaction, { actor: CENTER, action, kind: 'user', name: now.name, before, after });
      }
      return now;
    });
    if (user === undefined) return 'no-role';
    if (hasNone) return 'no-role';
    return user.isDisabled ? 'disabled' : user;
  }

  async #grantsOf(claim: unknown): Promise<Grants> {
    const groups: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    const known = await this.#parts.storage.environments.list();
    let everywhere: Role | undefined;
    const environments: Record<string, Role> = {};
    for (const { group, role, environments: keys } of this.#parts.options.roles) {
      if (group !== '*' && !groups.includes(group)) continue;
      if (keys === undefined) everywhere = greater(everywhere, role);
      for (const { id } of known.filter(({ key }) => keys?.includes(key))) {
        environments[id] = greater(environments[id], role);
      }
    }
    return { everywhere, environments };
  }

  /** What the provider says of itself, asked for until it has answered once. */
  async #open(): Promise<{ readonly client: Client; readonly configuration: Configuration }> {
    this.#ready ??= this.#discover();
    try {
      return await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      this.#parts.failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      throw new Refusal('busy', 'The identity provider does not answer: try again in a minute.');
    }
  }

  async #discover(): Promise<{ readonly client: Client; readonly configuration: Configuration }> {
    const { issuer, clientId, clientSecret } = this.#parts.options;
    const client = await import('openid-client');
    const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
    const configuration = await client.discovery(issuer, clientId, undefined, authentication, {
      timeout: PATIENCE,
      execute: isLoopback(issuer) && issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
    });
    if (configuration.serverMetadata().end_session_endpoint !== undefined) {
      this.#endSession = (returnTo) =>
        client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    }
    return { client, configuration };
  }
}

interface Claims {
  readonly sub: string;
  readonly [name: string]: unknown;
}

function greater(before: Role | undefined, role: Role): Role {
  return before !== undefined && covers(before, role) ? before : role;
}

/** What people call somebody; the provider's own number where it says no more. */
function nameIn(claims: Claims): string {
  const names = [claims.preferred_username, claims.email, claims.name, claims.sub];
  const name = names.find((value): value is string => typeof value === 'string' && value.trim() !== '') ?? claims.sub;
  return name
    .replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, MAX_NAME_LENGTH - 4);
}

/** Adds a user under the first name that nobody has: one who has the name already is somebody else. */
async function addUser(users: Transaction['users'], name: string, grants: Grants, subject: string): Promise<User> {
  for (let number = 1; number < 1_000; number++) {
    const user = await users.add({ name: number === 1 ? name : `${name} ${number}`, grants, subject });
    if (user !== undefined) return user;
  }
  throw tooMany();
}

function tooMany(): Refusal {
  return new Refusal('busy', 'Too many people sign in at the same time: try again in a few seconds.');
}

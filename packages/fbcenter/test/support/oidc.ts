import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { onTestFinished } from 'vitest';

/** Somebody at the identity provider. */
interface Account {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly groups?: readonly string[];
}

/** A real identity provider on this machine, where everybody who comes is `who`, without being asked. */
export interface TestProvider {
  readonly issuer: string;
  /** Who comes; `undefined` = somebody who refuses to sign in. */
  who: Account | undefined;
  /** How many browsers it has sent back. */
  readonly visits: number;
  /** Makes the center known to it. */
  register(redirectUri: string, options?: { readonly returnTo?: string; readonly areClaimsInToken?: boolean }): void;
}

export const CLIENT = { id: 'fbcenter', secret: 'a-secret-of-the-test-that-is-long-enough' };

/** @param end when it ends; @default with the test */
export async function startProvider(end: (stop: () => void) => void = onTestFinished): Promise<TestProvider> {
  let handle: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    if (handle === undefined) response.writeHead(503).end();
    else handle(request, response);
  }).listen(0, '127.0.0.1');
  end(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: { who: Account | undefined; visits: number } = { who: undefined, visits: 0 };
  return {
    issuer,
    get who() {
      return state.who;
    },
    set who(account) {
      state.who = account;
    },
    get visits() {
      return state.visits;
    },
    register(redirectUri, { returnTo, areClaimsInToken = false } = {}) {
      const accounts = new Map<string, Account>();
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.id,
            client_secret: CLIENT.secret,
            redirect_uris: [redirectUri],
            post_logout_redirect_uris: returnTo === undefined ? [] : [returnTo],
          },
        ],
        cookies: { keys: ['a key of the test'] },
        pkce: { required: () => true },
        claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
        conformIdTokenClaims: !areClaimsInToken,
        features: { devInteractions: { enabled: false } },
        interactions: { url: () => '/interaction' },
        findAccount: (_: unknown, id: string) => ({
          accountId: id,
          claims: async () => accounts.get(id) ?? { sub: id },
        }),
        // Whoever signs in agrees to everything.
        loadExistingGrant: async (context: GrantContext) => {
          const { client, session } = context.oidc;
          const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
          grant.addOIDCScope('openid profile groups');
          await grant.save();
          return grant;
        },
      });
      const callback = provider.callback();
      handle = (request, response) => {
        if (request.url?.startsWith('/interaction') !== true) return callback(request, response);
        const { who } = state;
        state.visits += 1;
        if (who !== undefined) accounts.set(who.sub, who);
        const result =
          who === undefined
            ? { error: 'access_denied', error_description: 'no' }
            : { login: { accountId: who.sub, remember: false } };
        provider.interactionFinished(request, response, result).catch(() => response.writeHead(500).end());
      };
    },
  };
}

interface GrantContext {
  readonly oidc: { readonly client: { readonly clientId: string }; readonly session: { readonly accountId: string } };
}

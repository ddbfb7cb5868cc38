import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Callers } from '../../src/access/callers.js';
import type { Demand } from '../../src/access/demands.js';
import { Doorkeeper } from '../../src/http/doorkeeper.js';
import { admitRequest, type EntryParts, mayGoOn } from '../../src/http/entry.js';
import type { Route } from '../../src/http/exchange.js';
import type { Caller } from '../../src/model/caller.js';
import { Refusal } from '../../src/model/refusal.js';
import { ALL_GRANTS, type Grants, ROLES } from '../../src/model/role.js';
import { silentLogger } from '../../src/runtime/log.js';
import { anEnvironment } from '../support/environments.js';

const DEV = anEnvironment('dev');
const PROD = anEnvironment('prod');
const HOST = 'flags.example.com';

const manager = (grants: Grants, sessionId?: string): Caller => ({
  kind: 'manager',
  actor: { kind: sessionId === undefined ? 'token' : 'user', id: 'ada', name: 'Ada' },
  grants,
  ...(sessionId === undefined ? {} : { sessionId }),
});
const sdk = (environment = DEV): Caller => ({ kind: 'sdk', secret: 'server', secretId: 's', environment });

function partsFor(caller: Caller | undefined, asked: unknown[] = []): EntryParts {
  return {
    callers: {
      identify: async (credentials: unknown, access: Demand) => {
        asked.push([credentials, access]);
        return caller;
      },
    } as unknown as Callers,
    environments: { byKey: async (key) => [DEV, PROD].find((one) => one.key === key) },
    publicUrl: `https://${HOST}`,
  };
}

const requestOf = (
  parts: { method?: string; headers?: Record<string, string>; params?: Record<string, string> } = {},
) =>
  ({
    ...{ method: 'GET', url: '/', params: {}, ...parts },
    headers: { host: HOST, ...parts.headers },
    raw: { socket: { remoteAddress: '192.0.2.1' } },
  }) as unknown as FastifyRequest;

const routeOf = (access: Demand, more: Partial<Route> = {}) =>
  ({ method: 'GET', path: '/', access, handler: async () => expect.unreachable(), ...more }) as Route;

/** What comes of a request: who was let in where, or the status and code of the refusal. */
async function outcome(request: FastifyRequest, route: Route, caller: Caller | undefined) {
  try {
    const entry = await admitRequest(request, route, new Doorkeeper(silentLogger), partsFor(caller));
    if (!('refusal' in entry)) return ['let in', entry.environment?.key];
    const { status, body } = entry.refusal;
    return [status, body.kind === 'json' ? (body.value as { code: string }).code : undefined];
  } catch (error) {
    if (error instanceof Refusal) return ['refused', error.code];
    throw error;
  }
}

describe('a change that comes with a cookie', () => {
  const OWN = { 'sec-fetch-site': 'same-origin' };
  const senders: [string, Record<string, string>, own: boolean, foreign: boolean][] = [
    ['a page of the center', OWN, true, false],
    ['a page of the center, by its origin', { origin: `https://${HOST}` }, true, false],
    ['a page of the center, with the port that goes without saying', { origin: `https://${HOST}:443` }, true, false],
    ['another site', { 'sec-fetch-site': 'cross-site' }, false, true],
    ['another site of the same domain', { 'sec-fetch-site': 'same-site' }, false, true],
    ['an address that was typed', { 'sec-fetch-site': 'none' }, false, true],
    ['another origin', { origin: 'https://evil.example' }, false, true],
    ['another port', { origin: `https://${HOST}:8443` }, false, true],
    ['a page in a sandbox', { origin: 'null' }, false, true],
    ['whoever does not say', {}, false, false],
  ];
  const viewer = manager({ everywhere: 'admin', environments: {} }, 'a session');

  it.each(senders)('by %s is taken only from a page of the center', async (_, headers, isOwn) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const got = await outcome(requestOf({ method, headers }), routeOf('signed-in'), viewer);
      expect([method, ...got]).toEqual(isOwn ? [method, 'let in', undefined] : [method, 403, 'cross-site']);
    }
  });

  it.each(senders)('or begins a session, by %s, is refused to other sites alone', async (_, headers, __, isForeign) => {
    const got = await outcome(requestOf({ method: 'POST', headers }), routeOf('anybody'), { kind: 'anybody' });
    expect(got).toEqual(isForeign ? [403, 'cross-site'] : ['let in', undefined]);
  });

  it.each(senders)('is no change when it only reads, by %s', async (_, headers) => {
    for (const method of ['GET', 'HEAD']) {
      expect(await outcome(requestOf({ method, headers }), routeOf('signed-in'), viewer)).toEqual([
        'let in',
        undefined,
      ]);
    }
  });

  it.each(senders)('is no matter with credentials that no browser adds, by %s', async (_, headers) => {
    const authorization = { ...headers, authorization: 'Bearer x' };
    expect(await outcome(requestOf({ method: 'POST', headers: authorization }), routeOf('signed-in'), viewer)).toEqual([
      'let in',
      undefined,
    ]);
    expect(await outcome(requestOf({ method: 'POST', headers }), routeOf('any-secret'), sdk())).toEqual([
      'let in',
      undefined,
    ]);
  });
});

describe('a role', () => {
  it.each(
    ([undefined, ...ROLES] as const).flatMap((everywhere) =>
      ([undefined, ...ROLES] as const).flatMap((own) => ROLES.map((access) => [everywhere, own, access] as const)),
    ),
  )(
    '%s everywhere and %s in dev, where %s is demanded, lets in, is too low, or may not know',
    async (everywhere, own, access) => {
      const rank = (role: (typeof ROLES)[number] | undefined) => (role === undefined ? -1 : ROLES.indexOf(role));
      const caller = manager({ everywhere, environments: own === undefined ? {} : { [DEV.id]: own } });
      const inDev = Math.max(rank(everywhere), rank(own));
      const about = routeOf(access, { about: 'environment' } as Partial<Route>);
      const expected =
        inDev >= rank(access)
          ? ['let in', 'dev']
          : inDev < 0
            ? ['refused', 'environment-not-found']
            : ['refused', 'forbidden'];
      expect(await outcome(requestOf({ params: { environment: 'dev' } }), about, caller)).toEqual(expected);
      // In another environment, and where it is about none, the role everywhere counts alone.
      const elsewhere = await outcome(requestOf({ params: { environment: 'prod' } }), about, caller);
      const known =
        rank(everywhere) >= rank(access)
          ? ['let in', 'prod']
          : everywhere === undefined
            ? ['refused', 'environment-not-found']
            : ['refused', 'forbidden'];
      expect(elsewhere).toEqual(known);
      const center = await outcome(requestOf(), routeOf(access), caller);
      expect(center).toEqual(rank(everywhere) >= rank(access) ? ['let in', undefined] : ['refused', 'forbidden']);
    },
  );

  it('says which one it takes, and where', async () => {
    const caller = manager({ everywhere: 'viewer', environments: {} });
    const door = new Doorkeeper(silentLogger);
    const about = routeOf('admin', { about: 'environment' } as Partial<Route>);
    await expect(
      admitRequest(requestOf({ params: { environment: 'dev' } }), about, door, partsFor(caller)),
    ).rejects.toThrow('This takes the role admin in this environment: ask an admin for it.');
    await expect(admitRequest(requestOf(), routeOf('editor'), door, partsFor(caller))).rejects.toThrow(
      'This takes the role editor everywhere: ask an admin for it.',
    );
  });
});

describe('the environment of a request', () => {
  const about = (access: Demand) => routeOf(access, { about: 'environment' } as Partial<Route>);

  it('is that of the secret for an SDK, whatever the path says', async () => {
    for (const params of [{}, { environment: 'prod' }] as Record<string, string>[]) {
      expect(await outcome(requestOf({ params }), about('server-secret'), sdk(DEV))).toEqual(['let in', 'dev']);
    }
  });

  it.each(['nope', '', 'Dev', '__proto__'])(
    'is not there under %j, and nobody learns whether it is',
    async (environment) => {
      const refusal = { everywhere: undefined, environments: {} };
      for (const grants of [ALL_GRANTS, refusal]) {
        expect(await outcome(requestOf({ params: { environment } }), about('viewer'), manager(grants))).toEqual([
          'refused',
          'environment-not-found',
        ]);
      }
      // The same words as for one that is there and may not be seen.
      expect(await outcome(requestOf({ params: { environment: 'dev' } }), about('viewer'), manager(refusal))).toEqual([
        'refused',
        'environment-not-found',
      ]);
    },
  );
});

describe('whoever is not known', () => {
  it.each<[access: Demand, status: number]>([
    ['signed-in', 401],
    ['viewer', 401],
    ['admin', 401],
    ['server-secret', 401],
    ['client-secret', 401],
    ['any-secret', 401],
  ])('is refused where %s is demanded', async (access, status) => {
    expect(await outcome(requestOf(), routeOf(access), undefined)).toEqual([status, 'unauthorized']);
  });

  it('is asked for credentials before anything is looked at: an environment, a body, a site', async () => {
    const route = routeOf('admin', { about: 'environment', demandsJson: true } as Partial<Route>);
    const request = requestOf({
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
      params: { environment: 'nope' },
    });
    expect(await outcome(request, route, undefined)).toEqual([401, 'unauthorized']);
  });
});

describe('a body that must be JSON', () => {
  it.each<[headers: Record<string, string>, outcome: unknown[]]>([
    [{ 'content-type': 'application/json' }, ['let in', undefined]],
    [{ 'content-type': 'application/json; charset=utf-8' }, ['let in', undefined]],
    [{ 'content-type': 'text/plain' }, [415, 'unsupported-media-type']],
    [{}, [415, 'unsupported-media-type']],
  ])('and says %j', async (headers, expected) => {
    expect(
      await outcome(requestOf({ method: 'POST', headers }), routeOf('any-secret', { demandsJson: true }), sdk()),
    ).toEqual(expected);
  });
});

describe('what somebody comes with', () => {
  it.each<[access: Demand, session: string | undefined]>([
    ['signed-in', 'the-code'],
    ['viewer', 'the-code'],
    ['anybody-known', 'the-code'],
    ['any-secret', undefined],
    ['anybody', undefined],
  ])('where %s is demanded has the session %s of the cookie', async (access, session) => {
    const asked: unknown[] = [];
    const headers = { cookie: 'other=1; __Host-fbcenter=the-code; __Host-fbcenter-oidc=x' };
    await admitRequest(
      requestOf({ headers }),
      routeOf(access),
      new Doorkeeper(silentLogger),
      partsFor(manager(ALL_GRANTS), asked),
    );
    expect(asked).toEqual([[{ authorization: undefined, session }, access]]);
  });
});

describe('whoever listens', () => {
  const admitted = {
    caller: manager(ALL_GRANTS),
    site: { origin: '', isSecure: true, cookie: '__Host-fbcenter' },
    environment: DEV,
  };
  const route = routeOf('viewer', { about: 'environment' } as Partial<Route>);

  it.each<[string, Caller | undefined, boolean]>([
    ['may do what it might before', manager(ALL_GRANTS), true],
    ['may do less, but enough', manager({ everywhere: undefined, environments: { [DEV.id]: 'viewer' } }), true],
    ['has no role here any more', manager({ everywhere: undefined, environments: { [PROD.id]: 'admin' } }), false],
    ['is not known any more', undefined, false],
    ['is nobody by now', { kind: 'anybody' }, false],
  ])('goes on listening if it %s', async (_, caller, goesOn) => {
    expect(await mayGoOn(requestOf(), route, admitted, partsFor(caller).callers)).toBe(goesOn);
  });
});

import { describe, expect, it } from 'vitest';
import type { OidcOptions } from '../src/access/oidc-options.js';
import { TestBrowser } from './support/browser.js';
import { CLIENT, startProvider } from './support/oidc.js';
import { startWithPeople } from './support/people.js';

const ROLES: OidcOptions['roles'] = [
  { group: 'flag-admins', role: 'admin' },
  { group: 'shop', role: 'editor', environments: ['dev', 'nowhere'] },
  { group: 'shop', role: 'viewer' },
];

async function withProvider(options: Partial<OidcOptions> = {}, areClaimsInToken = false) {
  const provider = await startProvider();
  const log: [string, unknown][] = [];
  const logger = {
    debug() {},
    info() {},
    error() {},
    warn: (message: string, fields: unknown) => void log.push([message, fields]),
  };
  const people = await startWithPeople({
    logger,
    oidc: {
      issuer: provider.issuer,
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret,
      label: 'Example ID',
      scope: 'openid profile groups',
      roles: ROLES,
      ...options,
    },
  });
  const { url } = people.center;
  provider.register(`${url}/api/v1/oidc/callback`, { returnTo: `${url}/`, areClaimsInToken });
  const start = (to = '/settings') => `${url}/api/v1/oidc/start?to=${encodeURIComponent(to)}`;
  const isBack = (address: string) => address.startsWith(`${url}/`) && !address.includes('/oidc/');
  const signIn = async (browser: TestBrowser, to?: string) => {
    const { url: end } = await browser.follow(start(to), isBack);
    const { body } = await browser.api(people.center, 'GET', '/session');
    return { end: end.slice(url.length), me: body.me };
  };
  return { ...people, provider, log, start, isBack, signIn };
}

describe('signing in with an identity provider', () => {
  it.each([false, true])('gives the role of the groups, in a session; the claims in the token: %s', async (inToken) => {
    const { center, provider, signIn, events, admin } = await withProvider({}, inToken);
    provider.who = { sub: '1', preferred_username: 'ada', groups: ['shop', 'others'] };
    const browser = new TestBrowser();
    expect((await browser.api(center, 'GET', '/session')).body).toMatchObject({
      me: null,
      identityProvider: 'Example ID',
    });
    const { end, me } = await signIn(browser);
    expect(end).toBe('/settings');
    expect(me).toMatchObject({ name: 'ada', role: 'viewer', environments: { dev: 'editor' }, hasPassword: false });
    const [session = ''] = browser.setCookies.filter((cookie) => /^fbcenter-\d+=/.test(cookie));
    expect(session).toMatch(/HttpOnly; SameSite=Strict$/);
    expect((await events()).map(({ action }) => action)).toEqual(['create', 'sign-in']);
    expect((await admin('GET', '/users')).body.items).toMatchObject([
      { name: 'ada', state: 'active', signsInWith: 'identity-provider', role: 'viewer' },
    ]);
  });

  it('decides anew each time: a group that is gone takes its role, the last one every session', async () => {
    const { center, provider, signIn, idOf, events } = await withProvider();
    provider.who = { sub: '1', preferred_username: 'ada', groups: ['flag-admins'] };
    const browser = new TestBrowser();
    expect((await signIn(browser)).me).toMatchObject({ role: 'admin' });
    const id = await idOf('ada');
    provider.who = { sub: '1', preferred_username: 'renamed', groups: ['shop'] };
    expect((await signIn(new TestBrowser())).me).toMatchObject({ id, name: 'ada', role: 'viewer' });
    expect((await browser.api(center, 'GET', '/session')).body.me).toMatchObject({ id, role: 'viewer' });
    provider.who = { sub: '1', groups: [] };
    expect(await signIn(new TestBrowser())).toEqual({ end: '/?problem=no-role', me: null });
    expect((await browser.api(center, 'GET', '/environments')).status).toBe(401);
    expect((await events()).map(({ action, subject }) => `${action} ${subject.key}`)).toEqual([
      'create ada',
      'sign-in ada',
      'update ada',
      'sign-in ada',
      'update ada',
    ]);
  });

  it.each([
    ['of no group with a role', { sub: '2', preferred_username: 'bob', groups: ['others'] }, 'no-role'],
    ['without groups', { sub: '3', preferred_username: 'cyd' }, 'no-role'],
    ['who refuses', undefined, 'refused'],
  ])('lets nobody in %s, and makes no user', async (_, who, problem) => {
    const { provider, signIn, admin } = await withProvider();
    provider.who = who;
    expect(await signIn(new TestBrowser())).toEqual({ end: `/?problem=${problem}`, me: null });
    expect((await admin('GET', '/users')).body.items).toEqual([]);
  });

  it('can be open to everybody', async () => {
    const { provider, signIn } = await withProvider({ roles: [{ group: '*', role: 'viewer' }] });
    provider.who = { sub: '4' };
    expect((await signIn(new TestBrowser())).me).toMatchObject({ name: '4', role: 'viewer' });
  });

  it('keeps a user apart from one of the same name who has a password, and gives it none', async () => {
    const { provider, signIn, join, admin, idOf } = await withProvider();
    await join('ada', { role: 'admin' });
    provider.who = { sub: '1', preferred_username: 'Ada', groups: ['shop'] };
    expect((await signIn(new TestBrowser())).me).toMatchObject({ name: 'Ada 2', role: 'viewer' });
    const id = await idOf('Ada 2');
    expect((await admin('POST', `/users/${id}/link`)).status).toBe(400);
    expect((await admin('PUT', `/users/${id}`, { role: 'admin' })).status).toBe(400);
  });

  it('does not let in who is disabled here', async () => {
    const { provider, signIn, admin, idOf } = await withProvider();
    provider.who = { sub: '1', preferred_username: 'ada', groups: ['shop'] };
    const browser = new TestBrowser();
    await signIn(browser);
    expect((await admin('PUT', `/users/${await idOf('ada')}`, { isDisabled: true })).status).toBe(200);
    expect(await signIn(browser)).toEqual({ end: '/?problem=disabled', me: null });
  });

  it('asks with PKCE, state and nonce, new ones each time', async () => {
    const { start } = await withProvider();
    const asked = await Promise.all(
      [1, 2].map(
        async () => new URL((await new TestBrowser().call(start())).headers.get('location') ?? '').searchParams,
      ),
    );
    for (const query of asked) {
      expect(Object.fromEntries(query)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' });
      for (const name of ['state', 'nonce', 'code_challenge']) expect(query.get(name)).toMatch(/^[\w-]{43}$/);
    }
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[0]?.get(name)).not.toBe(asked[1]?.get(name));
  });

  it('takes no way back that another browser began, nor one that was gone before', async () => {
    const { center, provider, start, isBack } = await withProvider();
    provider.who = { sub: '1', preferred_username: 'ada', groups: ['shop'] };
    const thief = new TestBrowser();
    const isCallback = (address: string) => address.includes('/oidc/callback');
    const { url: callback } = await thief.follow(start(), isCallback);
    const victim = new TestBrowser();
    const ends: string[] = [];
    // Without a flow of its own, and with another one.
    ends.push((await victim.follow(callback, isBack)).url);
    await victim.call(start());
    ends.push((await victim.follow(callback, isBack)).url);
    expect(victim.cookies(center).size).toBe(0);
    // In its own browser it is good, once.
    ends.push((await thief.follow(callback, isBack)).url);
    ends.push((await thief.follow(callback, isBack)).url);
    expect(ends.map((end) => end.slice(center.url.length))).toEqual([
      '/?problem=expired',
      '/?problem=unavailable',
      '/settings',
      '/?problem=expired',
    ]);
  });

  it.each([
    ['/env/dev/flags', '/env/dev/flags'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['/a\r\nset-cookie: x=y', '/'],
    ['', '/'],
  ])('goes on to %j as %s', async (to, expected) => {
    const { provider, signIn } = await withProvider();
    provider.who = { sub: '1', groups: ['shop'] };
    expect((await signIn(new TestBrowser(), to)).end).toBe(expected);
  });

  it('ends the session of the provider too', async () => {
    const { center, provider, signIn } = await withProvider();
    provider.who = { sub: '1', groups: ['shop'] };
    const browser = new TestBrowser();
    await signIn(browser);
    const { body } = await browser.api(center, 'DELETE', '/session');
    const url = new URL(body.continueAt);
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${center.url}/`);
    expect((await browser.api(center, 'GET', '/session')).body.me).toBeNull();
  });

  it('says so while the provider is away, and works when it is back', async () => {
    const provider = await startProvider();
    const { center } = await startWithPeople({
      oidc: { issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, roles: ROLES },
    });
    const start = () => new TestBrowser().call(`${center.url}/api/v1/oidc/start`);
    expect((await start()).status).toBe(503);
    provider.register(`${center.url}/api/v1/oidc/callback`);
    expect((await start()).status).toBe(303);
  });

  it('keeps the secret of the center and what it was sent out of the log', async () => {
    const { provider, log, start, isBack } = await withProvider({
      clientSecret: 'not-the-secret-of-this-center-at-all',
    });
    provider.who = { sub: '1', groups: ['shop'] };
    const { url } = await new TestBrowser().follow(start(), isBack);
    expect(url).toContain('/?problem=unavailable');
    expect(log).toEqual([['signing in with the identity provider failed', { problem: expect.any(String) }]]);
    expect(JSON.stringify(log)).not.toContain('not-the-secret');
  });

  it('is not there unless it is configured', async () => {
    const { center } = await startWithPeople();
    for (const path of ['start', 'callback?code=1&state=2']) {
      expect((await new TestBrowser().call(`${center.url}/api/v1/oidc/${path}`)).status).toBe(404);
    }
  });
});

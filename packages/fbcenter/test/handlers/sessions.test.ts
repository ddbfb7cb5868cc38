import { describe, expect, it } from 'vitest';
import { sessionHandlers } from '../../src/handlers/sessions.js';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { ALL_GRANTS, type Grants } from '../../src/model/role.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { PASSWORD } from '../support/people.js';

const NEXT = 'a completely new password';

/** Ada, who has followed her link. */
async function withAda(grants: object = { role: 'viewer' }) {
  const world = await handlerWorld();
  const { body } = await world.ask(world.handlers.users.invite, { body: { name: 'Ada', ...grants } });
  const link = body.link.split('#')[1];
  const joined = await world.ask(world.handlers.sessions.followLink, { body: { link, password: PASSWORD } });
  expect(joined.status).toBe(200);
  const caller = callerOf(joined.body.me.id, joined.body.me.session, { everywhere: 'viewer', environments: {} });
  return { ...world, world, me: joined.body.me, caller, joined };
}

function callerOf(id: string, sessionId: string, grants: Grants = ALL_GRANTS): EnvironmentExchange['caller'] {
  return { kind: 'manager', actor: { kind: 'user', id, name: 'Ada' }, grants, sessionId };
}

const begin = ({ ask, handlers }: HandlerWorld, body: unknown) => ask(handlers.sessions.begin, { body });

describe('who asks', () => {
  it('is nobody without credentials; the page learns whether anybody has an account', async () => {
    const world = await handlerWorld();
    const state = (caller: EnvironmentExchange['caller']) => world.ask(world.handlers.sessions.state, { caller });
    expect((await state({ kind: 'anybody' })).body).toEqual({ me: null, hasUsers: false, identityProvider: null });
    await world.ask(world.handlers.users.invite, { body: { name: 'Ada', role: 'viewer' } });
    expect((await state({ kind: 'anybody' })).body).toEqual({ me: null, hasUsers: true, identityProvider: null });
  });

  it('is a user with its roles by keys, or a token, which has no session and no password', async () => {
    const { world, caller, me } = await withAda();
    const state = async (by: EnvironmentExchange['caller']) =>
      (await world.ask(world.handlers.sessions.state, { caller: by })).body.me;
    expect(await state(caller)).toEqual({
      kind: 'user',
      id: me.id,
      name: 'Ada',
      role: 'viewer',
      environments: {},
      session: me.session,
      hasPassword: true,
    });
    const grants: Grants = { everywhere: undefined, environments: { [world.environment.id]: 'editor' } };
    expect(await state({ kind: 'manager', actor: { kind: 'token', id: 't', name: 'deploy' }, grants })).toEqual({
      kind: 'token',
      id: 't',
      name: 'deploy',
      role: null,
      environments: { dev: 'editor' },
      session: null,
      hasPassword: false,
    });
  });

  it('is told what the identity provider is called', async () => {
    const world = await handlerWorld();
    const { users, environments, sessions } = world.storage;
    const unused = {} as never;
    const handlers = sessionHandlers({
      ...{ users, environments, sessions, signIns: unused, accounts: unused },
      identityProvider: { label: 'Example', signOutUrl: () => undefined },
    });
    const { body } = await world.ask(handlers.state, { caller: { kind: 'anybody' } });
    expect(body.identityProvider).toBe('Example');
  });
});

describe('signing in', () => {
  it('gives a cookie that no script reads, and who one is', async () => {
    const { world, me } = await withAda();
    const { status, body, headers } = await begin(world, { name: ' ada ', password: PASSWORD });
    expect([status, body.me.id, body.me.session === me.session]).toEqual([200, me.id, false]);
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly/);
    expect(String(headers['set-cookie'])).toMatch(/SameSite=Strict/);
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    [[]],
    ['ada'],
    [{}],
    [{ name: 'ada' }],
    [{ password: PASSWORD }],
    [{ name: null, password: PASSWORD }],
    [{ name: 'ada', password: 5 }],
    [{ name: ['ada'], password: PASSWORD }],
  ])('is not tried with %j', async (body) => {
    const { world } = await withAda();
    expect(await begin(world, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: 'Send {"name": "…", "password": "…"}.' },
    });
  });

  it.each([
    ['nobody', PASSWORD],
    ['ada', 'wrong wrong wrong'],
    ['ada', ''],
    ['', PASSWORD],
    ['ada', `${PASSWORD} `],
    ['ada', PASSWORD.toUpperCase()],
  ])('as %j with %j is refused in the same words, without a cookie', async (name, password) => {
    const { world } = await withAda();
    const { status, body, headers } = await begin(world, { name, password });
    expect([status, body]).toEqual([401, { code: 'wrong-credentials', message: 'The name or the password is wrong.' }]);
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it('is limited for a name, and says when to come back', async () => {
    const { world } = await withAda();
    const statuses: number[] = [];
    for (let index = 0; index < 11; index++) statuses.push((await begin(world, { name: 'ada', password: 'x' })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    const { body, headers } = await begin(world, { name: 'ada', password: PASSWORD });
    expect(body.message).toMatch(/^Too many wrong passwords were tried: wait \d+ seconds\.$/);
    expect(headers['retry-after']).toBe(/wait (\d+) seconds/.exec(body.message)?.[1]);
  });
});

describe('one’s own', () => {
  it('sessions are listed, and end one by one', async () => {
    const { world, caller, me } = await withAda();
    await begin(world, { name: 'ada', password: PASSWORD });
    const list = async () => (await world.ask(world.handlers.sessions.list, { caller })).body.items;
    const [newest, oldest] = await list();
    expect([newest.isThis, oldest.isThis, oldest.id]).toEqual([false, true, me.session]);
    const revoke = (session: string) => world.ask(world.handlers.sessions.revoke, { params: { session }, caller });
    expect((await revoke(newest.id)).status).toBe(204);
    expect(await revoke(newest.id)).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'There is no such session: it may have ended by itself.' },
    });
    expect((await list()).map(({ id }: { id: string }) => id)).toEqual([me.session]);
  });

  it.each(['end', 'list', 'revoke', 'changePassword'] as const)('is nothing to an access token: %s', async (name) => {
    const { world } = await withAda();
    const body = { current: PASSWORD, next: NEXT };
    expect(await world.ask(world.handlers.sessions[name], { params: { session: 'x' }, body })).toMatchObject({
      status: 403,
      body: { code: 'forbidden', message: 'This is for somebody who is signed in: an access token has no session.' },
    });
  });

  it('session ends when one signs out, and the cookie with it', async () => {
    const { world, caller, me } = await withAda();
    const { status, body, headers } = await world.ask(world.handlers.sessions.end, { caller });
    expect([status, body]).toEqual([200, { continueAt: null }]);
    expect(String(headers['set-cookie'])).toMatch(/Max-Age=0/);
    expect(await world.storage.sessions.ofUser(me.id)).toEqual([]);
  });

  it('session of the identity provider ends there too', async () => {
    const world = await handlerWorld();
    const user = await world.storage.users.add({ name: 'Ada', grants: ALL_GRANTS, subject: 'https://idp 1' });
    const { users, environments, sessions } = world.storage;
    const ended: string[] = [];
    const handlers = sessionHandlers({
      ...{ users, environments, sessions, accounts: {} as never },
      signIns: { end: async (_: unknown, id: string) => ended.push(id) > 0 } as never,
      identityProvider: { label: 'Example', signOutUrl: (returnTo) => `https://idp/end?back=${returnTo}` },
    });
    const caller = callerOf(user?.id ?? '', 'own');
    expect((await world.ask(handlers.end, { caller })).body.continueAt).toMatch(/^https:\/\/idp\/end\?back=http.*\/$/);
    expect(ended).toEqual(['own']);
  });

  it('password is changed by whoever knows it', async () => {
    const { world, caller, me } = await withAda();
    const changed = await world.ask(world.handlers.sessions.changePassword, {
      caller,
      body: { current: PASSWORD, next: NEXT },
    });
    expect([changed.status, changed.body.me.id, changed.body.me.session === me.session]).toEqual([200, me.id, false]);
    expect((await begin(world, { name: 'ada', password: PASSWORD })).status).toBe(401);
    expect((await begin(world, { name: 'ada', password: NEXT })).status).toBe(200);
  });

  it.each<[body: unknown, message: string]>([
    [undefined, 'Send {"current": "…", "next": "…"}.'],
    [{ next: NEXT }, 'Send {"current": "…", "next": "…"}.'],
    [{ current: PASSWORD }, 'Send {"current": "…", "next": "…"}.'],
    [{ current: PASSWORD, next: 5 }, 'Send {"current": "…", "next": "…"}.'],
    [{ current: 'wrong wrong wrong', next: NEXT }, 'current: This is not your password.'],
    [{ current: '', next: NEXT }, 'current: This is not your password.'],
    [{ current: PASSWORD, nxt: NEXT }, '"nxt" is no field of this request: did you mean "next"?'],
  ])('password is not changed by %j', async (body, message) => {
    const { world, caller, me } = await withAda();
    const answer = await world.ask(world.handlers.sessions.changePassword, { caller, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect((await world.storage.sessions.ofUser(me.id)).map(({ id }) => id)).toEqual([me.session]);
  });
});

describe('a link', () => {
  it.each<[body: unknown, message: string]>([
    [undefined, 'Send {"link": "…"}, the part of the link after #.'],
    [{}, 'Send {"link": "…"}, the part of the link after #.'],
    [{ link: 5 }, 'Send {"link": "…"}, the part of the link after #.'],
    [{ link: null }, 'Send {"link": "…"}, the part of the link after #.'],
    [{ lnk: 'x' }, '"lnk" is no field of this request: did you mean "link"?'],
  ])('is not looked at in %j', async (body, message) => {
    const world = await handlerWorld();
    for (const handler of [world.handlers.sessions.lookAtLink, world.handlers.sessions.followLink]) {
      expect(await world.ask(handler, { body })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', message },
      });
    }
  });

  it('says for whom it is without being used up', async () => {
    const world = await handlerWorld();
    const { body } = await world.ask(world.handlers.users.invite, { body: { name: 'Ada', role: 'viewer' } });
    const link = body.link.split('#')[1];
    for (let index = 0; index < 3; index++) {
      const look = await world.ask(world.handlers.sessions.lookAtLink, { body: { link } });
      expect(look).toMatchObject({ status: 200, body: { name: 'Ada', expiresAt: body.expiresAt } });
    }
  });

  it.each<[name: unknown, message: string]>([
    [undefined, 'name: Must not be blank.'],
    ['', 'name: Must not be blank.'],
    [5, 'name: Must be a string.'],
    ['x'.repeat(101), 'name: Must not be longer than 100 characters.'],
    ['a\nb', 'name: Must not contain control characters or broken Unicode.'],
  ])('makes nobody an admin who is called %j', async (name, message) => {
    const world = await handlerWorld();
    const first = await world.ask(world.handlers.users.firstLink);
    const link = first.body.link.split('#')[1];
    const answer = await world.ask(world.handlers.sessions.followLink, { body: { link, name, password: PASSWORD } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect(await world.storage.users.list()).toEqual([]);
    expect((await world.ask(world.handlers.sessions.lookAtLink, { body: { link } })).status).toBe(200);
  });

  it.each<[password: unknown]>([[undefined], [null], [5], [''], ['short'], ['x'.repeat(257)]])(
    'sets no password %j',
    async (password) => {
      const world = await handlerWorld();
      const first = await world.ask(world.handlers.users.firstLink);
      const body = { link: first.body.link.split('#')[1], name: 'Grace', password };
      expect(await world.ask(world.handlers.sessions.followLink, { body })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', message: expect.stringMatching(/^password: /) },
      });
      expect(await world.storage.users.list()).toEqual([]);
    },
  );
});

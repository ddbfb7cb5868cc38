import { describe, expect, it } from 'vitest';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { ALL_GRANTS, type Grants } from '../../src/model/role.js';
import { anEnvironment } from '../support/environments.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';

const invite = (world: HandlerWorld, body: unknown) => world.ask(world.handlers.users.invite, { body });
const change = (world: HandlerWorld, user: string, body: unknown) =>
  world.ask(world.handlers.users.change, { params: { user }, body });

async function withAda(grants: object = { role: 'viewer' }) {
  const world = await handlerWorld();
  const { body } = await invite(world, { name: 'Ada', ...grants });
  return { ...world, world, ada: body.user, link: body.link };
}

/** Somebody who is signed in with a session. */
const signedIn = (id: string, name: string, grants: Grants = ALL_GRANTS): EnvironmentExchange['caller'] => ({
  kind: 'manager',
  actor: { kind: 'user', id, name },
  grants,
  sessionId: 'own',
});

describe('a user that is invited', () => {
  it('is answered 201, with a link that only this answer has', async () => {
    const { world, ada, link } = await withAda({ role: 'editor', environments: { dev: 'admin' } });
    expect(ada).toEqual({
      id: expect.stringMatching(/./),
      name: 'Ada',
      state: 'invited',
      signsInWith: 'password',
      role: 'editor',
      environments: { dev: 'admin' },
      createdAt: new Date(world.clock.time).toISOString(),
      lastSignInAt: null,
    });
    expect(link).toMatch(/^\/welcome#[\w-]{43}$/);
    const { body } = await world.ask(world.handlers.users.list);
    expect(body.items).toEqual([ada]);
    expect(JSON.stringify(body)).not.toContain(link.split('#')[1]);
  });

  it.each<[name: unknown, message: string]>([
    [undefined, 'name: Must be a string.'],
    [null, 'name: Must be a string.'],
    [5, 'name: Must be a string.'],
    ['', 'name: Must not be blank.'],
    ['  ', 'name: Must not be blank.'],
    ['x'.repeat(101), 'name: Must not be longer than 100 characters.'],
    ['a\nb', 'name: Must not contain control characters or broken Unicode.'],
    ['a\u0000b', 'name: Must not contain control characters or broken Unicode.'],
    ['\ud800', 'name: Must not contain control characters or broken Unicode.'],
    ['a\u2028b', 'name: Must not contain control characters or broken Unicode.'],
  ])('is not called %j', async (name, message) => {
    const world = await handlerWorld();
    const answer = await invite(world, { name, role: 'viewer' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect(await world.storage.users.list()).toEqual([]);
  });

  it.each(['x'.repeat(100), ' Ada ', 'Ада', '🚩', '<script>', '__proto__', 'a@example.com'])(
    'may be called %j',
    async (name) => {
      const { status, body } = await invite(await handlerWorld(), { name, role: 'viewer' });
      expect([status, body.user.name]).toEqual([201, name.trim()]);
    },
  );

  it.each<[grants: object, message: string]>([
    [{}, 'Give a role (viewer, editor, admin), or roles in some environments.'],
    [{ role: null }, 'Give a role (viewer, editor, admin), or roles in some environments.'],
    [{ environments: {} }, 'Give a role (viewer, editor, admin), or roles in some environments.'],
    [{ role: 'owner' }, 'role must be one of viewer, editor, admin.'],
    [{ role: 'Viewer' }, 'role must be one of viewer, editor, admin.'],
    [{ role: 5 }, 'role must be one of viewer, editor, admin.'],
    [{ role: ['viewer'] }, 'role must be one of viewer, editor, admin.'],
    [{ environments: null }, 'environments must be an object such as {"production": "editor"}.'],
    [{ environments: ['dev'] }, 'environments must be an object such as {"production": "editor"}.'],
    [{ environments: 'dev' }, 'environments must be an object such as {"production": "editor"}.'],
    [{ environments: { nope: 'viewer' } }, 'environments names one that is not there.'],
    [{ environments: { Dev: 'viewer' } }, 'environments names one that is not there.'],
    [{ environments: { dev: 'owner' } }, 'environments.dev must be one of viewer, editor, admin.'],
    [{ environments: { dev: null } }, 'environments.dev must be one of viewer, editor, admin.'],
    [{ role: 'viewer', environments: { dev: 5 } }, 'environments.dev must be one of viewer, editor, admin.'],
    [{ roles: 'viewer' }, '"roles" is no field of this request: did you mean "role"?'],
    [{ role: 'viewer', enviroments: {} }, '"enviroments" is no field of this request: did you mean "environments"?'],
  ])('is not given %j', async (grants, message) => {
    const world = await handlerWorld();
    const answer = await invite(world, { name: 'Ada', ...grants });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect(await world.storage.users.list()).toEqual([]);
  });

  it.each<[given: object, kept: object]>([
    [{ role: 'viewer' }, { role: 'viewer', environments: {} }],
    [
      { role: null, environments: { dev: 'editor' } },
      { role: null, environments: { dev: 'editor' } },
    ],
    [
      { environments: { dev: 'editor', prod: 'viewer' } },
      { role: null, environments: { dev: 'editor', prod: 'viewer' } },
    ],
    [
      { role: 'admin', environments: { dev: 'viewer' } },
      { role: 'admin', environments: { dev: 'viewer' } },
    ],
  ])('with %j has %j', async (given, kept) => {
    const world = await handlerWorld();
    await world.storage.environments.create(anEnvironment('prod'), []);
    expect((await invite(world, { name: 'Ada', ...given })).body.user).toMatchObject(kept);
  });
});

describe('a user', () => {
  it('is found by its id, and nobody is where there is no such id', async () => {
    const { world, ada } = await withAda();
    const get = (user: string) => world.ask(world.handlers.users.get, { params: { user } });
    expect(await get(ada.id)).toMatchObject({ status: 200, body: ada });
    for (const id of ['', 'Ada', 'nobody', '__proto__', '%00']) {
      expect(await get(id)).toMatchObject({
        status: 404,
        body: { code: 'not-found', message: expect.stringContaining('no such user') },
      });
    }
  });

  it.each<[change: object, state: string]>([
    [{ isDisabled: true }, 'disabled'],
    [{ hasPassword: true }, 'active'],
    [{ hasPassword: true, isDisabled: true }, 'disabled'],
    [{}, 'invited'],
  ])('with %j is %s', async ({ isDisabled, hasPassword }: { isDisabled?: boolean; hasPassword?: boolean }, state) => {
    const { world, ada } = await withAda();
    if (hasPassword === true) await world.storage.users.change(ada.id, { password: 'a hash' });
    if (isDisabled !== undefined) await world.storage.users.change(ada.id, { isDisabled });
    expect((await world.ask(world.handlers.users.get, { params: { user: ada.id } })).body.state).toBe(state);
  });

  it('of the identity provider is active without a password', async () => {
    const world = await handlerWorld();
    const grants = { everywhere: 'viewer', environments: {} } as const;
    const user = await world.storage.users.add({ name: 'Ada', grants, subject: 'https://idp 1' });
    const { body } = await world.ask(world.handlers.users.get, { params: { user: user?.id ?? '' } });
    expect(body).toMatchObject({ state: 'active', signsInWith: 'identity-provider' });
  });

  it('has no role any more in an environment that is gone from the list', async () => {
    const world = await handlerWorld();
    const grants = {
      everywhere: undefined,
      environments: { [world.environment.id]: 'editor', gone: 'admin' },
    } as const;
    const user = await world.storage.users.add({ name: 'Ada', grants, subject: undefined });
    const { body } = await world.ask(world.handlers.users.get, { params: { user: user?.id ?? '' } });
    expect(body).toMatchObject({ role: null, environments: { dev: 'editor' } });
  });
});

describe('a change of a user', () => {
  it.each<[change: object, became: object]>([
    [{ role: 'editor' }, { role: 'editor', environments: {} }],
    [{ environments: { dev: 'admin' } }, { role: null, environments: { dev: 'admin' } }],
    [
      { role: 'viewer', environments: { dev: 'editor' } },
      { role: 'viewer', environments: { dev: 'editor' } },
    ],
    [{ isDisabled: true }, { role: 'viewer', environments: {}, state: 'disabled' }],
    [{ isDisabled: false }, { role: 'viewer', state: 'invited' }],
    [
      { role: 'admin', isDisabled: true },
      { role: 'admin', state: 'disabled' },
    ],
  ])('to %j makes it %j', async (wanted, became) => {
    const { world, ada } = await withAda();
    expect(await change(world, ada.id, wanted)).toMatchObject({
      status: 200,
      body: { ...became, id: ada.id, name: 'Ada' },
    });
  });

  it.each<[change: unknown, message: string]>([
    [undefined, 'Send {"role": "…", "environments": {…}}, {"isDisabled": true or false}, or both.'],
    [{}, 'Send {"role": "…", "environments": {…}}, {"isDisabled": true or false}, or both.'],
    [{ name: 'Eve' }, 'Send {"role": "…", "environments": {…}}, {"isDisabled": true or false}, or both.'],
    [[], 'Send {"role": "…", "environments": {…}}, {"isDisabled": true or false}, or both.'],
    [{ isDisabled: 'true' }, 'isDisabled must be true or false.'],
    [{ isDisabled: null }, 'isDisabled must be true or false.'],
    [{ isDisabled: 1 }, 'isDisabled must be true or false.'],
    [{ role: null }, 'Give a role (viewer, editor, admin), or roles in some environments.'],
    [{ isDisable: true }, '"isDisable" is no field of this request: did you mean "isDisabled"?'],
    [{ role: 'owner', isDisabled: true }, 'role must be one of viewer, editor, admin.'],
  ])('to %j is refused, and nothing is written down', async (wanted, message) => {
    const { world, ada } = await withAda();
    expect(await change(world, ada.id, wanted)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message },
    });
    const entries = await world.storage.audit.list({ limit: 10 });
    expect(entries.map(({ action }) => action)).toEqual(['create']);
    expect(await world.storage.users.byId(ada.id)).toMatchObject({
      grants: { everywhere: 'viewer' },
      isDisabled: false,
    });
  });

  it('of nobody is refused', async () => {
    const { world } = await withAda();
    expect(await change(world, 'nobody', { role: 'admin' })).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });
});

describe('why something is done about a user', () => {
  it('stands in the audit log, with what belongs together', async () => {
    const world = await handlerWorld();
    const { handlers, ask, storage } = world;
    const { users, tokens } = handlers;
    const headers = { 'x-change-comment': 'New team', 'x-change-group': 'team-1' };
    const { body } = await ask(users.invite, { headers, body: { name: 'Ada', role: 'viewer' } });
    const params = { user: body.user.id };
    await ask(users.change, { headers, params, body: { role: 'editor' } });
    await ask(users.link, { headers, params });
    await ask(users.endSessions, { headers, params });
    await ask(users.remove, { headers, params });
    await ask(users.firstLink, { headers });
    const { body: token } = await ask(tokens.create, { headers, body: { name: 'ci', role: 'viewer' } });
    await ask(tokens.revoke, { headers, params: { token: token.id } });
    const entries = await storage.audit.list({ limit: 20 });
    const own = entries.filter(({ subject }) => subject.kind !== 'environment');
    expect(own.map(({ action, comment, group }) => [action, comment, group])).toEqual(
      ['revoke', 'create', 'make-link', 'delete', 'end-sessions', 'make-link', 'update', 'create'].map((action) => [
        action,
        'New team',
        'team-1',
      ]),
    );
  });

  it('is refused when it cannot be kept, and nothing is done', async () => {
    const { handlers, ask, storage } = await handlerWorld();
    const headers = { 'x-change-comment': 'x'.repeat(1_001) };
    const refused = await ask(handlers.users.invite, { headers, body: { name: 'Ada', role: 'viewer' } });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringMatching(/^x-change-comment: /) } });
    expect(await storage.users.list()).toEqual([]);
  });
});

describe('what else is done about a user', () => {
  it('a link voids the one before, and is answered once', async () => {
    const { world, ada, link } = await withAda();
    const answer = await world.ask(world.handlers.users.link, { params: { user: ada.id } });
    expect(answer).toMatchObject({
      status: 201,
      body: { link: expect.stringMatching(/^\/welcome#/), expiresAt: expect.any(String) },
    });
    const look = (text: string) =>
      world.ask(world.handlers.sessions.lookAtLink, { body: { link: text.split('#')[1] } });
    expect(await look(link)).toMatchObject({ status: 410, body: { code: 'link-void' } });
    expect(await look(answer.body.link)).toMatchObject({ status: 200, body: { name: 'Ada' } });
  });

  it('the first link is for where nobody can do everything', async () => {
    const { world } = await withAda();
    const first = await world.ask(world.handlers.users.firstLink);
    expect(first).toMatchObject({ status: 201, body: { link: expect.stringMatching(/^\/welcome#/) } });
    const body = { link: first.body.link.split('#')[1], name: 'Grace', password: 'correct horse battery' };
    expect((await world.ask(world.handlers.sessions.followLink, { body })).status).toBe(200);
    expect(await world.ask(world.handlers.users.firstLink)).toMatchObject({
      status: 409,
      body: { code: 'already-exists', message: 'There is an admin who can sign in: invite others by name.' },
    });
  });

  it('sessions are listed with the one that asks marked, and are all ended at once', async () => {
    const { world, ada } = await withAda();
    for (const agent of ['one', 'two'])
      await world.storage.sessions.add({ userId: ada.id, agent }, `digest of ${agent}`, 20);
    const [newest] = await world.storage.sessions.ofUser(ada.id);
    const caller = signedIn(ada.id, 'Ada');
    const own = caller.kind === 'manager' ? { ...caller, sessionId: newest?.id ?? '' } : caller;
    const listed = await world.ask(world.handlers.users.sessions, { params: { user: ada.id }, caller: own });
    expect(listed.body.items.map(({ agent, isThis }: { agent: string; isThis: boolean }) => [agent, isThis])).toEqual([
      ['two', true],
      ['one', false],
    ]);
    expect(JSON.stringify(listed.body)).not.toContain('digest of');
    expect((await world.ask(world.handlers.users.endSessions, { params: { user: ada.id } })).status).toBe(204);
    expect(await world.storage.sessions.ofUser(ada.id)).toEqual([]);
  });

  it.each(['sessions', 'endSessions', 'link', 'remove'] as const)('nothing is done about nobody: %s', async (name) => {
    const { world } = await withAda();
    const before = await world.storage.audit.list({ limit: 10 });
    expect(await world.ask(world.handlers.users[name], { params: { user: 'nobody' } })).toMatchObject({
      status: 404,
      body: { code: 'not-found', message: 'There is no such user: it may have been removed.' },
    });
    expect(await world.storage.audit.list({ limit: 10 })).toEqual(before);
  });

  it('removing takes sessions and links along', async () => {
    const { world, ada, link } = await withAda();
    await world.storage.sessions.add({ userId: ada.id, agent: '' }, 'a digest', 20);
    expect((await world.ask(world.handlers.users.remove, { params: { user: ada.id } })).status).toBe(204);
    expect(await world.storage.users.list()).toEqual([]);
    expect(await world.storage.sessions.byDigest('a digest')).toBeUndefined();
    const look = await world.ask(world.handlers.sessions.lookAtLink, { body: { link: link.split('#')[1] } });
    expect(look.status).toBe(410);
  });

  it.each(['invite', 'change', 'remove', 'link', 'firstLink', 'endSessions'] as const)(
    'is for those who manage the center: %s',
    async (name) => {
      const { world, ada } = await withAda();
      const caller = { kind: 'sdk', secret: 'server', secretId: 's', environment: world.environment } as const;
      const body = { name: 'Bob', role: 'viewer' };
      const answer = await world.ask(world.handlers.users[name], { params: { user: ada.id }, caller, body });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'forbidden', message: 'This is for those who manage the center.' },
      });
    },
  );
});

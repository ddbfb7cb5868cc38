import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/access/credentials.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';

const create = (world: HandlerWorld, body: unknown) => world.ask(world.handlers.tokens.create, { body });
const WRONG_EXPIRY = 'expiresAt must be a time in the future, such as 2030-12-31T00:00:00Z.';

describe('an access token', () => {
  it('is in the answer that makes it, and in no list', async () => {
    const world = await handlerWorld();
    const { status, body } = await create(world, { name: ' deploy ', role: 'editor', environments: { dev: 'admin' } });
    const { token, ...shown } = body;
    expect(status).toBe(201);
    expect(shown).toEqual({
      id: expect.stringMatching(/./),
      name: 'deploy',
      start: token.slice(0, 10),
      role: 'editor',
      environments: { dev: 'admin' },
      createdBy: 'Access token of the settings',
      createdAt: new Date(world.clock.time).toISOString(),
      expiresAt: null,
      isExpired: false,
      lastUsedAt: null,
      isRevocable: true,
    });
    expect(await world.storage.tokens.byDigest(digestOf(token))).toMatchObject({ id: shown.id });
    const { items } = (await world.ask(world.handlers.tokens.list)).body;
    expect(items[1]).toEqual(shown);
    expect(JSON.stringify(items)).not.toContain(token);
  });

  it.each<[expiresAt: unknown, kept: string | null]>([
    [undefined, null],
    [null, null],
    ['2030-12-31T00:00:00Z', '2030-12-31T00:00:00.000Z'],
    ['2030-12-31T00:00Z', '2030-12-31T00:00:00.000Z'],
    ['2030-12-31T02:00:00+02:00', '2030-12-31T00:00:00.000Z'],
    ['2028-02-29T12:00:00.5Z', '2028-02-29T12:00:00.500Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('that expires at %j has %j', async (expiresAt, kept) => {
    const world = await handlerWorld();
    const { status, body } = await create(world, { name: 'x', role: 'viewer', expiresAt });
    expect([status, body.expiresAt, body.isExpired]).toEqual([201, kept, false]);
  });

  it.each([
    ...['', ' ', 'never', 'tomorrow', 5, 0, true, [], {}, '2030-12-31', '2030-12-31T00:00:00', '31.12.2030'],
    ...[
      '2027-02-29T00:00:00Z',
      '2027-02-30T00:00:00Z',
      '2027-02-31T00:00:00Z',
      '2027-04-31T00:00:00Z',
      '2030-13-01T00:00:00Z',
    ],
    ...[
      '2030-12-31T25:00:00Z',
      '2030-12-31T00:60:00Z',
      '2030-12-31t00:00:00z',
      '1999-01-01T00:00:00Z',
      '+020300-01-01T00:00:00Z',
    ],
  ])('does not expire at %j: nothing is made', async (expiresAt) => {
    const world = await handlerWorld();
    const answer = await create(world, { name: 'x', role: 'viewer', expiresAt });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message: WRONG_EXPIRY } });
    expect(await world.storage.tokens.list()).toEqual([]);
  });

  it('expires in the future only, to the millisecond, and says so once it has', async () => {
    const world = await handlerWorld();
    const now = new Date(world.clock.time).toISOString();
    expect(await create(world, { name: 'x', role: 'viewer', expiresAt: now })).toMatchObject({ status: 400 });
    const soon = new Date(world.clock.time + 1).toISOString();
    expect((await create(world, { name: 'x', role: 'viewer', expiresAt: soon })).body.isExpired).toBe(false);
    world.clock.time += 1;
    const { items } = (await world.ask(world.handlers.tokens.list)).body;
    expect(items[1]).toMatchObject({ expiresAt: soon, isExpired: true });
  });

  it.each<[body: unknown, message: string]>([
    [undefined, 'name: Must be a string.'],
    [{ role: 'viewer' }, 'name: Must be a string.'],
    [{ name: '', role: 'viewer' }, 'name: Must not be blank.'],
    [{ name: 'x'.repeat(101), role: 'viewer' }, 'name: Must not be longer than 100 characters.'],
    [{ name: 'x' }, 'Give a role (viewer, editor, admin), or roles in some environments.'],
    [{ name: 'x', role: 'root' }, 'role must be one of viewer, editor, admin.'],
    [
      { name: 'x', role: 'viewer', expireAt: null },
      '"expireAt" is no field of this request: did you mean "expiresAt"?',
    ],
  ])('is not made of %j', async (body, message) => {
    const world = await handlerWorld();
    expect(await create(world, body)).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    expect(await world.storage.tokens.list()).toEqual([]);
  });

  it('may have the name of another one: what counts is the id', async () => {
    const world = await handlerWorld();
    const made = [
      await create(world, { name: 'x', role: 'viewer' }),
      await create(world, { name: 'x', role: 'viewer' }),
    ];
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(2);
  });
});

describe('the access token of the settings', () => {
  it('is the first of the list, with nothing that gives it away', async () => {
    const world = await handlerWorld();
    const { items } = (await world.ask(world.handlers.tokens.list)).body;
    expect(items).toEqual([
      {
        id: 'settings-token',
        name: 'Access token of the settings',
        start: null,
        role: 'admin',
        environments: {},
        createdBy: null,
        createdAt: null,
        expiresAt: null,
        isExpired: false,
        lastUsedAt: null,
        isRevocable: false,
      },
    ]);
  });

  it('is not revoked here', async () => {
    const world = await handlerWorld();
    expect(await world.ask(world.handlers.tokens.revoke, { params: { token: 'settings-token' } })).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: 'This one is given by the settings of the center: change it there.' },
    });
  });
});

describe('revoking', () => {
  it('is for ever, and once', async () => {
    const world = await handlerWorld();
    const { id, token } = (await create(world, { name: 'x', role: 'viewer' })).body;
    const revoke = (one: string) => world.ask(world.handlers.tokens.revoke, { params: { token: one } });
    expect((await revoke(id)).status).toBe(204);
    expect(await world.storage.tokens.byDigest(digestOf(token))).toBeUndefined();
    for (const one of [id, token, 'x', '']) {
      expect(await revoke(one)).toMatchObject({
        status: 404,
        body: { code: 'not-found', message: 'There is no such access token: it may be revoked already.' },
      });
    }
  });
});

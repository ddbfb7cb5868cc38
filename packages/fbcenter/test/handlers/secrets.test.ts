import { describe, expect, it } from 'vitest';
import { newSecret } from '../../src/access/secrets.js';
import { anEnvironment } from '../support/environments.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';

const create = (world: HandlerWorld, body: unknown) => world.ask(world.handlers.secrets.create, { body });
const one = (world: HandlerWorld, secret: string, environment = world.environment) =>
  world.ask(world.handlers.secrets.get, { params: { secret }, environment });
const revoke = (world: HandlerWorld, secret: string, environment = world.environment) =>
  world.ask(world.handlers.secrets.revoke, { params: { secret }, environment });
const list = async (world: HandlerWorld) => (await world.ask(world.handlers.secrets.list)).body.items;

describe('the secrets of an environment', () => {
  it('are listed in the order in which they were made, without themselves', async () => {
    const world = await handlerWorld();
    await create(world, { kind: 'server', name: 'billing' });
    const items = await list(world);
    expect(items.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual([
      'server first',
      'client first',
      'server billing',
    ]);
    for (const item of items) {
      expect(Object.keys(item)).toEqual(['id', 'kind', 'name', 'createdAt', 'lastUsedAt', 'connections']);
      expect(item.connections).toBe(item.id.length);
    }
    expect(JSON.stringify(items)).not.toContain(world.environment.serverSecret);
  });

  it('have the times of their making and of their last use, null before there is one', async () => {
    const world = await handlerWorld();
    const { body } = await create(world, { kind: 'client' });
    const at = new Date(world.clock.time).toISOString();
    expect(body).toMatchObject({ createdAt: at, lastUsedAt: null });
    await world.storage.secrets.used(new Map([[body.id, Date.UTC(2025, 5, 1)]]));
    expect((await one(world, body.id)).body).toMatchObject({ createdAt: at, lastUsedAt: '2025-06-01T00:00:00.000Z' });
  });

  it('are shown one by one to who asks for the one', async () => {
    const world = await handlerWorld();
    const { body } = await create(world, { kind: 'server', name: 'billing' });
    expect(await one(world, body.id)).toMatchObject({ status: 200, body });
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    for (const answer of [await one(world, 'x'), await one(world, ''), await one(world, body.id, other)]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });
});

describe('a new secret', () => {
  it('is made unless it is given, and opens the environment', async () => {
    const world = await handlerWorld();
    const { status, body } = await create(world, { kind: 'server' });
    expect([status, body.name]).toEqual([201, 'unnamed']);
    expect(await world.storage.secrets.byValue(body.secret)).toMatchObject({ kind: 'server', id: body.id });
  });

  it('may be given, in any form that a secret can have', async () => {
    const world = await handlerWorld();
    const given = newSecret('00000000-0000-4000-8000-00000000beef');
    expect((await create(world, { kind: 'client', secret: given })).body.secret).toBe(given);
  });

  it('that is in use is refused, here and in another environment', async () => {
    const world = await handlerWorld();
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    for (const secret of [world.environment.serverSecret, world.environment.clientSecret, other.serverSecret]) {
      const answer = await create(world, { kind: 'server', secret });
      expect(answer).toMatchObject({ status: 409, body: { code: 'already-exists' } });
      expect(answer.body.message).not.toContain(secret);
    }
    expect(await list(world)).toHaveLength(2);
  });

  it.each<[body: unknown, message: RegExp]>([
    [undefined, /^Send \{"kind": "server"\}/],
    [null, /^Send/],
    [[], /^Send/],
    [{}, /^Send/],
    [{ kind: 'admin' }, /^Send/],
    [{ kind: ['server'] }, /^Send/],
    [{ kind: 'server', name: '' }, /^name: Must not be blank/],
    [{ kind: 'server', name: null }, /^name: Must be a string/],
    [{ kind: 'server', name: 5 }, /^name: Must be a string/],
    [{ kind: 'server', name: 'a\tb' }, /^name: Must not contain/],
    [{ kind: 'server', secret: '' }, /^secret: Must be 44 characters/],
    [{ kind: 'server', secret: null }, /^secret: Must be 44/],
    [{ kind: 'server', secret: 'x'.repeat(43) }, /^secret: Must be 44/],
    [{ kind: 'server', secret: 'x'.repeat(45) }, /^secret: Must be 44/],
    [{ kind: 'server', secret: `${'x'.repeat(43)}/` }, /^secret: Must be 44/],
    [{ kind: 'server', secret: `${'x'.repeat(44)}\n` }, /^secret: Must be 44/],
    [{ Kind: 'server' }, /did you mean "kind"\?$/],
    [{ kind: 'server', secrets: 'x' }, /did you mean "secret"\?$/],
  ])('is not made of %j', async (body, message) => {
    const world = await handlerWorld();
    const answer = await create(world, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(answer.body.message).toMatch(message);
    expect(await list(world)).toHaveLength(2);
  });

  it('is the fiftieth of its kind at most', async () => {
    const world = await handlerWorld();
    for (let count = 1; count < 50; count++) expect((await create(world, { kind: 'server' })).status).toBe(201);
    expect(await create(world, { kind: 'server' })).toMatchObject({ status: 409, body: { code: 'limit-reached' } });
    expect((await create(world, { kind: 'client' })).status).toBe(201);
  });
});

describe('a secret that is revoked', () => {
  it('is gone, with its connections', async () => {
    const world = await handlerWorld();
    const { body } = await create(world, { kind: 'server' });
    expect(await revoke(world, body.id)).toEqual({ status: 204, headers: {}, body: undefined });
    expect(world.revoked).toEqual([body.id]);
    expect(await world.storage.secrets.byValue(body.secret)).toBeUndefined();
    expect(await revoke(world, body.id)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('leaves one of its kind: the only one is kept, with its connections', async () => {
    const world = await handlerWorld();
    const [{ id }] = await list(world);
    expect(await revoke(world, id)).toMatchObject({ status: 409, body: { code: 'last-secret' } });
    expect(world.revoked).toEqual([]);
    await create(world, { kind: 'client' });
    expect(await revoke(world, id)).toMatchObject({ status: 409 });
    const { body } = await create(world, { kind: 'server' });
    expect((await revoke(world, id)).status).toBe(204);
    expect((await world.storage.environments.byKey('dev'))?.serverSecret).toBe(body.secret);
  });

  it('is none of another environment', async () => {
    const world = await handlerWorld();
    const { body } = await create(world, { kind: 'server' });
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    expect(await revoke(world, body.id, other)).toMatchObject({ status: 404 });
    expect(world.revoked).toEqual([]);
  });
});

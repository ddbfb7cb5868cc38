import { describe, expect, it } from 'vitest';
import { isSecret } from '../../src/access/secrets.js';
import type { ServerEvent } from '../../src/http/event-streams.js';
import type { Storage } from '../../src/storage/storage.js';
import { aStorage } from '../support/a-storage.js';
import { aFlag, aSegment } from '../support/documents.js';
import { aDraft, anEnvironment } from '../support/environments.js';
import { exchangeOf } from '../support/exchange.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { replacing } from '../support/replacing.js';

const create = async ({ ask, handlers }: HandlerWorld, body: unknown) => ask(handlers.environments.create, { body });

describe('a new environment', () => {
  it('is answered 201 with secrets of its own, and is there', async () => {
    const world = await handlerWorld();
    const { status, body } = await create(world, { key: 'prod', name: 'Production' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      key: 'prod',
      name: 'Production',
      isProtected: false,
      serverSecret: expect.toSatisfy(isSecret),
      clientSecret: expect.toSatisfy(isSecret),
      connections: 0,
      role: 'admin',
    });

    const { items } = (await world.ask(world.handlers.environments.list)).body;
    expect(items.map(({ key }: { key: string }) => key)).toEqual(['dev', 'prod']);
    const { serverSecret, clientSecret, ...shown } = body;
    expect(serverSecret).not.toBe(clientSecret);
    expect(items[1]).toEqual(shown);
  });

  it('is called by its key unless it has a name', async () => {
    expect((await create(await handlerWorld(), { key: 'prod' })).body.name).toBe('prod');
  });

  it.each<[body: unknown, message: RegExp]>([
    [undefined, /^Send \{"key": "…"\}/],
    [null, /^Send/],
    [[], /^Send/],
    ['prod', /^Send/],
    [{}, /^Send/],
    [{ key: 5 }, /^Send/],
    [{ key: null }, /^Send/],
    [{ key: 'a', name: 5 }, /^Send/],
    [{ key: 'a', name: null }, /^Send/],
    [{ key: '' }, /^key: Must not be blank/],
    [{ key: ' ' }, /^key: Must not be blank/],
    [{ key: ' a' }, /^key: Must not begin or end with white space/],
    [{ key: 'x'.repeat(257) }, /^key: Must not be longer than 256/],
    [{ key: 'a\nb' }, /^key: Must not contain control characters/],
    [{ key: 'a\ud800b' }, /^key: Must not contain control characters or broken Unicode/],
    [{ key: 'a', name: '' }, /^name: Must not be blank/],
    [{ key: 'a', name: 'x'.repeat(257) }, /^name: Must not be longer than 256/],
    [{ key: 'a', name: 'one\u2028two' }, /^name: Must not contain/],
    [{ Key: 'a' }, /did you mean "key"\?$/],
    [{ key: 'a', nmae: 'b' }, /did you mean "name"\?$/],
  ])('is not made of %j', async (body, message) => {
    const world = await handlerWorld();
    const answer = await create(world, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect(answer.body.message).toMatch(message);
    expect(await world.storage.environments.list()).toHaveLength(1);
  });

  it.each(['x'.repeat(256), 'a b', 'ключ', '🚩', '..', 'a/b', '__proto__', 'constructor'])(
    'may be called %s',
    async (key) => {
      const world = await handlerWorld();
      expect((await create(world, { key })).status).toBe(201);
      expect((await world.storage.environments.byKey(key))?.key).toBe(key);
    },
  );

  it('of a key that is taken is refused, and the one that has it stays as it is', async () => {
    const world = await handlerWorld();
    expect(await create(world, { key: 'dev', name: 'Another' })).toMatchObject({
      status: 409,
      body: { code: 'already-exists' },
    });
    expect(await world.storage.environments.byKey('dev')).toEqual(world.environment);
    expect((await create(world, { key: 'Dev' })).status).toBe(201);
  });

  it('is refused beside five hundred others', async () => {
    const storage = await aStorage();
    const full = Array.from({ length: 500 }, (_, index) => anEnvironment(`e${index}`));
    const transact: Storage['transact'] = (work) =>
      storage.transact((within) =>
        work({ ...within, environments: { ...within.environments, list: async () => full } }),
      );
    const world = await handlerWorld({ storage: replacing(storage, { transact }) });
    expect(await create(world, { key: 'one-more' })).toMatchObject({
      status: 409,
      body: { code: 'limit-reached', message: 'A center takes 500 environments.' },
    });
    full.pop();
    expect((await create(world, { key: 'one-more' })).status).toBe(201);
  });
});

describe('an environment', () => {
  it('is answered with the role of who asks and how many SDKs follow it, without its secrets', async () => {
    const world = await handlerWorld();
    const get = async () => (await world.ask(world.handlers.environments.get)).body;
    const { id, key, name } = world.environment;
    expect(await get()).toEqual({ id, key, name, isProtected: false, connections: 0, role: 'admin' });
    const { feed } = world.live.of(world.environment.id);
    const leave = [feed.join({ wake() {} }), feed.join({ wake() {} })];
    expect((await get()).connections).toBe(2);
    leave[0]?.();
    expect((await get()).connections).toBe(1);
  });
});

describe('the events of an environment', () => {
  /** What is sent until the stream is ended. */
  async function following(world: HandlerWorld) {
    const answer = await world.handlers.events.events(exchangeOf({ environment: world.environment }));
    if (answer.body.kind !== 'events') throw new Error('no stream');
    const sent: ServerEvent[] = [];
    const end = answer.body.source((event) => void sent.push(event));
    return { sent, end };
  }

  it('say which document has changed, and not what it says', async () => {
    const world = await handlerWorld();
    const { sent } = await following(world);
    await world.ask(world.handlers.flags.put, { params: { key: 'f' }, body: aFlag({ description: 'private' }) });
    await world.ask(world.handlers.segments.put, { params: { key: 's' }, body: aSegment() });
    await world.ask(world.handlers.flags.archive, { params: { key: 'f' } });
    const at = world.clock.time;
    expect(sent).toEqual([
      { id: String(at), event: 'change', data: { kind: 'flag', key: 'f', version: at } },
      { id: String(at + 1), event: 'change', data: { kind: 'segment', key: 's', version: at + 1 } },
      { id: String(at + 2), event: 'change', data: { kind: 'flag', key: 'f', version: at + 2 } },
    ]);
  });

  it('are those of no other environment, and end', async () => {
    const world = await handlerWorld();
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    const { sent, end } = await following(world);
    await world.storage.documents.write(other.id, aDraft('f'));
    expect(sent).toEqual([]);
    await world.storage.documents.write(world.environment.id, aDraft('f'));
    expect(sent).toHaveLength(1);
    end();
    await world.storage.documents.write(world.environment.id, aDraft('f'));
    expect(sent).toHaveLength(1);
  });

  it('reach each of those who follow', async () => {
    const world = await handlerWorld();
    const [one, two] = [await following(world), await following(world)];
    await world.storage.documents.write(world.environment.id, aDraft('f'));
    one.end();
    await world.storage.documents.write(world.environment.id, aDraft('f'));
    expect([one.sent.length, two.sent.length]).toEqual([1, 2]);
  });
});

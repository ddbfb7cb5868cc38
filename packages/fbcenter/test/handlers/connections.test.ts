import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerEvent } from '../../src/http/event-streams.js';
import { aFlag } from '../support/documents.js';
import { anEnvironment } from '../support/environments.js';
import { exchangeOf } from '../support/exchange.js';
import { type HandlerWorld, handlerWorld } from '../support/handler-world.js';
import { GIVEN_DATABASE } from '../support/postgres.js';

const AT = Date.UTC(2026, 0, 1);

/** @returns what takes it off the list. */
const connect = ({ connections, environment }: HandlerWorld, more: object = {}) => {
  const connection = {
    environmentId: environment.id,
    kind: 'server' as const,
    program: { name: undefined, version: undefined },
    since: AT,
    progress: () => ({ sentVersion: undefined, behind: undefined }),
    ...more,
  };
  connections.add(connection);
  return () => connections.remove(connection);
};

describe('the SDKs that are connected', () => {
  it('are listed in the order in which they came, with what is known of them', async () => {
    const world = await handlerWorld();
    connect(world);
    connect(world, {
      ...{ kind: 'client', program: { name: 'fbclient', version: '1.2.3' }, since: AT + 1_000 },
      progress: () => ({ sentVersion: 5, behind: 2 }),
    });
    const { body } = await world.ask(world.handlers.connections.list);
    expect(body).toEqual({
      count: 2,
      items: [
        {
          id: '1',
          kind: 'server',
          name: null,
          version: null,
          since: '2026-01-01T00:00:00.000Z',
          sentVersion: null,
          behind: null,
        },
        {
          id: '2',
          kind: 'client',
          name: 'fbclient',
          version: '1.2.3',
          since: '2026-01-01T00:00:01.000Z',
          sentVersion: 5,
          behind: 2,
        },
      ],
      next: null,
    });
  });

  it('are read page by page, and those who leave meanwhile shift nothing', async () => {
    const world = await handlerWorld();
    const leave = Array.from({ length: 5 }, () => connect(world));
    const page = async (query: string) => {
      const { body } = await world.ask(world.handlers.connections.list, { query });
      return [body.items.map(({ id }: { id: string }) => id).join(' '), body.next, body.count];
    };
    expect(await page('limit=2')).toEqual(['1 2', '2', 5]);
    leave[0]?.();
    leave[2]?.();
    expect(await page('limit=2&after=2')).toEqual(['4 5', null, 3]);
    expect(await page('after=5')).toEqual(['', null, 3]);
    expect(await page('limit=3')).toEqual(['2 4 5', null, 3]);
  });

  it('of another environment are not there', async () => {
    const world = await handlerWorld();
    connect(world, { environmentId: 'another' });
    expect((await world.ask(world.handlers.connections.list)).body).toEqual({ count: 0, items: [], next: null });
  });

  it.each([
    ['limit=0', 'limit must be a whole number from 1 to 1000.'],
    ['limit=1001', 'limit must be a whole number from 1 to 1000.'],
    ['after=-1', 'after must be a whole number from 0 to 9007199254740991.'],
    ['after=x', 'after must be a whole number from 0 to 9007199254740991.'],
  ])('are not listed with ?%s', async (query, message) => {
    const world = await handlerWorld();
    expect(await world.ask(world.handlers.connections.list, { query })).toMatchObject({
      status: 400,
      body: { message },
    });
  });
});

// Not on a database: its client needs the timers that stand still here.
describe.skipIf(GIVEN_DATABASE !== undefined)('what happens in an environment', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function listening(world: HandlerWorld) {
    const answer = await world.handlers.events.events(exchangeOf({ environment: world.environment }));
    if (answer.body.kind !== 'events') throw new Error(answer.body.kind);
    const heard: ServerEvent[] = [];
    const end = answer.body.source((event) => void heard.push(event));
    const of = (name: string) => heard.filter(({ event }) => event === name).map(({ data }) => data);
    return { heard, end, of };
  }

  it('is told as it happens: changes of flags and segments with their versions, and nothing of elsewhere', async () => {
    const world = await handlerWorld();
    const { of, heard } = await listening(world);
    const put = (key: string, environment = world.environment) =>
      world.ask(world.handlers.flags.put, { params: { key }, body: aFlag(), environment });
    const { body } = await put('f');
    const version = Date.parse(body.updatedAt);
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    await put('g', other);
    expect(of('change')).toEqual([{ kind: 'flag', key: 'f', version }]);
    expect(heard.find(({ event }) => event === 'change')?.id).toBe(String(version));
  });

  it('has the number of connections when some have come or gone, once a second at most', async () => {
    const world = await handlerWorld();
    const { of } = await listening(world);
    const leave = connect(world);
    connect(world);
    vi.advanceTimersByTime(2_000);
    leave();
    vi.advanceTimersByTime(2_000);
    const counts = of('connections').map((data) => (data as { readonly count: number }).count);
    expect(counts.at(-1)).toBe(1);
    expect(counts.length).toBeLessThanOrEqual(3);
    expect(counts).toContain(2);
  });

  it('has the webhooks that were changed, tried out or removed, and none of elsewhere, once a second at most', async () => {
    const world = await handlerWorld();
    const { of } = await listening(world);
    const { webhooks } = world.handlers;
    const body = { name: 'Chat', url: 'https://chat.example' };
    const { id } = (await world.ask(webhooks.create, { body })).body;
    const params = { webhook: id };
    vi.advanceTimersByTime(0);
    for (const [handler, sent] of [
      [webhooks.change, { isEnabled: false }],
      [webhooks.renewSecret, undefined],
      [webhooks.test, undefined],
      [webhooks.remove, undefined],
    ] as const) {
      const before = of('webhooks').length;
      expect((await world.ask(handler, { params, body: sent })).status).toBeLessThan(300);
      vi.advanceTimersByTime(999);
      expect(of('webhooks')).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(of('webhooks')).toHaveLength(before + 1);
    }
    const other = anEnvironment('prod');
    await world.storage.environments.create(other, []);
    await world.ask(webhooks.create, { body, environment: other });
    // What was refused is nothing new.
    await world.ask(webhooks.change, { params, body: { isEnabled: true } });
    vi.advanceTimersByTime(2_000);
    expect(of('webhooks')).toEqual(Array.from({ length: 5 }, () => ({ ids: [id] })));
  });

  it('has the flags whose triggers were changed or used, once a second at most', async () => {
    const world = await handlerWorld();
    const { triggers, flags } = world.handlers;
    for (const key of ['a', 'b']) await world.ask(flags.put, { params: { key }, body: aFlag() });
    const { of } = await listening(world);
    const make = async (key: string) =>
      (await world.ask(triggers.create, { params: { key }, body: { name: 'Alert', action: 'toggle' } })).body;
    const { token, id } = await make('a');
    await make('b');
    vi.advanceTimersByTime(1_000);
    expect(of('triggers')).toEqual([{ flags: ['a', 'b'] }]);
    const params = { key: 'a', trigger: id };
    for (const work of [
      () => world.ask(triggers.use, { params: { token }, caller: { kind: 'anybody' } }),
      () => world.ask(triggers.change, { params, body: { isEnabled: false } }),
      () => world.ask(triggers.renew, { params }),
      () => world.ask(triggers.remove, { params }),
    ]) {
      const before = of('triggers').length;
      expect((await work()).status).toBeLessThan(300);
      vi.advanceTimersByTime(1_000);
      expect(of('triggers').slice(before)).toEqual([{ flags: ['a'] }]);
    }
    await world.ask(triggers.remove, { params });
    vi.advanceTimersByTime(2_000);
    expect(of('triggers')).toHaveLength(5);
  });

  it('is told to nobody who has gone', async () => {
    const world = await handlerWorld();
    const { heard, end } = await listening(world);
    end();
    await world.ask(world.handlers.flags.put, { params: { key: 'f' }, body: aFlag() });
    connect(world);
    vi.advanceTimersByTime(5_000);
    expect(heard).toEqual([]);
  });
});

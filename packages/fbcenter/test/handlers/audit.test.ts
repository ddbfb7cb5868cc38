import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/http/answer.js';
import type { EnvironmentExchange } from '../../src/http/exchange.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import { anEnvironment } from '../support/environments.js';
import { handlerWorld } from '../support/handler-world.js';

type Handler = (exchange: EnvironmentExchange) => Promise<Answer>;

/** A log with one entry for each hour, in two environments and in none. */
async function withEntries(count = 6) {
  const world = await handlerWorld();
  const begin = Date.UTC(2026, 0, 31, 22);
  for (let index = 0; index < count; index++) {
    const environment = ['dev', 'prod', undefined][index % 3];
    await world.storage.audit.append({
      at: begin + index * 3_600_000,
      actor: index % 2 === 0 ? SETTINGS_TOKEN : { kind: 'user', id: 'ada-id', name: 'Ada' },
      action: index % 2 === 0 ? 'create' : 'update',
      subject: { kind: 'thing', key: `t${index}`, environment },
      after: { index },
      ...(index === 1 ? { comment: 'because', group: 'g1', source: 'file' } : {}),
    });
  }
  const ask = (query = '', handler: Handler = world.handlers.audit.list) => world.ask(handler, { query });
  const keysOf = (answer: Awaited<ReturnType<typeof ask>>) =>
    answer.body.items.map(({ subject }: { subject: { key: string } }) => subject.key).join(' ');
  return { ...world, get: ask, keysOf };
}

describe('a page of the audit log', () => {
  it.each<[query: string, keys: string]>([
    ['', 't5 t4 t3 t2 t1 t0'],
    ['actor=ada-id', 't5 t3 t1'],
    ['actor=Ada', 't5 t3 t1'],
    ['actor=ada', ''],
    ['action=create', 't4 t2 t0'],
    ['kind=thing', 't5 t4 t3 t2 t1 t0'],
    ['kind=flag', ''],
    ['key=t3', 't3'],
    ['key=t', ''],
    ['group=g1', 't1'],
    ['environment=dev', 't3 t0'],
    ['environment=prod', 't4 t1'],
    ['environment=nope', ''],
    ['environment=', 't5 t4 t3 t2 t1 t0'],
    ['from=2026-02-01', 't5 t4 t3 t2'],
    ['from=', 't5 t4 t3 t2 t1 t0'],
    ['to=2026-02-01', 't1 t0'],
    ['from=2026-01-31T23:00:00Z&to=2026-02-01T02:00:00Z', 't3 t2 t1'],
    ['from=2026-02-01T01:00:00%2B02:00&to=2026-02-01T02:00:00%2B02:00', 't1'],
    ['from=2026-02-02&to=2026-02-01', ''],
    ['from=1969-12-31', 't5 t4 t3 t2 t1 t0'],
    ['action=update&environment=prod', 't1'],
    ['unknown=x', 't5 t4 t3 t2 t1 t0'],
  ])('with ?%s has %s', async (query, keys) => {
    const { get, keysOf } = await withEntries();
    expect(keysOf(await get(query))).toBe(keys);
  });

  it.each<[query: string, message: string]>([
    ['from=yesterday', 'from must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['from=2026-02-31', 'from must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['to=2026-04-31T00:00:00Z', 'to must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['to=2026-01-31T12:00', 'to must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['to=1769860800000', 'to must be a day or a time such as 2026-11-28T09:30:00Z.'],
    ['limit=0', 'limit must be a whole number from 1 to 1000.'],
    ['limit=1001', 'limit must be a whole number from 1 to 1000.'],
    ['limit=x', 'limit must be a whole number from 1 to 1000.'],
    ['after=0', 'after must be a whole number from 1 to 9007199254740991.'],
    ['after=x', 'after must be a whole number from 1 to 9007199254740991.'],
    ['after=', 'after must be a whole number from 1 to 9007199254740991.'],
  ])('with ?%s is none', async (query, message) => {
    const { get, handlers } = await withEntries(1);
    for (const handler of [handlers.audit.list, handlers.audit.inEnvironment] as const) {
      const answer = await get(query, handler);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', message } });
    }
  });

  it('says where the next one begins, and the last says that there is none', async () => {
    const { get, keysOf } = await withEntries();
    const pages: string[] = [];
    let next = '';
    for (;;) {
      const page = await get(`limit=2${next}`);
      pages.push(keysOf(page));
      if (page.body.next === null) break;
      next = `&after=${page.body.next}`;
    }
    expect(pages).toEqual(['t5 t4', 't3 t2', 't1 t0']);
    expect((await get('limit=6')).body.next).toBeNull();
    expect((await get('limit=5')).body.next).toBe('2');
    expect(keysOf(await get('limit=5&after=2'))).toBe('t0');
    expect((await get('after=1')).body).toEqual({ items: [], next: null });
  });

  it('of an environment has only what is in it, whatever is asked for', async () => {
    const { get, keysOf, handlers } = await withEntries();
    for (const query of ['', 'environment=prod', 'environment=']) {
      expect(keysOf(await get(query, handlers.audit.inEnvironment))).toBe('t3 t0');
    }
  });
});

describe('an entry', () => {
  it('is shown whole, with null for what there is nothing of', async () => {
    const { get, ask, handlers } = await withEntries(2);
    const { items } = (await get()).body;
    expect(items).toEqual([
      {
        id: 2,
        at: '2026-01-31T23:00:00.000Z',
        actor: { kind: 'user', id: 'ada-id', name: 'Ada' },
        action: 'update',
        subject: { kind: 'thing', key: 't1', environment: 'prod' },
        fields: ['index'],
        beforeVersion: null,
        version: null,
        comment: 'because',
        group: 'g1',
        source: 'file',
      },
      expect.objectContaining({ id: 1, comment: null, group: null, source: null }),
    ]);
    const { body } = await ask(handlers.audit.get, { params: { entry: '2' } });
    expect(body).toEqual({ ...items[0], before: null, after: { index: 1 } });
  });

  it.each(['0', '3', '-1', '1.5', '01x', '', ' 1', '1e0', '0x1', '9'.repeat(16), '1 OR 1=1'])(
    '%j is none',
    async (entry) => {
      const { ask, handlers } = await withEntries(2);
      for (const handler of [handlers.audit.get, handlers.audit.getInEnvironment]) {
        const answer = await ask(handler, { params: { entry } });
        expect(answer).toMatchObject({
          status: 404,
          body: { code: 'not-found', message: 'There is no such entry: it may be older than what is kept.' },
        });
      }
    },
  );

  it('of another environment, or of none, is not there in this one', async () => {
    const { ask, handlers } = await withEntries(3);
    const statuses: number[] = [];
    for (const entry of ['1', '2', '3']) {
      statuses.push((await ask(handlers.audit.getInEnvironment, { params: { entry } })).status);
    }
    expect(statuses).toEqual([200, 404, 404]);
    const prod = anEnvironment('prod');
    expect((await ask(handlers.audit.getInEnvironment, { params: { entry: '2' }, environment: prod })).status).toBe(
      200,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { anEnvironment } from '../support/environments.js';
import { handlerWorld } from '../support/handler-world.js';

const URL_OF_CHAT = 'https://chat.example/services/credential';
const A_WEBHOOK = { name: 'Chat', url: URL_OF_CHAT };

async function withWebhook() {
  const world = await handlerWorld();
  const { body } = await world.ask(world.handlers.webhooks.create, { body: A_WEBHOOK });
  return { ...world, made: body, params: { webhook: body.id } };
}

describe('making a webhook', () => {
  it('answers with its secret, for the only time', async () => {
    const { handlers, ask, clock } = await handlerWorld();
    const { status, body } = await ask(handlers.webhooks.create, {
      body: { ...A_WEBHOOK, events: ['segment.*', 'flag.*', 'segment.*'] },
    });
    expect(status).toBe(201);
    const { secret, ...shown } = body;
    expect(secret).toMatch(/^whsec_/);
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'Chat',
      url: URL_OF_CHAT,
      events: ['segment.*', 'flag.*'],
      isEnabled: true,
      createdBy: 'Access token of the settings',
      createdAt: new Date(clock.time).toISOString(),
      deliveries: { waiting: 0, delivered: 0, dead: 0, dropped: 0 },
      last: null,
    });
    expect((await ask(handlers.webhooks.list)).body).toEqual({ items: [shown] });
    expect((await ask(handlers.webhooks.get, { params: { webhook: shown.id } })).body).toEqual(shown);
  });

  it('asks for flags and segments unless it says otherwise', async () => {
    expect((await withWebhook()).made.events).toEqual(['flag.*', 'segment.*']);
  });

  it.each([
    [{}, /^name: /],
    [{ name: ' ', url: URL_OF_CHAT }, /^name: /],
    [{ name: 'x'.repeat(101), url: URL_OF_CHAT }, /^name: /],
    [{ name: 'Chat' }, /^url: /],
    [{ name: 'Chat', url: 'chat' }, /^url: /],
    [{ name: 'Chat', url: 'http://169.254.169.254/latest' }, /^url: .*private network/],
    [{ ...A_WEBHOOK, events: [] }, /^events: /],
    [{ ...A_WEBHOOK, events: 'flag.*' }, /^events: /],
    [{ ...A_WEBHOOK, events: ['flag'] }, /^events: /],
    [{ ...A_WEBHOOK, events: Array(21).fill('flag.*') }, /^events: /],
    [{ ...A_WEBHOOK, event: ['*'] }, /did you mean "events"/],
  ])('with %j is refused, with what is wrong', async (body, message) => {
    const { handlers, ask } = await handlerWorld();
    const answer = await ask(handlers.webhooks.create, { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid-request', message: expect.stringMatching(message) });
    expect((await ask(handlers.webhooks.list)).body.items).toEqual([]);
  });

  it('of more than twenty in an environment is refused', async () => {
    const { handlers, ask } = await handlerWorld();
    for (let index = 0; index < 20; index++) {
      expect((await ask(handlers.webhooks.create, { body: A_WEBHOOK })).status).toBe(201);
    }
    expect(await ask(handlers.webhooks.create, { body: A_WEBHOOK })).toMatchObject({
      status: 409,
      body: { code: 'limit-reached' },
    });
  });
});

describe('a webhook', () => {
  it.each([
    [{ name: ' Pager ' }, { name: 'Pager' }],
    [{ url: 'https://other.example' }, { url: 'https://other.example' }],
    [{ events: ['segment.*'] }, { events: ['segment.*'] }],
    [{ isEnabled: false }, { isEnabled: false }],
  ])('is changed by %j', async (body, change) => {
    const { handlers, ask, made, params } = await withWebhook();
    const { secret: _, ...before } = made;
    const changed = await ask(handlers.webhooks.change, { params, body });
    expect(changed).toMatchObject({ status: 200, body: { ...before, ...change } });
    expect((await ask(handlers.webhooks.get, { params })).body).toEqual(changed.body);
  });

  it.each([
    [undefined],
    [{}],
    [{ name: '' }],
    [{ url: 'http://127.0.0.1' }],
    [{ events: ['x'] }],
    [{ isEnabled: 'yes' }],
    [{ isEnable: false }],
  ])('is not changed by %j', async (body) => {
    const { handlers, ask, params, made } = await withWebhook();
    expect((await ask(handlers.webhooks.change, { params, body })).status).toBe(400);
    const { secret: _, ...before } = made;
    expect((await ask(handlers.webhooks.get, { params })).body).toEqual(before);
  });

  it('gets a new secret, and for a day messages are signed by both', async () => {
    const { handlers, ask, storage, clock, made, params } = await withWebhook();
    const { status, body } = await ask(handlers.webhooks.renewSecret, { params });
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.secret).not.toBe(made.secret);
    expect(await storage.webhooks.secretsOf(made.id)).toEqual({
      current: body.secret,
      previous: { value: made.secret, until: clock.time + 86_400_000 },
    });
  });

  it('is tried out with a signed message, now and once', async () => {
    const { handlers, ask, posted, params } = await withWebhook();
    const { status, body } = await ask(handlers.webhooks.test, { params });
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'webhook.test', state: 'delivered', status: 204, problem: null, attempts: 1 });
    expect(posted).toHaveLength(1);
    expect(posted[0]).toMatchObject({ url: URL_OF_CHAT, headers: { 'webhook-id': body.messageId } });
    expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({
      type: 'webhook.test',
      data: { environment: 'dev', webhook: 'Chat' },
    });
    expect((await ask(handlers.webhooks.deliveries, { params })).body).toEqual({ items: [body] });
    expect((await ask(handlers.webhooks.get, { params })).body).toMatchObject({
      deliveries: { waiting: 0, delivered: 1, dead: 0, dropped: 0 },
      last: body,
    });
  });

  it('has its messages listed, the newest first, as many as are asked for', async () => {
    const { handlers, ask, params } = await withWebhook();
    for (let index = 0; index < 3; index++) await ask(handlers.webhooks.test, { params });
    const { items } = (await ask(handlers.webhooks.deliveries, { params })).body;
    const ids = items.map(({ id }: { id: string }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect((await ask(handlers.webhooks.deliveries, { params, query: 'limit=2' })).body.items).toEqual(
      items.slice(0, 2),
    );
    for (const query of ['limit=0', 'limit=101', 'limit=x']) {
      expect((await ask(handlers.webhooks.deliveries, { params, query })).status).toBe(400);
    }
  });

  it('has a message tried anew that was given up, and no other', async () => {
    const { handlers, ask, storage, clock, made, params } = await withWebhook();
    const outcome = { state: 'dead', triedAt: clock.time, nextAt: undefined, status: 500, problem: 'status' } as const;
    const { id } = await storage.webhooks.record(made.id, { type: 'flag.update', body: '{}' }, 'msg_1', outcome);
    const retry = (delivery: string) => ask(handlers.webhooks.retry, { params: { ...params, delivery } });
    expect(await retry(String(id))).toMatchObject({ status: 200, body: { state: 'waiting', attempts: 0 } });
    for (const delivery of [String(id), '0', 'x', '-1', '9'.repeat(30)]) {
      expect((await retry(delivery)).status, delivery).toBe(404);
    }
  });

  it('is removed, and then there is none', async () => {
    const { handlers, ask, params } = await withWebhook();
    expect((await ask(handlers.webhooks.remove, { params })).status).toBe(204);
    const { get, change, remove, renewSecret, test, deliveries, retry } = handlers.webhooks;
    for (const handler of [get, change, remove, renewSecret, test, deliveries, retry]) {
      const answer = await ask(handler, { params, body: { name: 'x' } });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });

  it('of another environment is not there', async () => {
    const { handlers, ask, storage, params } = await withWebhook();
    const other = anEnvironment('other');
    await storage.environments.create(other, []);
    const { get, change, remove, renewSecret, test, deliveries } = handlers.webhooks;
    for (const handler of [get, change, remove, renewSecret, test, deliveries]) {
      expect((await ask(handler, { params, body: { name: 'x' }, environment: other })).status).toBe(404);
    }
    expect((await ask(handlers.webhooks.list, { environment: other })).body.items).toEqual([]);
  });

  it('is in the audit log with whatever is done to it, without its secret and its address', async () => {
    const { handlers, ask, storage, params } = await withWebhook();
    await ask(handlers.webhooks.change, {
      params,
      body: { isEnabled: false },
      headers: { 'x-change-comment': 'Too loud' },
    });
    await ask(handlers.webhooks.change, { params, body: { url: 'https://chat.example/services/other' } });
    await ask(handlers.webhooks.renewSecret, { params });
    await ask(handlers.webhooks.remove, { params });
    const entries = await storage.audit.list({ limit: 10, kind: 'webhook' });
    expect(entries.map(({ action, fields, comment }) => [action, [...fields].sort(), comment])).toEqual([
      ['delete', ['address', 'events', 'isEnabled', 'name'], undefined],
      ['renew-secret', [], undefined],
      ['update', ['address'], undefined],
      ['update', ['isEnabled'], 'Too loud'],
      ['create', ['address', 'events', 'isEnabled', 'name'], undefined],
    ]);
    for (const { id, subject } of entries) {
      expect(subject).toEqual({ kind: 'webhook', key: 'Chat', environment: 'dev' });
      const detail = JSON.stringify(await storage.audit.get(id));
      expect(detail).not.toContain('whsec_');
      expect(detail).not.toContain('credential');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { eventually } from './support/eventually.js';
import { FakeClock } from './support/fake-clock.js';
import { StreamClient } from './support/stream-client.js';
import { startTestCenter, type TestCenter } from './support/test-center.js';

const VALUE = newSecret('1'.repeat(32));

const poll = async ({ call }: TestCenter, authorization: string) =>
  (await call('GET', '/api/public/sdk/server/latest-all', { headers: { authorization } })).status;

/** The secrets of the environment as they are listed. */
const list = async ({ api }: TestCenter) => (await api('GET', '/secrets')).body.items;

describe('the secrets of an environment', () => {
  it('are made, listed without themselves, shown one by one, and revoked', async () => {
    const clock = new FakeClock();
    const test = await startTestCenter({}, { clock });
    clock.time += 60_000;
    const made = await test.api('POST', '/secrets', { kind: 'server', name: 'of the billing service' });
    const body = {
      id: expect.any(String),
      kind: 'server',
      name: 'of the billing service',
      createdAt: new Date(clock.time).toISOString(),
      lastUsedAt: null,
      connections: 0,
    };
    expect([made.status, made.body]).toEqual([201, { ...body, secret: expect.stringMatching(/^[\w-]{44}$/) }]);
    const { id, secret } = made.body;
    const items = await list(test);
    expect(items.map(({ kind, name }: typeof body) => `${kind} ${name}`)).toEqual([
      'server first',
      'client first',
      'server of the billing service',
    ]);
    expect(items[2]).toEqual({ ...body, id });
    for (const value of [secret, test.environment.serverSecret]) expect(JSON.stringify(items)).not.toContain(value);
    expect((await test.api('GET', `/secrets/${id}`)).body).toEqual({ ...body, id, secret });

    // Both count.
    expect([await poll(test, secret), await poll(test, test.environment.serverSecret)]).toEqual([200, 200]);
    const revoked = await test.api('DELETE', `/secrets/${items[0].id}`);
    expect([revoked.status, revoked.text]).toEqual([204, '']);
    expect([await poll(test, secret), await poll(test, test.environment.serverSecret)]).toEqual([200, 401]);
    for (const method of ['GET', 'DELETE']) {
      expect(await test.api(method, `/secrets/${items[0].id}`)).toMatchObject({
        status: 404,
        body: { code: 'not-found' },
      });
    }
  });

  it('may be brought along, but not one that is in use', async () => {
    const test = await startTestCenter();
    expect(await test.api('POST', '/secrets', { kind: 'client', secret: VALUE })).toMatchObject({
      status: 201,
      body: { kind: 'client', name: 'unnamed', secret: VALUE },
    });
    for (const secret of [VALUE, test.environment.serverSecret]) {
      const refused = await test.api('POST', '/secrets', { kind: 'server', secret });
      expect(refused).toMatchObject({ status: 409, body: { code: 'already-exists' } });
      expect(refused.text).not.toContain(secret);
    }
  });

  it('are never none: the only one of a kind is not revoked', async () => {
    const test = await startTestCenter();
    for (const { id } of await list(test)) {
      expect(await test.api('DELETE', `/secrets/${id}`)).toMatchObject({ status: 409, body: { code: 'last-secret' } });
    }
    expect(await poll(test, test.environment.serverSecret)).toBe(200);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /kind/],
    ['a list', [], /kind/],
    ['no kind', { name: 'x' }, /kind/],
    ['an unknown kind', { kind: 'admin' }, /kind/],
    ['a field that is nearly known', { kind: 'server', nam: 'x' }, /"name"/],
    ['a blank name', { kind: 'server', name: ' ' }, /name: .*blank/],
    ['a name with a line break', { kind: 'server', name: 'a\nb' }, /name: .*control/],
    ['a name of a megabyte', { kind: 'server', name: 'x'.repeat(1_000_000) }, /name: .*256/],
    ['a name that is a number', { kind: 'server', name: 5 }, /name: /],
    ['a secret of another form', { kind: 'server', secret: 'short' }, /secret: .*44/],
  ])('are not made of %s', async (_, body, message) => {
    const test = await startTestCenter();
    const { status, body: answer } = await test.api('POST', '/secrets', body);
    expect([status, answer]).toEqual([
      400,
      { code: 'invalid-request', message: expect.stringMatching(message), requestId: expect.any(String) },
    ]);
    expect(await list(test)).toHaveLength(2);
  });

  it('are at most fifty of a kind', async () => {
    const test = await startTestCenter();
    for (let count = 1; count < 50; count += 1) await test.api('POST', '/secrets', { kind: 'server' });
    expect(await test.api('POST', '/secrets', { kind: 'server' })).toMatchObject({
      status: 409,
      body: { code: 'limit-reached' },
    });
    expect((await test.api('POST', '/secrets', { kind: 'client' })).status).toBe(201);
  });

  it('know by whom they are used: the connections, and when one last came', async () => {
    const clock = new FakeClock(Date.now());
    const test = await startTestCenter({}, { clock });
    const { serverSecret, clientSecret } = test.environment;
    const seen = async () =>
      (await list(test)).map(({ lastUsedAt, connections }: { lastUsedAt: string | null; connections: number }) => [
        lastUsedAt === null ? null : Date.parse(lastUsedAt) - start,
        connections,
      ]);
    const start = clock.time;
    expect(await seen()).toEqual([
      [null, 0],
      [null, 0],
    ]);
    await poll(test, serverSecret);
    clock.time += 59_000;
    await poll(test, serverSecret);
    await poll(test, clientSecret);
    // Nobody waits for it to be written.
    await eventually(seen).toEqual([
      [0, 0],
      [59_000, 0],
    ]);
    clock.time = start + 60_000;
    await poll(test, serverSecret);
    clock.time = Date.now();
    await new StreamClient(test, { secret: serverSecret }).opened();
    await eventually(async () => (await seen())[0]).toEqual([60_000, 1]);
  });
});

describe('a revoked secret', () => {
  it('cuts the connections that it has let in, and no others', async () => {
    const test = await startTestCenter();
    const { body: next } = await test.api('POST', '/secrets', { kind: 'server' });
    const [first] = await list(test);
    const connect = async (secret: string) => {
      const client = new StreamClient(test, { secret });
      await client.opened();
      client.requestSync(0);
      await client.next();
      return client;
    };
    const { serverSecret } = test.environment;
    const old = [await connect(serverSecret), await connect(serverSecret)];
    const other = await connect(next.secret);
    expect((await list(test)).map(({ connections }: { connections: number }) => connections)).toEqual([2, 0, 1]);
    await test.api('DELETE', `/secrets/${first.id}`);
    for (const client of old) expect(await client.closed).toEqual({ code: 4003, reason: 'the secret was revoked' });
    expect((await new StreamClient(test).closed).code).toBe(4003);
    other.requestSync(0);
    expect((await other.next()).data.eventType).toBe('full');
  });
});

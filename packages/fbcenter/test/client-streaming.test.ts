import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import type { CenterInternals } from '../src/center.js';
import type { CenterOptions } from '../src/options.js';
import { aStorage } from './support/a-storage.js';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { StreamClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

// What browsers see, over the wire: a socket of type client, and nothing of an SDK.

const ADA = { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NZ' }] };
const BOB = { keyId: 'bob', name: 'Bob' };

const COLOURS = {
  variationType: 'string',
  variations: [
    { id: 'on', value: 'red' },
    { id: 'off', value: 'blue' },
  ],
};

/** A flag whose rule asks for a country. */
const byCountry = (overrides: object = {}) =>
  aFlag({
    ...COLOURS,
    rules: [{ ...aRule({ property: 'country', op: 'Equal', value: 'NZ' }, 'off'), name: 'kiwis: secret plan' }],
    ...overrides,
  });

/** A flag that asks for a segment. */
const bySegment = (overrides: object = {}) =>
  aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: '["staff"]' }, 'off')], ...overrides });

function clientOf(test: TestCenter, query?: string): StreamClient {
  const token = encodeConnectionToken(test.environment.clientSecret, Date.now(), Math.random());
  return new StreamClient(test, { query: query ?? `type=client&token=${token}` });
}

const ask = (client: StreamClient, user: object, timestamp: unknown = 0) =>
  client.send({ messageType: 'data-sync', data: { timestamp, user } });

/** A browser that has asked, and the answer. */
async function synced(test: TestCenter, user: object = ADA, timestamp = 0) {
  const client = clientOf(test);
  await client.opened();
  ask(client, user, timestamp);
  return { client, answer: await client.next() };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
const values = ({ data }: any) =>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  Object.fromEntries(data.featureFlags.map(({ id, variation }: any) => [id, variation]));

const start = async (flags: readonly object[], options: CenterOptions = {}, internals: CenterInternals = {}) =>
  startTestCenter(
    {
      environments: [{ key: 'dev', flags, segments: [{ id: 'staff', ...aSegment({ included: ['ada'] }) }] }],
      ...options,
    },
    internals,
  );

describe('a browser that asks', () => {
  it('is answered with every flag, evaluated for its user, in every member that SDKs read', async () => {
    const test = await start([{ key: 'colour', ...byCountry() }]);
    const { updatedAt } = (await test.api('GET', '/flags/colour')).body;
    const { answer } = await synced(test);
    expect(answer).toEqual({
      messageType: 'data-sync',
      data: {
        eventType: 'full',
        userKeyId: 'ada',
        featureFlags: [
          {
            id: 'colour',
            variation: 'blue',
            variationType: 'string',
            variationId: 'off',
            matchReason: 'rule match',
            variationOptions: [
              { id: 'on', value: 'red' },
              { id: 'off', value: 'blue' },
            ],
            sendToExperiment: true,
            timestamp: Date.parse(updatedAt),
          },
        ],
      },
    });
    // In this order: some clients read by hand.
    expect(Object.keys(answer.data)).toEqual(['eventType', 'userKeyId', 'featureFlags']);
    expect(Object.keys(answer.data.featureFlags[0])).toEqual([
      'id',
      'variation',
      'variationType',
      'variationId',
      'matchReason',
      'variationOptions',
      'sendToExperiment',
      'timestamp',
    ]);
  });

  it.each<[string, object, object, unknown]>([
    ['off', aFlag({ isEnabled: false }), ADA, ['false', 'off', 'flag disabled', false]],
    ['for everybody', aFlag(), ADA, ['true', 'on', 'default', true]],
    [
      'targeted',
      aFlag({ targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }),
      ADA,
      ['false', 'off', 'targeted', true],
    ],
    ['by a rule', byCountry(), ADA, ['blue', 'off', 'rule match', true]],
    ['by a rule that does not hold', byCountry(), BOB, ['red', 'on', 'default', true]],
    ['by a segment', bySegment(), ADA, ['false', 'off', 'rule match', true]],
    ['by a segment that one is not in', bySegment(), BOB, ['true', 'on', 'default', true]],
    ['without an experiment', aFlag({ exptIncludeAllTargets: false }), ADA, ['true', 'on', 'default', false]],
    ['archived', aFlag({ isArchived: true }), ADA, [null, null, 'flag archived', false]],
  ])('gets a flag that is %s as FeatBit has it', async (_, flag, user, expected) => {
    const { answer } = await synced(await start([{ key: 'f', ...flag }]), user);
    const [{ variation, variationId, matchReason, sendToExperiment }] = answer.data.featureFlags;
    expect([variation, variationId, matchReason, sendToExperiment]).toEqual(expected);
    expect(answer.data.featureFlags[0].variationOptions).toHaveLength(2);
  });

  it('sees the name of a rule only where that is wanted', async () => {
    const flags = [{ key: 'f', ...byCountry() }];
    const named = await synced(await start(flags, { sendRuleNames: true }));
    expect(named.answer.data.featureFlags[0].matchReason).toBe('kiwis: secret plan');
  });

  it('gets nothing but values: no rule, no segment, nobody else', async () => {
    const test = await start([
      { key: 'f', ...byCountry({ name: 'A name', description: 'why', tags: ['tagged'] }) },
      { key: 'g', ...bySegment({ targetUsers: [{ keyIds: ['somebody-else'], variationId: 'on' }] }) },
    ]);
    const { client, answer } = await synced(test, BOB);
    await test.api('POST', '/flags/f/toggle');
    const text = JSON.stringify([answer, await client.next()]);
    for (const secret of [
      'secret plan',
      'NZ',
      'country',
      'staff',
      'somebody-else',
      'A name',
      'why',
      'tagged',
      'ada',
      'rules',
    ])
      expect(text).not.toContain(secret);
  });

  it.each<[string, (at: { a: number; b: number }) => unknown, string, readonly string[]]>([
    ['0', () => 0, 'full', ['a', 'b']],
    ['a fraction', ({ a }) => a + 0.5, 'full', ['a', 'b']],
    ['beyond 64 bits', () => 1e300, 'full', ['a', 'b']],
    ['negative', () => -1, 'patch', ['a', 'b']],
    ['before everything', () => 1, 'patch', ['a', 'b']],
    ['of the first flag', ({ a }) => a, 'patch', ['b']],
    ['between the two', ({ b }) => b - 1, 'patch', ['b']],
    ['of the last flag', ({ b }) => b, 'patch', []],
    ['of the future', ({ b }) => b + 1e9, 'patch', []],
  ])(
    'with a cursor %s gets what is newer, and an empty patch when that is nothing',
    async (_, cursorOf, type, keys) => {
      const test = await start([]);
      await put(test.api, '/flags/a', aFlag());
      await put(test.api, '/flags/b', aFlag());
      const versionOf = async (key: string) => Date.parse((await test.api('GET', `/flags/${key}`)).body.updatedAt);
      const cursor = cursorOf({ a: await versionOf('a'), b: await versionOf('b') });
      const { client, answer } = await synced(test, ADA, cursor as number);
      expect([answer.data.eventType, Object.keys(values(answer))]).toEqual([type, keys]);
      expect(answer.data.userKeyId).toBe('ada');
      await test.api('POST', '/flags/a/toggle');
      expect(values(await client.next())).toEqual({ a: 'false' });
    },
  );

  it.each<[string, unknown]>([
    ['without a user', { timestamp: 0 }],
    ['with a user without a key', { timestamp: 0, user: { name: 'x' } }],
    ['with an attribute that is a number', { user: { keyId: 'u', customizedProperties: [{ name: 'n', value: 1 }] } }],
    ['with a cursor that is a text', { timestamp: '0', user: ADA }],
  ])('%s gets no answer, no push, and may ask again', async (_, data) => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const client = clientOf(test);
    await client.opened();
    client.send({ messageType: 'data-sync', data });
    expect(await client.drain()).toEqual([]);
    await test.api('POST', '/flags/f/toggle');
    expect(await client.drain()).toEqual([]);
    ask(client, ADA);
    expect(values(await client.next())).toEqual({ f: 'false' });
  });

  it('is answered although a flag cannot be evaluated, which alone is left out', async () => {
    const storage = await aStorage();
    const test = await start([{ key: 'good', ...aFlag() }], {}, { storage });
    const { body } = await test.api('GET', '/flags/good');
    // The judge lets no such flag in, but an earlier one may have.
    const fallthrough = { ...body.fallthrough, variations: everybody('gone') };
    const text = (version: number) =>
      JSON.stringify({ ...body, key: 'broken', fallthrough, updatedAt: new Date(version).toISOString() });
    const { client } = await synced(test);
    await storage.documents.write(test.environment.id, { kind: 'flag', key: 'broken', isArchived: false, text });
    // A push of it alone has nothing in it.
    expect(values(await client.next())).toEqual({});
    await test.api('POST', '/flags/good/toggle');
    expect(values(await client.next())).toEqual({ good: 'false' });
    const second = await synced(test);
    expect(values(second.answer)).toEqual({ good: 'false' });
  });

  it('is told what an absent attribute is to a condition by one setting', async () => {
    const negative = aFlag({ rules: [aRule({ property: 'country', op: 'NotEqual', value: 'NZ' }, 'off')] });
    const wire = { keyId: 'u', customizedProperties: [{ name: 'country', value: null }] };
    for (const [missingAttribute, value] of [
      ['no-match', 'true'],
      ['empty-string', 'false'],
    ] as const) {
      const test = await start([{ key: 'f', ...negative }], { missingAttribute });
      expect(values((await synced(test, BOB)).answer)).toEqual({ f: value });
      expect(values((await synced(test, wire)).answer)).toEqual({ f: value });
      const { body } = await test.call('POST', '/api/public/featureflag/evaluate', {
        headers: { authorization: test.environment.serverSecret },
        body: JSON.stringify({ user: BOB }),
      });
      expect(body[0].variation.value).toBe(value);
    }
  });
});

describe('a browser that is connected', () => {
  it.each<[string, (test: TestCenter) => Promise<unknown>, object]>([
    ['a switch', ({ api }) => api('POST', '/flags/f/toggle'), { f: 'false' }],
    ['another name', ({ api }) => put(api, '/flags/f', aFlag({ name: 'New' })), { f: 'true' }],
    ['a new flag', ({ api }) => put(api, '/flags/new', aFlag()), { new: 'true' }],
    ['an archived flag', ({ api }) => api('POST', '/flags/f/archive'), { f: null }],
  ])('is pushed %s, evaluated for its user', async (_, change, expected) => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const { client } = await synced(test);
    await change(test);
    const push = await client.next();
    expect([push.data.eventType, push.data.userKeyId]).toEqual(['patch', 'ada']);
    expect(values(push)).toEqual(expected);
    expect(await client.drain()).toEqual([]);
  });

  it('is pushed a flag that is archived and restored', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const { client } = await synced(test);
    await test.api('POST', '/flags/f/archive');
    expect((await client.next()).data.featureFlags[0].matchReason).toBe('flag archived');
    await test.api('POST', '/flags/f/restore');
    expect(values(await client.next())).toEqual({ f: 'true' });
  });

  it('is pushed the flags that use a segment, and no others, with a new time, when it holds other users', async () => {
    const test = await start([
      { key: 'plain', ...aFlag() },
      { key: 'one', ...bySegment() },
      { key: 'two', ...bySegment() },
    ]);
    const { client, answer } = await synced(test);
    expect(values(answer)).toEqual({ plain: 'true', one: 'false', two: 'false' });
    const before = Math.max(...answer.data.featureFlags.map(({ timestamp }: { timestamp: number }) => timestamp));
    await put(test.api, '/segments/staff', aSegment({ included: ['bob'] }));
    const push = await client.next();
    expect(values(push)).toEqual({ one: 'true', two: 'true' });
    for (const { timestamp } of push.data.featureFlags) expect(timestamp).toBeGreaterThan(before);
    // The same for who polls or comes back: by its cursor.
    const cursor = before;
    expect(values((await synced(test, ADA, cursor)).answer)).toEqual({ one: 'true', two: 'true' });
  });

  it.each<[string, (test: TestCenter) => Promise<unknown>]>([
    ['a segment nobody asks for', ({ api }) => put(api, '/segments/other', aSegment())],
    [
      'a segment with another name',
      ({ api }) => put(api, '/segments/staff', { ...aSegment({ included: ['ada'] }), name: 'Staff' }),
    ],
    ['a flag that is not for browsers', ({ api }) => put(api, '/flags/hidden', aFlag({ clientVisible: false }))],
  ])('is pushed nothing for %s', async (_, change) => {
    const test = await start([{ key: 'f', ...bySegment() }]);
    const { client } = await synced(test);
    await change(test);
    expect(await client.drain()).toEqual([]);
    await test.api('POST', '/flags/f/toggle');
    expect(Object.keys(values(await client.next()))).toEqual(['f']);
  });

  it('is pushed nothing before it has said who it is for', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const client = clientOf(test);
    await client.opened();
    await client.drain();
    await test.api('POST', '/flags/f/toggle');
    expect(await client.drain()).toEqual([]);
  });

  it('identifies another user on the open socket, and from then on everything is for that one', async () => {
    const test = await start([{ key: 'colour', ...byCountry() }]);
    const { client, answer } = await synced(test, ADA);
    expect(values(answer)).toEqual({ colour: 'blue' });
    ask(client, BOB);
    const second = await client.next();
    expect([second.data.eventType, second.data.userKeyId, values(second)]).toEqual(['full', 'bob', { colour: 'red' }]);
    await put(test.api, '/flags/colour', byCountry({ isEnabled: false, disabledVariationId: 'off' }));
    const push = await client.next();
    expect([push.data.userKeyId, values(push)]).toEqual(['bob', { colour: 'blue' }]);
    // A former user comes back with the cursor it had.
    ask(client, ADA, answer.data.featureFlags[0].timestamp);
    const third = await client.next();
    expect([third.data.eventType, third.data.userKeyId]).toEqual(['patch', 'ada']);
  });

  it('that identifies several users at once is answered for each of them, in their order', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const { client } = await synced(test);
    for (let index = 0; index < 10; index += 1) ask(client, { keyId: `u${index}` });
    const answered = [];
    for (let index = 0; index < 10; index += 1) answered.push((await client.next()).data.userKeyId);
    expect(answered).toEqual(Array.from({ length: 10 }, (_, index) => `u${index}`));
  });

  it('is never sent a full that is older than a patch before it', async () => {
    const test = await start([
      {
        key: 'f',
        ...aFlag({
          variations: [
            { id: 'on', value: 'true' },
            { id: 'off', value: 'false' },
          ],
        }),
      },
    ]);
    const { client } = await synced(test);
    const changing = (async () => {
      for (let index = 0; index < 30; index += 1) await test.api('POST', '/flags/f/toggle');
    })();
    for (let index = 0; index < 30; index += 1) ask(client, ADA);
    await changing;
    ask(client, ADA);
    let newest = 0;
    const messages = await client.drain();
    for (const { data } of messages) {
      const [{ timestamp }] = data.featureFlags;
      expect(timestamp).toBeGreaterThanOrEqual(newest);
      newest = timestamp;
    }
    expect(newest).toBe(Date.parse((await test.api('GET', '/flags/f')).body.updatedAt));
  });

  it('is answered its pings and echoes, and keeps its connection whatever else it sends', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const client = clientOf(test);
    await client.opened();
    client.send({ messageType: 'ping', data: null });
    expect(await client.nextText()).toBe('{"messageType":"pong","data":{}}');
    client.send({ messageType: 'echo', data: { a: 'é' } });
    expect(await client.next()).toEqual({ messageType: 'echo', data: { a: 'é' } });
    for (const rubbish of ['', '{', '[]', '5', '{"messageType":"ping"}', '{"messageType":"nope","data":{}}'])
      client.send(rubbish);
    client.socket.send(Buffer.from([0xff, 0xfe, 0x00]));
    expect(await client.drain()).toEqual([]);
    ask(client, ADA);
    expect(values(await client.next())).toEqual({ f: 'true' });
  });

  it.each<[string, number]>([
    ['just small enough', 20 * 1_024],
    ['just too large', 20 * 1_024 + 1],
    ['far too large', 3_000_000],
  ])('may send a message that is %s, and goes on', async (_, size) => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const client = clientOf(test);
    await client.opened();
    const frame = JSON.stringify({ messageType: 'data-sync', data: { user: { keyId: 'u', name: '' } } });
    const name = 'x'.repeat(size - frame.length);
    client.send({ messageType: 'data-sync', data: { user: { keyId: 'u', name } } });
    expect(await client.drain()).toHaveLength(size <= 20 * 1_024 ? 1 : 0);
    ask(client, ADA);
    expect((await client.next()).data.userKeyId).toBe('ada');
  });

  it('may send a message in many frames that becomes too large, and goes on', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const client = clientOf(test);
    await client.opened();
    const text = JSON.stringify({ messageType: 'data-sync', data: { user: { keyId: 'u', name: 'é'.repeat(15_000) } } });
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 999) {
      client.socket.send(bytes.subarray(at, at + 999), { binary: false, fin: at + 999 >= bytes.length });
    }
    expect(await client.drain()).toEqual([]);
    ask(client, ADA);
    expect((await client.next()).data.userKeyId).toBe('ada');
  });

  it("that closes as FeatBit's SDK does, with 4003, is gone", async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const { client } = await synced(test);
    client.socket.close(4003, 'The client is closed by user');
    expect((await client.closed).code).toBe(4003);
    await test.api('POST', '/flags/f/toggle');
  });

  it('is let in by a client secret alone', async () => {
    const test = await start([]);
    const token = (secret: string) => encodeConnectionToken(secret, Date.now(), 0.5);
    const { serverSecret, clientSecret } = test.environment;
    for (const [query, code] of [
      [`type=client&token=${token(serverSecret)}`, 4003],
      [`type=server&token=${token(clientSecret)}`, 4003],
      ['type=client&token=nonsense', 4003],
      ['type=client', 4003],
      [`type=client&version=3&token=${token(clientSecret)}`, 4003],
    ] as const) {
      const client = clientOf(test, query);
      await client.opened();
      expect((await client.closed).code, query).toBe(code);
    }
  });
});

describe('a flag that is not for browsers', () => {
  it('is in no full and in no patch, and server SDKs have it', async () => {
    const test = await start([
      { key: 'shown', ...aFlag() },
      { key: 'hidden', ...aFlag({ clientVisible: false }) },
    ]);
    expect(values((await synced(test)).answer)).toEqual({ shown: 'true' });
    expect(values((await synced(test, ADA, 1)).answer)).toEqual({ shown: 'true' });
    const server = new StreamClient(test);
    await server.opened();
    server.requestSync(0);
    expect((await server.next()).data.featureFlags).toHaveLength(2);
  });

  it('disappears from those that have it when it is withdrawn, and comes back', async () => {
    const test = await start([{ key: 'f', ...aFlag() }]);
    const { client, answer } = await synced(test);
    const cursor = answer.data.featureFlags[0].timestamp;
    await put(test.api, '/flags/f', aFlag({ clientVisible: false }));
    expect((await client.next()).data.featureFlags[0]).toMatchObject({ variation: null, matchReason: 'flag archived' });
    // Who has it from before is told, who has nothing is not.
    expect(values((await synced(test, ADA, cursor)).answer)).toEqual({ f: null });
    expect(values((await synced(test)).answer)).toEqual({});
    await put(test.api, '/flags/f', aFlag({ clientVisible: true }));
    expect(values(await client.next())).toEqual({ f: 'true' });
  });

  it.each([['yes'], [1], [[]]])('says so with true or false (not %j)', async (clientVisible) => {
    const { api } = await startTestCenter();
    const { status, body } = await api('PUT', '/flags/f', aFlag({ clientVisible }));
    expect([status, body.faults[0].path]).toEqual([400, 'clientVisible']);
  });

  it('says nothing of it where everybody may have it', async () => {
    const { api } = await startTestCenter();
    await put(api, '/flags/f', aFlag());
    expect((await api('GET', '/flags/f')).body).not.toHaveProperty('clientVisible');
    await put(api, '/flags/f', aFlag({ clientVisible: true, fallthrough: { variations: everybody('off') } }));
    expect((await api('GET', '/flags/f')).body.clientVisible).toBe(true);
  });
});

describe('a message of a browser that is nested without end', () => {
  it.each([200, 5_000, 10_000])('gets no answer, and the center goes on: %d deep', async (depth) => {
    const test = await start([{ key: 'f', ...byCountry() }]);
    const client = clientOf(test);
    await client.opened();
    client.send(`{"messageType":"echo","data":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    client.send({ messageType: 'echo', data: 'still there' });
    expect(await client.next()).toEqual({ messageType: 'echo', data: 'still there' });
    expect((await test.call('GET', '/health/liveness')).status).toBe(200);
  });
});

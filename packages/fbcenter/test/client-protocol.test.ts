import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { aFlag, aRule, aSegment } from './support/documents.js';
import { StreamClient } from './support/stream-client.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

// FeatBit's protocol for browsers, statement by statement, as somebody reads it who wants to find where the center differs. What a browser is
// shown of changes is in client-streaming.test.ts, what a page may read in client-http.test.ts.

const LATEST = '/api/public/sdk/client/latest-all';
const TRACK = '/api/public/insight/track';
const NOT_LET_IN = /^invalid request, close by server: ./;
const ADA = { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NZ' }] };

const typed = (variationType: string, ...values: readonly string[]) => ({
  variationType,
  variations: values.map((value, index) => ({ id: `v${index}`, value })),
  disabledVariationId: 'v1',
  fallthrough: { variations: [{ id: 'v0', rollout: [0, 1], exptRollout: 1 }] },
});
const inSegment = { property: 'User is in segment', op: null, value: '["staff"]' };

const FLAGS = [
  { key: 'plain', ...aFlag() },
  { key: 'text', ...aFlag(typed('string', 'é "quoted" <b>&\u2028', 'blue', 'green')) },
  { key: 'number', ...aFlag(typed('number', '1.50', '0')) },
  { key: 'json', ...aFlag(typed('json', '{"a":[1,null]}', 'null')) },
  { key: 'off', ...aFlag({ isEnabled: false }) },
  { key: 'gone', ...aFlag({ isArchived: true }) },
];
const environments = [{ key: 'dev', flags: FLAGS }];

const tokenOf = (secret: string, skew = 0) => encodeConnectionToken(secret, Date.now() + skew, Math.random());

async function connected(test: TestCenter, options: ConstructorParameters<typeof StreamClient>[1] = {}) {
  const query = `type=client&token=${tokenOf(test.environment.clientSecret)}`;
  const client = new StreamClient(test, { query, ...options });
  await client.opened();
  return client;
}

const sync = (user: unknown, timestamp?: unknown) => ({ messageType: 'data-sync', data: { timestamp, user } });

const poll = ({ call, environment }: TestCenter, body: string, query = '', headers: Record<string, string> = {}) =>
  call('POST', LATEST + query, {
    body,
    headers: { authorization: environment.clientSecret, 'content-type': 'application/json', ...headers },
  });

describe('the connection of a browser', () => {
  const shared = sharedCenter({ environments });
  const tokenFor = ({ environment }: TestCenter, skew = 0) => tokenOf(environment.clientSecret, skew);

  it.each<[string, (test: TestCenter) => NonNullable<ConstructorParameters<typeof StreamClient>[1]>]>([
    ['with an empty version', (test) => ({ query: `type=client&version=&token=${tokenFor(test)}` })],
    ['with version 1', (test) => ({ query: `type=client&version=1&token=${tokenFor(test)}` })],
    ['with version 2', (test) => ({ query: `version=2&token=${tokenFor(test)}&type=client` })],
    ['with more in its query', (test) => ({ query: `type=client&token=${tokenFor(test)}&v=3&more` })],
    ['whose clock is 25 s behind', (test) => ({ query: `type=client&token=${tokenFor(test, -25_000)}` })],
    ['whose clock is 25 s ahead', (test) => ({ query: `type=client&token=${tokenFor(test, 25_000)}` })],
    ['in capitals', () => ({ path: '/STREAMING' })],
    ['with a slash at the end', () => ({ path: '/streaming/' })],
    ['with more segments', () => ({ path: '/Streaming/more/of/it' })],
    ['from a page of any origin', () => ({ headers: { origin: 'https://elsewhere.example.org' } })],
    ['from no page', () => ({ headers: { origin: 'null' } })],
  ])('%s is let in and answered', async (_, optionsOf) => {
    const test = shared();
    const client = await connected(test, optionsOf(test));
    client.send(sync(ADA, 0));
    expect((await client.next()).data).toMatchObject({ eventType: 'full', userKeyId: 'ada' });
  });

  it('is not compressed, although browsers offer it', async () => {
    const headers = { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' };
    const client = await connected(shared(), { headers });
    expect(client.socket.extensions).toBe('');
  });

  it.each<[string, (test: TestCenter) => string]>([
    ['without a type', (test) => `token=${tokenFor(test)}`],
    ['of another type', (test) => `type=browser&token=${tokenFor(test)}`],
    ['of version 3', (test) => `type=client&version=3&token=${tokenFor(test)}`],
    ['of a version that is none', (test) => `type=client&version=x&token=${tokenFor(test)}`],
    ['without a token', () => 'type=client'],
    ['with an empty token', () => 'type=client&token='],
    ['with its secret for a token', ({ environment }) => `type=client&token=${environment.clientSecret}`],
    [
      'with a token of half a secret',
      ({ environment }) => `type=client&token=${tokenOf(environment.clientSecret.slice(22))}`,
    ],
    ['with a secret that is unknown', () => `type=client&token=${tokenOf(newSecret('0'.repeat(32)))}`],
    ['with a secret for servers', ({ environment }) => `type=client&token=${tokenOf(environment.serverSecret)}`],
    ['of type server with a secret for browsers', (test) => `type=server&token=${tokenFor(test)}`],
    ['whose version and token are wrong', () => 'type=client&version=9&token=x'],
  ])('%s is accepted, then closed with 4003', async (_, queryOf) => {
    const test = shared();
    const client = await connected(test, { query: queryOf(test) });
    expect(await client.closed).toEqual({ code: 4003, reason: expect.stringMatching(NOT_LET_IN) });
  });

  it.each(['GET', 'POST', 'HEAD'])('is no %s', async (method) => {
    const { center } = shared();
    expect((await fetch(`${center.url}/streaming?type=client`, { method })).status).toBe(404);
  });
});

describe('the messages of a browser', () => {
  const shared = sharedCenter({ environments });

  it('are answered one after another, each once, in the order in which they came', async () => {
    const client = await connected(shared());
    const echo = { messageType: 'echo', data: { n: 1 } };
    const ping = { messageType: 'ping', data: null };
    for (const message of [sync(ADA, 0), echo, ping, ping, sync({ keyId: 'bob' }, 1), ping, echo]) client.send(message);
    const received = [];
    for (let index = 0; index < 7; index += 1) {
      const { messageType, data } = await client.next();
      received.push(messageType === 'data-sync' ? `${data.eventType} ${data.userKeyId}` : messageType);
    }
    expect(received).toEqual(['full ada', 'echo', 'pong', 'pong', 'patch bob', 'pong', 'echo']);
    expect(await client.drain()).toEqual([]);
  });

  it('may be a hundred identifications at once, each of which has its answer', async () => {
    const client = await connected(shared());
    const keys = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    for (const keyId of keys) client.send(sync({ keyId }, 0));
    const answered = [];
    for (const _ of keys) answered.push((await client.next()).data.userKeyId);
    expect(answered).toEqual(keys);
    expect(await client.drain()).toEqual([]);
  });

  it.each<[string, object]>([
    ['{"messageType":"PING","data":{}}', { messageType: 'pong', data: {} }],
    ['{"messageType":"Ping","data":null,"more":1}', { messageType: 'pong', data: {} }],
    ['{"data":5,"messageType":"ECHO"}', { messageType: 'echo', data: 5 }],
    ['{"messageType":"echo","data":null}', { messageType: 'echo', data: null }],
  ])('%s has its answer, in whatever case its type is', async (text, answer) => {
    const client = await connected(shared());
    client.send(text);
    expect(await client.next()).toEqual(answer);
    expect(await client.drain()).toEqual([]);
  });

  it.each<[string, string]>([
    ['no JSON', 'hello'],
    ['half a JSON', '{"messageType":"ping","data"'],
    ['an empty frame', ''],
    ['a list', '[{"messageType":"ping","data":{}}]'],
    ['without a type', '{"data":{}}'],
    ['without data', '{"messageType":"ping"}'],
    ['a member in another case', '{"MessageType":"ping","data":{}}'],
    ['data in another case', '{"messageType":"ping","Data":{}}'],
    ['a type that is unknown', '{"messageType":"subscribe","data":{}}'],
    ['a pong', '{"messageType":"pong","data":{}}'],
    ['a request without data', '{"messageType":"data-sync"}'],
    ['a request with null', '{"messageType":"data-sync","data":null}'],
    ['a null time', JSON.stringify(sync(ADA, null))],
    ['a time that is a text', JSON.stringify(sync(ADA, '0'))],
    ['a time that is a boolean', JSON.stringify(sync(ADA, true))],
    ['no user', '{"messageType":"data-sync","data":{"timestamp":0}}'],
    ['a null user', JSON.stringify(sync(null, 0))],
    ['a user that is a text', JSON.stringify(sync('ada', 0))],
    ['a user that is a list', JSON.stringify(sync([ADA], 0))],
  ])('(%s) have no answer, and the connection stays', async (_, text) => {
    const client = await connected(shared());
    client.send(text);
    expect(await client.drain()).toEqual([]);
    client.send(sync(ADA, 0));
    expect((await client.next()).data.eventType).toBe('full');
  });

  it.each<[unknown, string]>([
    [0, 'full'],
    [undefined, 'full'],
    [0.5, 'full'],
    [-0.5, 'full'],
    [1e300, 'full'],
    [2 ** 63, 'full'],
    [-1, 'patch'],
    [-1_795_827_780_260, 'patch'],
    [1, 'patch'],
  ])('with the time %j have everything, archived flags included, as a %s', async (timestamp, eventType) => {
    const client = await connected(shared());
    client.send(sync(ADA, timestamp));
    const { data } = await client.next();
    expect([data.eventType, data.featureFlags.length]).toEqual([eventType, FLAGS.length]);
  });

  it.each([Number.MAX_SAFE_INTEGER, 9_223_372_036_854_774_000])(
    'with the time %d are answered with an empty patch: initialising and identifying wait for one',
    async (timestamp) => {
      const client = await connected(shared());
      client.send(sync(ADA, timestamp));
      expect((await client.next()).data).toEqual({ eventType: 'patch', userKeyId: 'ada', featureFlags: [] });
    },
  );
});

describe('a user on the wire', () => {
  const shared = sharedCenter({ environments });

  /** What a poll is answered; a stream answers where that is 200, and only there. */
  type Outcome = 'answered' | 'malformed' | 'no key';
  const STATUS = { answered: 200, malformed: 400, 'no key': 400 } as const;
  const TYPE = { answered: /^application\/json/, malformed: /^application\/problem\+json/, 'no key': /^text\/plain/ };
  const attributes = (...customizedProperties: readonly unknown[]) => ({ keyId: 'u', customizedProperties });

  it.each<[unknown, Outcome]>([
    [{ keyId: 'u' }, 'answered'],
    [{ keyId: 'u', name: null, customizedProperties: null }, 'answered'],
    [{ keyId: 'u', name: '', customizedProperties: [] }, 'answered'],
    [{ KeyID: 'u', NAME: 'U', CUSTOMIZEDPROPERTIES: [] }, 'answered'],
    [{ keyId: 'u', name: 'U', email: 'u@example.org', customizedProperties: [], more: { a: [1] } }, 'answered'],
    [{ keyId: ' u ' }, 'answered'],
    [{ keyId: '\uFEFF' }, 'answered'],
    [{ keyId: '__proto__' }, 'answered'],
    [{ keyId: 'ключ "é" \u2028 😀' }, 'answered'],
    [attributes({ name: 'a', value: 'x' }), 'answered'],
    [attributes({ name: 'a', value: null }), 'answered'],
    [attributes({ name: 'a' }), 'answered'],
    [attributes({ name: '', value: 'x' }), 'answered'],
    [attributes({ name: 'a', value: '1' }, { name: 'a', value: '2' }), 'answered'],
    [attributes({ name: 'a', value: 'x', more: 1 }), 'answered'],
    [attributes(null), 'answered'],
    [attributes({ name: 'a', value: 1 }), 'malformed'],
    [attributes({ name: 'a', value: true }), 'malformed'],
    [attributes({ name: 'a', value: {} }), 'malformed'],
    [attributes({ name: 'a', value: ['x'] }), 'malformed'],
    [attributes({ name: 5, value: 'x' }), 'malformed'],
    [attributes('a'), 'malformed'],
    [{ keyId: 'u', customizedProperties: {} }, 'malformed'],
    [{ keyId: 'u', customizedProperties: 'a=b' }, 'malformed'],
    [{ keyId: 'u', name: 5 }, 'malformed'],
    [{ keyId: 5 }, 'malformed'],
    [{ keyId: {} }, 'malformed'],
    ['u', 'malformed'],
    [[], 'malformed'],
    [null, 'malformed'],
    [5, 'malformed'],
    [{}, 'no key'],
    [{ name: 'U' }, 'no key'],
    [{ keyId: null }, 'no key'],
    [{ keyId: '' }, 'no key'],
    [{ keyId: ' \t\r\n' }, 'no key'],
    [{ keyId: '\u0085' }, 'no key'],
    [{ keyId: '\u2003' }, 'no key'],
    [{ key: 'u' }, 'no key'],
  ])('that is %j is %s, streaming and polling', async (user, outcome) => {
    const test = shared();
    // Not by the documented way alone: FeatBit takes member names in any case.
    const polled = await fetch(test.center.url + LATEST, {
      method: 'POST',
      headers: { authorization: test.environment.clientSecret, 'content-type': 'application/json' },
      body: JSON.stringify(user),
    });
    const text = await polled.text();
    expect(polled.status).toBe(STATUS[outcome]);
    expect(polled.headers.get('content-type')).toMatch(TYPE[outcome]);
    if (outcome === 'no key') expect(text).toBe('invalid end user');
    const client = await connected(test);
    client.send(sync(user, 0));
    const streamed = await client.drain();
    // The same message, to the letter, and the key as it was sent.
    expect(streamed).toEqual(outcome === 'answered' ? [JSON.parse(text)] : []);
    if (outcome !== 'answered') return;
    const [keyId] = Object.values(user as Record<string, string>);
    expect(streamed[0].data.userKeyId).toBe(keyId);
  });
});

describe('a flag on the wire', () => {
  it('has all eight members whatever it is, and of its variations ids and values in their order', async () => {
    const test = await startTestCenter({ environments });
    const client = await connected(test);
    client.send(sync(ADA, 0));
    const { data } = await client.next();
    const told = Object.fromEntries(
      data.featureFlags.map(({ id, timestamp, ...rest }: { id: string; timestamp: unknown }) => {
        expect(timestamp).toSatisfy(Number.isSafeInteger);
        return [id, rest];
      }),
    );
    const onOff = [
      { id: 'on', value: 'true' },
      { id: 'off', value: 'false' },
    ];
    const options = (...values: readonly string[]) => values.map((value, index) => ({ id: `v${index}`, value }));
    const boolean = { variationType: 'boolean', variationOptions: onOff };
    const byDefault = { matchReason: 'default', sendToExperiment: true };
    const first = { variationId: 'v0', ...byDefault };
    expect(told).toEqual({
      plain: { ...boolean, variation: 'true', variationId: 'on', ...byDefault },
      text: {
        ...{ variation: 'é "quoted" <b>&\u2028', variationType: 'string', ...first },
        variationOptions: options('é "quoted" <b>&\u2028', 'blue', 'green'),
      },
      number: { variation: '1.50', variationType: 'number', ...first, variationOptions: options('1.50', '0') },
      json: {
        ...{ variation: '{"a":[1,null]}', variationType: 'json', ...first },
        variationOptions: options('{"a":[1,null]}', 'null'),
      },
      off: {
        ...boolean,
        variation: 'false',
        variationId: 'off',
        matchReason: 'flag disabled',
        sendToExperiment: false,
      },
      gone: { ...boolean, variation: null, variationId: null, matchReason: 'flag archived', sendToExperiment: false },
    });
  });

  it('comes with the others in the order of their times, which are those of the last change', async () => {
    const test = await startTestCenter({ environments });
    await test.api('POST', '/flags/text/toggle');
    await test.api('POST', '/flags/plain/toggle');
    const { body } = await poll(test, JSON.stringify(ADA));
    const flags: readonly { id: string; timestamp: number }[] = body.data.featureFlags;
    const times = flags.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(flags.slice(-2).map(({ id }) => id)).toEqual(['text', 'plain']);
    for (const { id, timestamp } of flags.slice(-2)) {
      expect(timestamp).toBe(Date.parse((await test.api('GET', `/flags/${id}`)).body.updatedAt));
    }
  });
});

describe('a push to a browser', () => {
  const start = async () => {
    const segments = [{ id: 'staff', ...aSegment({ included: ['ada'] }) }];
    const flags = [
      { key: 'f', ...aFlag() },
      { key: 'g', ...aFlag({ rules: [aRule(inSegment, 'off')] }) },
      { key: 'g-archived', ...aFlag({ rules: [aRule(inSegment, 'off')], isArchived: true }) },
      { key: 'g-off', ...aFlag({ rules: [aRule(inSegment, 'on')], isEnabled: false }) },
      { key: 'gone', ...aFlag({ isArchived: true }) },
    ];
    const test = await startTestCenter({ environments: [{ key: 'dev', flags, segments }] });
    const client = await connected(test);
    client.send(sync(ADA, 0));
    await client.next();
    return { test, client };
  };

  it.each<[string, (test: TestCenter) => Promise<unknown>, readonly string[]]>([
    ['a flag is created', ({ api }) => put(api, '/flags/new', aFlag()), ['new']],
    ['a flag is switched', ({ api }) => api('POST', '/flags/f/toggle'), ['f']],
    ['a flag has another description', ({ api }) => put(api, '/flags/f', aFlag({ description: 'why' })), ['f']],
    ['a flag has other tags', ({ api }) => put(api, '/flags/f', aFlag({ tags: ['a'] })), ['f']],
    ['a flag has another name', ({ api }) => put(api, '/flags/f', aFlag({ name: 'F' })), ['f']],
    ['a flag is archived', ({ api }) => api('POST', '/flags/f/archive'), ['f']],
    ['a flag is restored', ({ api }) => api('POST', '/flags/gone/restore'), ['gone']],
    [
      'a segment holds others: all flags that use it',
      ({ api }) => put(api, '/segments/staff', aSegment({ included: ['bob'] })),
      ['g', 'g-archived', 'g-off'],
    ],
    [
      'a segment leaves somebody out',
      ({ api }) => put(api, '/segments/staff', aSegment({ included: ['ada'], excluded: ['bob'] })),
      ['g', 'g-archived', 'g-off'],
    ],
  ])('comes when %s, as one patch for its user', async (_, change, keys) => {
    const { test, client } = await start();
    await change(test);
    const pushed = await client.drain();
    expect(pushed).toHaveLength(1);
    const [{ messageType, data }] = pushed;
    expect([messageType, data.eventType, data.userKeyId]).toEqual(['data-sync', 'patch', 'ada']);
    expect(data.featureFlags.map(({ id }: { id: string }) => id).sort()).toEqual(keys);
  });

  it.each<[string, (test: TestCenter) => Promise<unknown>]>([
    ['a segment is created', ({ api }) => put(api, '/segments/new', aSegment())],
    [
      'a segment nobody uses is archived',
      async ({ api }) => {
        await put(api, '/segments/new', aSegment());
        expect((await api('POST', '/segments/new/archive')).status).toBe(200);
      },
    ],
    ['an archived flag is deleted', async ({ api }) => expect((await api('DELETE', '/flags/gone')).status).toBe(204)],
    [
      'another user asks',
      async (test) => {
        const other = await connected(test);
        other.send(sync({ keyId: 'bob' }, 0));
        await other.next();
      },
    ],
    [
      'an insight comes',
      ({ call, environment }) =>
        call('POST', TRACK, {
          headers: { authorization: environment.clientSecret },
          body: '[{"user":{"keyId":"ada"}}]',
        }),
    ],
  ])('does not come when %s', async (_, change) => {
    const { test, client } = await start();
    await change(test);
    expect(await client.drain()).toEqual([]);
  });

  it('is for the user that was named last, from when it was answered', async () => {
    const { test, client } = await start();
    client.send(sync({ keyId: 'bob' }, 0));
    // What cannot be used changes nothing.
    client.send(sync({ keyId: ' ' }, 0));
    expect((await client.next()).data.userKeyId).toBe('bob');
    await test.api('POST', '/flags/f/toggle');
    expect((await client.next()).data.userKeyId).toBe('bob');
  });
});

describe('a poll', () => {
  const shared = sharedCenter({ environments });
  const body = JSON.stringify(ADA);

  it.each<[string, number]>([
    ['0', 200],
    ['-1', 200],
    ['9007199254740993', 200],
    ['9223372036854775807', 200],
    ['-9223372036854775808', 200],
    ['9223372036854775808', 400],
    ['-9223372036854775809', 400],
    ['1.0', 400],
    ['', 400],
    ['null', 400],
  ])('with the time %j is answered %i', async (timestamp, status) => {
    expect((await poll(shared(), body, `?timestamp=${timestamp}`)).status).toBe(status);
  });

  it.each<[string, number]>([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset=UTF-8', 200],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/jsonp', 415],
  ])('of the content type %s is answered %i', async (type, status) => {
    expect((await poll(shared(), body, '', { 'content-type': type })).status).toBe(status);
  });

  it.each<[string, Record<string, string>, string]>([
    ['without a credential', { authorization: '' }, body],
    ['with a bearer token', { authorization: `Bearer ${newSecret('0'.repeat(32))}` }, body],
    ['with a text that is too short', { authorization: 'abc' }, body],
    ['with 44 characters that are no secret', { authorization: '!'.repeat(44) }, body],
    // Who is not known is not told what else is wrong.
    ['of another type', { authorization: 'abc', 'content-type': 'text/plain' }, body],
    ['with half a body', { authorization: 'abc' }, '{"keyId"'],
  ])('%s is answered 401, without a challenge that a browser would show', async (_, headers, sent) => {
    const answer = await poll(shared(), sent, '?timestamp=x', headers);
    expect([answer.status, answer.headers.has('www-authenticate')]).toEqual([401, false]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('has no entity tag, and is kept by nobody', async () => {
    const { headers } = await poll(shared(), body);
    expect([headers.get('etag'), headers.get('cache-control')]).toEqual([null, 'no-store']);
    const again = await poll(shared(), body, '', { 'if-none-match': '*' });
    expect(again.status).toBe(200);
  });

  it('that has everything is answered with nothing, which says no type', async () => {
    const answer = await poll(shared(), body, '?timestamp=9223372036854775807');
    const { headers, text, status } = answer;
    expect([status, text, headers.get('content-type'), headers.get('content-length')]).toEqual([200, '', null, '0']);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD'])('is no %s, which says so as its other errors', async (method) => {
    const { center, environment } = shared();
    const headers = { authorization: environment.clientSecret, origin: 'https://shop.example.org' };
    const response = await fetch(center.url + LATEST, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});

describe('insights of a browser', () => {
  const shared = sharedCenter({ environments });
  const track = ({ call, environment }: TestCenter, body: string, headers: Record<string, string> = {}) =>
    call('POST', TRACK, { body, headers: { authorization: environment.clientSecret, ...headers } });
  const user = { keyId: 'ada', name: 'Ada' };
  const evaluated = { featureFlagKey: 'plain', sendToExperiment: true, timestamp: 1_795_827_780_260 };
  const metric = {
    route: 'index/metric',
    type: 'CustomEvent',
    appType: 'Browser-Client-SDK',
    timestamp: 1,
    eventName: 'buy',
  };

  it.each<[string, unknown, [number, number]]>([
    ['none', [], [0, 0]],
    ['an evaluation', [{ user, variations: [{ ...evaluated, variation: { id: 'on', value: 'true' } }] }], [1, 0]],
    [
      'an evaluation with more in its variation',
      [{ user, variations: [{ ...evaluated, variation: { id: 'on', extra: 1 } }] }],
      [1, 0],
    ],
    ['an evaluation without a variation', [{ user, variations: [evaluated] }], [0, 1]],
    ['a metric', [{ user, metrics: [{ ...metric, numericValue: 2.5 }] }], [1, 0]],
    ['a metric whose number is a text', [{ user, metrics: [{ ...metric, numericValue: '2.5' }] }], [1, 0]],
    ['a metric whose time is a text', [{ user, metrics: [{ ...metric, timestamp: '1', numericValue: 2.5 }] }], [1, 0]],
    ['a metric of a text that is no number', [{ user, metrics: [{ ...metric, numericValue: 'many' }] }], [0, 1]],
    ['a metric of an Android app', [{ user, metrics: [{ eventName: 'buy', numericValue: 1, appType: 'x' }] }], [1, 0]],
    ['an identification of .NET', [{ user, variations: [] }], [0, 0]],
    ['a user without a key', [{ user: { name: 'x' }, variations: [] }, { user }], [1, 1]],
    ['an element that is null', [null, { user }], [1, 1]],
  ])('(%s) are answered 200 with nothing; headers say how many count', async (_, body, [accepted, rejected]) => {
    const { status, text, headers } = await track(shared(), JSON.stringify(body));
    expect([status, text, headers.get('content-type'), headers.get('content-length')]).toEqual([200, '', null, '0']);
    expect(trackedCounts(headers)).toEqual({ accepted, rejected });
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['that are no list', '{}', {}, 400],
    ['that are null', 'null', {}, 400],
    ['that are no JSON', '[{', {}, 400],
    ['of no body', '', {}, 400],
    ['with another credential', '[]', { authorization: 'x' }, 401],
    ['of any content type', '[]', { 'content-type': 'text/plain' }, 200],
    ['with a charset', '[]', { 'content-type': 'application/json; charset=utf-8' }, 200],
  ])('%s are answered as by FeatBit', async (_, body, headers, status) => {
    expect((await track(shared(), body, headers)).status).toBe(status);
  });
});

import { describe, expect, it } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { StorageError } from '../src/errors.js';
import { aStorage } from './support/a-storage.js';
import { aFlag, aRule } from './support/documents.js';
import { replacing } from './support/replacing.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

const LATEST = '/api/public/sdk/client/latest-all';
const TRACK = '/api/public/insight/track';
const PAGE = 'https://shop.example.org';
const ADA = { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NZ' }] };

const FLAGS = [
  { key: 'plain', ...aFlag() },
  { key: 'ruled', ...aFlag({ rules: [aRule({ property: 'country', op: 'Equal', value: 'NZ' }, 'off')] }) },
  { key: 'gone', ...aFlag({ isArchived: true }) },
  { key: 'hidden', ...aFlag({ clientVisible: false }) },
];
const environments = [{ key: 'dev', flags: FLAGS }];

const poll = ({ call, environment }: TestCenter, init: { body?: string; headers?: object } = {}, query = '') =>
  call('POST', LATEST + query, {
    body: init.body ?? JSON.stringify(ADA),
    headers: { authorization: environment.clientSecret, 'content-type': 'application/json', ...init.headers },
  });
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const values = (body: any) =>
  // biome-ignore lint/suspicious/noExplicitAny: as above
  Object.fromEntries(body.data.featureFlags.map(({ id, variation }: any) => [id, variation]));

describe('a poll of a browser', () => {
  const shared = sharedCenter({ environments });

  it('is answered with the message that a stream would send', async () => {
    const { status, body, headers } = await poll(shared());
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toMatchObject({ messageType: 'data-sync', data: { eventType: 'full', userKeyId: 'ada' } });
    expect(values(body)).toEqual({ plain: 'true', ruled: 'false', gone: null });
    expect(body.data.featureFlags[0]).toEqual({
      id: 'plain',
      variation: 'true',
      variationType: 'boolean',
      variationId: 'on',
      matchReason: 'default',
      variationOptions: [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
      ],
      sendToExperiment: true,
      timestamp: expect.any(Number),
    });
  });

  it.each<[string, (greatest: number) => string, unknown]>([
    ['without a time', () => '', 'full'],
    ['of everything', () => '?timestamp=0', 'full'],
    ['of what is newer than long ago', () => '?timestamp=1', 'patch'],
    ['of a negative time', () => '?timestamp=-1', 'patch'],
    ['that has everything', (greatest) => `?timestamp=${greatest}`, undefined],
    ['of the future', (greatest) => `?timestamp=${greatest + 1_000_000}`, undefined],
  ])('%s is answered as FeatBit does', async (_, queryOf, eventType) => {
    const test = shared();
    const { body } = await poll(test);
    const greatest = Math.max(...body.data.featureFlags.map(({ timestamp }: { timestamp: number }) => timestamp));
    const answer = await poll(test, {}, queryOf(greatest));
    expect([answer.status, answer.body?.data.eventType]).toEqual([200, eventType]);
    if (eventType === undefined) expect([answer.text, answer.headers.get('content-type')]).toEqual(['', null]);
  });

  it("of FeatBit's SDK for .NET has everything, because its time is that of its own clock", async () => {
    const headers = { 'user-agent': 'featbit-dotnet-client-sdk' };
    const { body } = await poll(shared(), { headers }, `?timestamp=${Date.now() + 3_600_000}`);
    expect([body.data.eventType, Object.keys(values(body))]).toEqual(['patch', ['plain', 'ruled', 'gone']]);
  });

  it('of an environment without flags is an empty full', async () => {
    const { body } = await poll(await startTestCenter());
    expect(body.data).toEqual({ eventType: 'full', userKeyId: 'ada', featureFlags: [] });
  });

  it.each<[string, { body?: string; headers?: object }, number, RegExp]>([
    ['without a body', { body: '' }, 400, /problem/],
    ['with null', { body: 'null' }, 400, /problem/],
    ['with half a JSON', { body: '{"keyId":' }, 400, /problem/],
    ['with a list', { body: '[]' }, 400, /problem/],
    ['with a key that is a number', { body: '{"keyId":5}' }, 400, /problem/],
    [
      'with an attribute that is a number',
      { body: '{"keyId":"u","customizedProperties":[{"name":"a","value":1}]}' },
      400,
      /problem/,
    ],
    ['without a key', { body: '{"name":"Ada"}' }, 400, /text\/plain/],
    ['with a blank key', { body: '{"keyId":" "}' }, 400, /text\/plain/],
    ['with a null key', { body: '{"keyId":null}' }, 400, /text\/plain/],
    ['of another content type', { headers: { 'content-type': 'text/plain' } }, 415, /problem/],
    ['that is too large', { body: JSON.stringify({ keyId: 'u', name: 'x'.repeat(100_000) }) }, 413, /problem/],
    ['with an unknown secret', { headers: { authorization: newSecret('0'.repeat(32)) } }, 401, /problem/],
    ['with nonsense for a secret', { headers: { authorization: 'nonsense' } }, 401, /problem/],
  ])('%s is refused', async (_, init, status, type) => {
    const { center, environment } = shared();
    const response = await fetch(center.url + LATEST, {
      method: 'POST',
      body: JSON.stringify(ADA),
      ...init,
      headers: {
        authorization: environment.clientSecret,
        'content-type': 'application/json',
        origin: PAGE,
        ...init.headers,
      },
    });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([status, '*']);
    expect(response.headers.get('content-type')).toMatch(type);
    if (/plain/.test(type.source)) expect(await response.text()).toBe('invalid end user');
    else expect(await response.json()).toMatchObject({ status, title: expect.any(String), code: expect.any(String) });
  });

  it.each(['abc', '1.5', '', '1e3', '99999999999999999999', 'NaN'])(
    'with the time %j is refused',
    async (timestamp) => {
      expect((await poll(shared(), {}, `?timestamp=${timestamp}`)).status).toBe(400);
    },
  );

  it('takes the client secret alone', async () => {
    const test = shared();
    expect((await poll(test, { headers: { authorization: test.environment.serverSecret } })).status).toBe(401);
  });

  it('is answered while the storage cannot read flags that it has read before', async () => {
    const storage = await aStorage();
    let isDown = false;
    const down = () => Promise.reject(new StorageError('on purpose'));
    const { changes } = storage;
    const everything = (id: string) => (isDown ? down() : changes.everything(id));
    const flaky = replacing(storage, { changes: { ...changes, everything } });
    const test = await startTestCenter({ environments }, { storage: flaky });
    expect((await poll(test)).status).toBe(200);
    isDown = true;
    expect((await poll(test)).status).toBe(200);
  });

  it('sees a change at once, and an archived flag', async () => {
    const test = await startTestCenter({ environments });
    await test.api('POST', '/flags/plain/archive');
    await put(test.api, '/flags/new', aFlag());
    expect(values((await poll(test)).body)).toEqual({ ruled: 'false', gone: null, plain: null, new: 'true' });
  });
});

describe('a page of another origin', () => {
  const shared = sharedCenter({ environments });

  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const { center } = shared();
    const response = await fetch(center.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    await response.arrayBuffer();
    return response;
  };

  it.each([
    LATEST,
    TRACK,
    '/api/public/featureflag/evaluate',
    '/ofrep/v1/evaluate/flags',
    '/ofrep/v1/evaluate/flags/a/b',
    '/api/public/nope',
  ])('may ask for %s, and need not ask again whether it may for two hours', async (path) => {
    const response = await ask('OPTIONS', path, {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,x-user-agent',
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,x-user-agent',
      'access-control-max-age': '7200',
    });
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('that asks for no header is told of none', async () => {
    const response = await ask('OPTIONS', LATEST, { origin: PAGE, 'access-control-request-method': 'POST' });
    expect([response.status, response.headers.has('access-control-allow-headers')]).toEqual([204, false]);
  });

  it.each<[string, string, string, Record<string, string>, string | undefined, number]>([
    ['an answer', 'POST', LATEST, { 'content-type': 'application/json' }, JSON.stringify(ADA), 200],
    [
      'an empty answer',
      'POST',
      `${LATEST}?timestamp=99999999999999`,
      { 'content-type': 'application/json' },
      JSON.stringify(ADA),
      200,
    ],
    ['events', 'POST', TRACK, {}, '[]', 200],
    ['a refused secret', 'POST', LATEST, { authorization: 'x', 'content-type': 'application/json' }, '{}', 401],
    ['a refused body', 'POST', LATEST, { 'content-type': 'application/json' }, '{', 400],
    ['a refused type', 'POST', LATEST, { 'content-type': 'text/html' }, '{}', 415],
    ['a body that is too large', 'POST', TRACK, {}, JSON.stringify(['x'.repeat(300_000)]), 413],
    ['nothing there', 'GET', '/api/public/nope', {}, undefined, 404],
    ['nothing there, asked for with a body', 'POST', '/api/public/nope', {}, JSON.stringify(ADA), 404],
    ['nothing there, asked for with a body that is too large', 'POST', `${LATEST}/x`, {}, 'x'.repeat(2_000_000), 404],
    ['another method', 'GET', LATEST, {}, undefined, 405],
    ['an address that cannot be read', 'POST', '/ofrep/v1/evaluate/flags/%ff%', {}, '{}', 400],
  ])('may read %s', async (_, method, path, headers, body, status) => {
    const { environment } = shared();
    const response = await ask(
      method,
      path,
      { origin: PAGE, authorization: environment.clientSecret, ...headers },
      body,
    );
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([status, '*']);
    expect(response.headers.get('access-control-expose-headers')).toBe('ETag, Retry-After, X-Request-Id');
  });

  it.each(['/api/v1/environments', '/health/liveness', '/'])('may not read %s', async (path) => {
    const response = await ask('GET', path, { origin: PAGE });
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
    const preflight = await ask('OPTIONS', path, { origin: PAGE, 'access-control-request-method': 'GET' });
    expect([preflight.status, preflight.headers.has('access-control-allow-origin')]).toEqual([405, false]);
  });

  it('is told nothing of origins when there is none', async () => {
    const response = await ask('POST', TRACK, { authorization: shared().environment.clientSecret }, '[]');
    expect([response.status, response.headers.has('access-control-allow-origin')]).toEqual([200, false]);
  });

  it('that asks for headers that are none is not sent them back', async () => {
    const response = await ask('OPTIONS', LATEST, {
      origin: PAGE,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'a b, <script>',
    });
    expect([response.status, response.headers.has('access-control-allow-headers')]).toEqual([204, false]);
  });
});

describe('events of a browser', () => {
  it("are counted as recorded from FeatBit's SDK, several in a request", async () => {
    const test = await startTestCenter({ environments });
    const timestamp = 1_795_827_780_260;
    const metric = {
      route: 'index/metric',
      timestamp,
      numericValue: 2.5,
      appType: 'Browser-Client-SDK',
      eventName: 'buy',
      type: 'CustomEvent',
    };
    const variations = [
      { featureFlagKey: 'plain', sendToExperiment: true, timestamp, variation: { id: 'on', value: 'true', more: 1 } },
    ];
    const body = [
      { user: ADA, variations },
      { user: ADA, metrics: [metric] },
      {
        user: { keyId: 'bob', name: 'Bob' },
        variations: [{ featureFlagKey: 'gone', timestamp, sendToExperiment: false }],
      },
      { user: ADA, variations: [] },
      { user: ADA, variations: [{ featureFlagKey: 'gone', timestamp, variation: { id: null, value: null } }] },
    ];
    const answer = await test.call('POST', TRACK, {
      headers: { authorization: test.environment.clientSecret, 'content-type': 'application/json', origin: PAGE },
      body: JSON.stringify(body),
    });
    // An evaluation without a variation is none, and one user without an evaluation is nothing to count.
    expect([answer.status, answer.text, trackedCounts(answer.headers)]).toEqual([
      200,
      '',
      { accepted: 2, rejected: 2 },
    ]);
    const { body: report } = await test.api('GET', '/insights');
    expect(report.flags).toMatchObject([{ key: 'plain', variations: [{ id: 'on', count: 1, experimentCount: 1 }] }]);
    expect(report.metrics).toMatchObject([{ eventName: 'buy', sum: 2.5 }]);
  });
});

import { describe, expect, it } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { StorageError } from '../src/errors.js';
import { wireId } from '../src/live/wire-id.js';
import { aStorage } from './support/a-storage.js';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { replacing } from './support/replacing.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

const LATEST = '/api/public/sdk/server/latest-all';
const TRACK = '/api/public/insight/track';
const EVALUATE = '/api/public/featureflag/evaluate';

const bearing = (authorization: string, body?: unknown): RequestInit => ({
  headers: { authorization, 'content-type': 'application/json; charset=utf-8' },
  ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});

describe('a secret in Authorization', () => {
  const shared = sharedCenter();
  const unknown = newSecret('0'.repeat(32));

  it.each<[string, string, (center: TestCenter) => string, number]>([
    ['GET', LATEST, ({ environment }) => environment.serverSecret, 200],
    ['GET', LATEST, ({ environment }) => environment.clientSecret, 401],
    ['GET', LATEST, ({ environment }) => `Bearer ${environment.serverSecret}`, 401],
    ['GET', LATEST, () => unknown, 401],
    ['GET', LATEST, () => '', 401],
    ['GET', LATEST, ({ center }) => center.adminToken, 401],
    ['POST', TRACK, ({ environment }) => environment.serverSecret, 200],
    ['POST', TRACK, ({ environment }) => environment.clientSecret, 200],
    ['POST', TRACK, () => unknown, 401],
    ['POST', TRACK, () => '', 401],
    ['POST', EVALUATE, ({ environment }) => environment.serverSecret, 400],
    ['POST', EVALUATE, () => unknown, 401],
  ])('%s %s', async (method, path, secret, status) => {
    const center = shared();
    const answer = await center.call(method, path, bearing(secret(center), path === TRACK ? [] : undefined));
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.body.code).toBe('unauthorized');
  });

  it('that is absent', async () => {
    expect((await shared().call('GET', LATEST)).status).toBe(401);
    expect((await shared().call('POST', TRACK)).status).toBe(401);
  });
});

describe('latest-all', () => {
  it('gives everything, what is newer, or an empty body', async () => {
    const { api, call, environment } = await startTestCenter();
    const latest = (query = '') => call('GET', LATEST + query, bearing(environment.serverSecret));
    expect((await latest()).body).toEqual({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: [], segments: [] },
    });
    await put(api, '/segments/s', aSegment());
    await put(api, '/flags/a', aFlag());
    await put(api, '/flags/b', aFlag());
    const a = (await api('GET', '/flags/a')).body;
    await api('POST', '/flags/b/archive');
    const b = (await api('GET', '/flags/b')).body;
    const s = (await api('GET', '/segments/s')).body;

    const full = await latest('?timestamp=0');
    expect(full.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(full.body).toEqual({
      messageType: 'data-sync',
      data: { eventType: 'full', featureFlags: [a, b], segments: [{ ...s, id: wireId('s') }] },
    });
    expect((await latest()).text).toBe(full.text);
    expect((await latest(`?timestamp=${Date.parse(a.updatedAt)}`)).body).toEqual({
      messageType: 'data-sync',
      data: { eventType: 'patch', featureFlags: [b], segments: [] },
    });
    const nothing = await latest(`?timestamp=${Date.parse(b.updatedAt)}`);
    expect([nothing.status, nothing.text, nothing.headers.get('content-length')]).toEqual([200, '', '0']);
    for (const timestamp of [1, Date.parse(b.updatedAt) + 1, Number.MAX_SAFE_INTEGER]) {
      expect((await latest(`?timestamp=${timestamp}`)).text, 'a timestamp of another center').toBe(full.text);
    }
  });

  it('gives everything for a timestamp of another center, also when that is nothing', async () => {
    const { call, environment } = await startTestCenter();
    const { body } = await call('GET', `${LATEST}?timestamp=${Date.now()}`, bearing(environment.serverSecret));
    expect(body).toEqual({ messageType: 'data-sync', data: { eventType: 'full', featureFlags: [], segments: [] } });
  });

  it.each(['abc', '-1', '1.5', '', '1e3', '99999999999999999999'])('refuses the timestamp %j', async (timestamp) => {
    const { call, environment } = await startTestCenter();
    const { status, body } = await call('GET', `${LATEST}?timestamp=${timestamp}`, bearing(environment.serverSecret));
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });
});

describe('insights', () => {
  const user = { keyId: 'u1', name: '', customizedProperties: [] };
  const evaluation = (featureFlagKey: unknown, id: unknown, sendToExperiment: unknown = false) => ({
    featureFlagKey,
    variation: { id, value: 'x' },
    timestamp: 1_700_000_000_000,
    sendToExperiment,
  });
  const metric = (eventName: unknown, numericValue: unknown) => ({
    appType: 'test',
    route: 'index/metric',
    type: 'CustomEvent',
    eventName,
    numericValue,
    timestamp: 1_700_000_000_000,
  });

  const flagOf = (key: string, ...ids: readonly string[]) => ({
    ...aFlag({
      variationType: 'string',
      variations: ids.map((id) => ({ id, value: 'x' })),
      disabledVariationId: ids[0],
      fallthrough: { variations: everybody(ids[0] ?? '') },
    }),
    key,
  });
  const environments = [
    {
      key: 'dev',
      flags: [
        flagOf('f', 'on', 'off'),
        flagOf('g', 'a'),
        flagOf('good', 'v'),
        flagOf('__proto__', 'constructor'),
        { ...flagOf('archived', 'v'), isArchived: true },
      ],
    },
  ];

  async function track(body: unknown) {
    const test = await startTestCenter({ environments });
    const reported: unknown[] = [];
    test.center.onInsights((event) => reported.push(event));
    const answer = await test.call('POST', TRACK, bearing(test.environment.serverSecret, body));
    const counts = trackedCounts(answer.headers);
    return { ...test, answer, counts, reported, report: (await test.api('GET', '/insights')).body };
  }

  it('are counted per flag and variation and per event', async () => {
    const { answer, counts, report, reported } = await track([
      { user, variations: [evaluation('f', 'on', true)] },
      { user, variations: [evaluation('f', 'on'), evaluation('f', 'off'), evaluation('g', 'a')] },
      { user, metrics: [metric('buy', 2.5)] },
      { user, metrics: [metric('buy', '-1'), metric('visit', 1)], variations: [] },
      { user },
    ]);
    expect([answer.status, answer.text, counts]).toEqual([200, '', { accepted: 8, rejected: 0 }]);
    const lastAt = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(report).toEqual({
      flags: [
        {
          key: 'f',
          count: 3,
          variations: [
            { id: 'off', count: 1, experimentCount: 0, lastAt },
            { id: 'on', count: 2, experimentCount: 1, lastAt },
          ],
        },
        { key: 'g', count: 1, variations: [{ id: 'a', count: 1, experimentCount: 0, lastAt }] },
      ],
      metrics: [
        { eventName: 'buy', count: 2, sum: 1.5, min: -1, max: 2.5, lastAt },
        { eventName: 'visit', count: 1, sum: 1, min: 1, max: 1, lastAt },
      ],
      identifications: 1,
      rejected: 0,
      overflow: { evaluations: 0, metrics: 0 },
    });
    expect(reported).toEqual([{ environment: 'dev', evaluations: 4, metrics: 3, identifications: 1, rejected: 0 }]);
  });

  const GOOD = evaluation('good', 'v');
  // As text, since no value of JavaScript is written so; read, they are both infinities.
  const TOO_LARGE = '{"eventName":"m","numericValue":1e999}';
  const TOO_SMALL = '{"eventName":"m","numericValue":-1e999}';

  it.each<[string, unknown, number]>([
    ['an item that is null', null, 1],
    ['an item that is a text', 'x', 1],
    ['an item without a user', { variations: [GOOD] }, 1],
    ['a user that is null', { user: null, variations: [GOOD] }, 1],
    ['a user without a key', { user: { name: 'x' }, metrics: [metric('m', 1)] }, 1],
    ['a blank user', { user: { keyId: ' ' } }, 1],
    ['a user key that is a number', { user: { keyId: 5 } }, 1],
    ['variations that are an object', { user, variations: {} }, 1],
    ['metrics that are a text', { user, metrics: 'x' }, 1],
    ['an evaluation that is null', { user, variations: [null, 5] }, 2],
    ['an evaluation without a flag', { user, variations: [evaluation(undefined, 'v')] }, 1],
    ['an evaluation of a blank flag', { user, variations: [evaluation(' ', 'v')] }, 1],
    ['an evaluation of a flag that is a number', { user, variations: [evaluation(1, 'v')] }, 1],
    ['an evaluation of an endless flag', { user, variations: [evaluation('x'.repeat(257), 'v')] }, 1],
    ['an evaluation without a variation', { user, variations: [{ featureFlagKey: 'f' }] }, 1],
    ['an evaluation of a null variation', { user, variations: [{ featureFlagKey: 'f', variation: null }] }, 1],
    ['an evaluation of a variation without id', { user, variations: [evaluation('f', '')] }, 1],
    ['a name with a zero in it', { user, variations: [evaluation('f\u0000', 'v')] }, 1],
    ['a metric without a name', { user, metrics: [metric(undefined, 1)] }, 1],
    ['a metric of a blank name', { user, metrics: [metric('', 1)] }, 1],
    ['a metric that is a text', { user, metrics: [metric('m', 'x')] }, 1],
    ['a metric that is null', { user, metrics: [metric('m', null)] }, 1],
    ['a metric without a value', { user, metrics: [metric('m', undefined)] }, 1],
    ['metrics larger than a number can be', `{"user":{"keyId":"u1"},"metrics":[${TOO_LARGE},${TOO_SMALL}]}`, 2],
  ])('that are damaged (%s) are rejected alone', async (_, item, rejected) => {
    const good = JSON.stringify({ user, variations: [GOOD] });
    const damaged = typeof item === 'string' && item.startsWith('{') ? item : JSON.stringify(item);
    const { answer, counts, report } = await track(`[${good},${damaged},${good}]`);
    expect([answer.status, counts]).toEqual([200, { accepted: 2, rejected }]);
    expect(report).toMatchObject({ flags: [{ key: 'good', count: 2 }], metrics: [], identifications: 0, rejected });
  });

  it('that add up to more than a number can be are all counted, and their sum is the largest number', async () => {
    const metrics = [metric('m', 1.7e308), metric('m', 1.7e308), metric('n', -1.7e308), metric('n', -1.7e308)];
    const { answer, counts, report } = await track([{ user, metrics }]);
    expect([answer.status, counts]).toEqual([200, { accepted: 4, rejected: 0 }]);
    expect(report.metrics).toMatchObject([
      { eventName: 'm', count: 2, sum: Number.MAX_VALUE, max: 1.7e308 },
      { eventName: 'n', count: 2, sum: -Number.MAX_VALUE, min: -1.7e308 },
    ]);
  });

  it('with names of every object are counted under those names', async () => {
    const { report } = await track([
      { user, variations: [evaluation('__proto__', 'constructor')], metrics: [metric('toString', 1)] },
    ]);
    expect(report).toMatchObject({
      flags: [{ key: '__proto__', variations: [{ id: 'constructor', count: 1 }] }],
      metrics: [{ eventName: 'toString' }],
    });
  });

  it.each(['{}', '"x"', 'null', '', '[{"user":', '5'])('that are no array (%j) are refused whole', async (body) => {
    const { answer, report } = await track(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(report.flags).toEqual([]);
  });

  it('of no events at all are taken', async () => {
    const { answer, counts } = await track([]);
    expect([answer.status, answer.text, counts]).toEqual([200, '', { accepted: 0, rejected: 0 }]);
  });

  it('larger than what is taken are refused with 413', async () => {
    const { answer } = await track([{ user: { ...user, name: 'x'.repeat(5 * 1024 * 1024) } }]);
    expect([answer.status, answer.body.code]).toEqual([413, 'body-too-large']);
  });

  it.each<[string, unknown, number]>([
    ['a flag that does not exist', evaluation('made-up', 'v'), 0],
    ['a variation that the flag does not have', evaluation('good', 'made-up'), 0],
    ['a flag called as what every object has', evaluation('toString', 'v'), 0],
    ['an archived flag', evaluation('archived', 'v'), 1],
  ])('of %s are counted only if there is such a flag', async (_, item, accepted) => {
    const { counts, report } = await track([{ user, variations: [item] }]);
    expect(counts).toEqual({ accepted, rejected: 1 - accepted });
    expect(report.flags).toHaveLength(accepted);
  });

  it('of a flag that was made a moment ago are counted', async () => {
    const { call, api, environment } = await startTestCenter();
    const send = () => call('POST', TRACK, bearing(environment.serverSecret, [{ user, variations: [GOOD] }]));
    expect(trackedCounts((await send()).headers)).toEqual({ accepted: 0, rejected: 1 });
    await put(api, '/flags/good', flagOf('good', 'v'));
    expect(trackedCounts((await send()).headers)).toEqual({ accepted: 1, rejected: 0 });
  });

  it('with tens of thousands of names take no room from flags, and no more events than a request may have are read', async () => {
    const madeUp = Array.from({ length: 15_000 }, (_, index) => ({
      featureFlagKey: `f${index}`,
      variation: { id: 'v' },
    }));
    const { counts, report } = await track([{ user, variations: [GOOD, ...madeUp, GOOD] }]);
    expect(counts).toEqual({ accepted: 1, rejected: 15_001 });
    expect(report).toMatchObject({ flags: [{ key: 'good', count: 1 }], overflow: { evaluations: 0, metrics: 0 } });
  });

  it.each<[string, number]>([
    ['fbclient-node/0.1.0', 413],
    ['curl/8.0', 413],
    ['fb-python-server-sdk', 413],
    ['featbit-dotnet-server-sdk', 400],
    ['NodeJS-Server-SDK/1.3.0', 400],
    ['Browser-Client-SDK/4.2.15', 400],
  ])('larger than what is taken do not end the events of %s: %i', async (name, status) => {
    const { call, environment } = await startTestCenter();
    const body = JSON.stringify([{ user: { ...user, name: 'x'.repeat(5 * 1024 * 1024) } }]);
    const headers = { authorization: environment.serverSecret, 'x-user-agent': name };
    const answer = await call('POST', TRACK, { headers, body });
    expect([answer.status, answer.body.code]).toEqual([status, 'body-too-large']);
  });

  it('of a client secret have to be smaller, announced or not', async () => {
    const { center, call, environment } = await startTestCenter({ environments });
    const large = [{ user: { ...user, name: 'x'.repeat(300 * 1024) } }];
    expect((await call('POST', TRACK, bearing(environment.serverSecret, large))).status).toBe(200);
    const refused = await call('POST', TRACK, bearing(environment.clientSecret, large));
    expect([refused.status, refused.body.code]).toEqual([413, 'body-too-large']);
    const unannounced = await fetch(center.url + TRACK, {
      method: 'POST',
      headers: { authorization: environment.clientSecret },
      body: new Blob([JSON.stringify(large)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(unannounced.status).toBe(413);
    const small = [{ user, variations: [GOOD] }];
    const { headers } = await call('POST', TRACK, bearing(environment.clientSecret, small));
    expect(trackedCounts(headers)).toEqual({ accepted: 1, rejected: 0 });
  });

  it('are forgotten when they are reset', async () => {
    const { api } = await track([{ user, variations: [GOOD], metrics: [metric('m', 1)] }]);
    expect((await api('DELETE', '/insights')).status).toBe(204);
    expect((await api('GET', '/insights')).body).toMatchObject({ flags: [], metrics: [], identifications: 0 });
  });

  it.each([
    ['a thousand lists', '['.repeat(1_000) + ']'.repeat(1_000)],
    ['lists without end', '['.repeat(100_000)],
    ['objects in a user', `[{"user":{"keyId":"u","x":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}}]`],
  ])('that are nested as deeply as %s are refused', async (_, body) => {
    const { answer } = await track(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
  });

  it('of many requests at once are all counted', async () => {
    const { call, api, environment } = await startTestCenter({ environments });
    const body = Array.from({ length: 50 }, () => ({ user, variations: [GOOD] }));
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => call('POST', TRACK, bearing(environment.serverSecret, body))),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await api('GET', '/insights')).body.flags).toMatchObject([{ key: 'good', count: 2_000 }]);
  });

  it('that cannot be written are answered 503, none is counted, and the next ones are', async () => {
    const storage = await aStorage();
    let isDown = true;
    const { insights } = storage;
    const flaky = replacing(storage, {
      insights: {
        ...insights,
        record: (tallies) => (isDown ? Promise.reject(new StorageError('on purpose')) : insights.record(tallies)),
      },
    });
    const { call, api, environment, center } = await startTestCenter({ environments }, { storage: flaky });
    const reported: unknown[] = [];
    center.onInsights((event) => reported.push(event));
    const send = () => call('POST', TRACK, bearing(environment.serverSecret, [{ user, variations: [GOOD] }]));
    expect(await send()).toMatchObject({ status: 503, body: { code: 'storage-unavailable' } });
    expect(reported).toEqual([]);
    isDown = false;
    expect((await send()).status).toBe(200);
    expect((await api('GET', '/insights')).body.flags).toMatchObject([{ count: 1 }]);
  });
});

describe('evaluation in the center', () => {
  const flags = [
    {
      ...aFlag({
        tags: ['web', 'beta'],
        rules: [{ ...aRule({ property: 'country', op: 'Equal', value: 'nz' }, 'off'), name: 'kiwis' }],
      }),
      key: 'rule',
    },
    {
      ...aFlag({
        tags: ['web'],
        rules: [aRule({ property: 'User is in segment', op: null, value: '["vip"]' }, 'off')],
      }),
      key: 'segment',
    },
    { ...aFlag({ isEnabled: false, variationType: 'string' }), key: 'disabled' },
    { ...aFlag({ isArchived: true, tags: ['web'] }), key: 'archived' },
    {
      ...aFlag({ targetUsers: [{ keyIds: ['u1'], variationId: 'off' }], exptIncludeAllTargets: false }),
      key: 'target',
    },
    {
      ...aFlag({
        variationType: 'json',
        variations: [{ id: 'j', value: '{"a":1}' }],
        disabledVariationId: 'j',
        fallthrough: { variations: everybody('j') },
      }),
      key: '__proto__',
    },
  ];
  const shared = sharedCenter({ environments: [{ key: 'dev', flags, segments: [{ id: 'vip', included: ['u1'] }] }] });
  const u1 = { keyId: 'u1', name: 'U', customizedProperties: [{ name: 'country', value: 'nz' }] };

  // biome-ignore lint/suspicious/noExplicitAny: an answer as it came
  const evaluate = async (request: unknown, center = shared()): Promise<any> => {
    const { status, body } = await center.call('POST', EVALUATE, bearing(center.environment.serverSecret, request));
    return {
      status,
      body: Array.isArray(body)
        ? Object.fromEntries(body.map(({ key, variation }) => [`key ${key}`, variation]))
        : body,
    };
  };
  const served = (
    id: string | null,
    value: string | null,
    matchReason: string,
    type = 'boolean',
    sendToExperiment = true,
  ) => ({
    id,
    type,
    value,
    matchReason,
    sendToExperiment,
  });

  it('gives every flag with its reason, archived ones as null', async () => {
    expect(await evaluate({ user: u1 })).toEqual({
      status: 200,
      body: {
        'key rule': served('off', 'false', 'kiwis'),
        'key segment': served('off', 'false', ''),
        'key disabled': served('off', 'false', 'flag disabled', 'string', false),
        'key archived': served(null, null, 'flag archived', 'boolean', false),
        'key target': served('off', 'false', 'targeted', 'boolean', false),
        'key __proto__': served('j', '{"a":1}', 'default', 'json'),
      },
    });
    const { body } = await evaluate({ user: { keyId: 'u2' } });
    expect(body['key rule']).toEqual(served('on', 'true', 'default'));
  });

  it.each<[unknown, string[]]>([
    [undefined, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [null, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [{ keys: ['target', 'rule', 'rule', 'nope', 'toString'] }, ['target', 'rule']],
    [{ keys: [] }, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [{ KEYS: ['target'] }, ['target']],
    [{ Tags: ['web', 'beta'], TagFilterMode: 'or' }, ['rule', 'segment', 'archived']],
    [{ tags: ['none'], tagFilterMode: '' }, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [{ tags: ['none'], tagFilterMode: null }, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [{ timestamp: 1 }, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
    [{ timestamp: 9e15 }, []],
    [{ tags: ['web'] }, ['rule', 'segment', 'archived']],
    [{ tags: ['web', 'beta'] }, ['rule']],
    [{ tags: ['web', 'beta'], tagFilterMode: 'and' }, ['rule']],
    [{ tags: ['beta', 'none'], tagFilterMode: 'or' }, ['rule']],
    [{ tags: ['web'], keys: ['segment', 'target'] }, ['segment']],
    [{ tags: [] }, ['rule', 'segment', 'disabled', 'archived', 'target', '__proto__']],
  ])('filters by %j', async (filter, keys) => {
    const { body } = await evaluate({ user: u1, filter });
    expect(Object.keys(body).sort()).toEqual(keys.map((key) => `key ${key}`).sort());
  });

  it('takes a user as FeatBit does: the first of two attributes, one called key, members in any case', async () => {
    const { api, call, environment } = await startTestCenter();
    await put(api, '/flags/first', aFlag({ rules: [aRule({ property: 'a', op: 'Equal', value: '1' }, 'off')] }));
    await put(api, '/flags/key', aFlag({ rules: [aRule({ property: 'key', op: 'Equal', value: 'k' }, 'off')] }));
    const customizedProperties = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
      { Name: 'key', VALUE: 'k' },
    ];
    const request = { User: { KEYID: 'u', CustomizedProperties: customizedProperties } };
    const { body } = await call('POST', EVALUATE, bearing(environment.serverSecret, request));
    expect(body.map(({ variation }: { variation: { value: string } }) => variation.value)).toEqual(['false', 'false']);
  });

  it('gives flags that are newer than a time', async () => {
    const { api, call, environment } = await startTestCenter();
    await put(api, '/flags/a', aFlag());
    await put(api, '/flags/b', aFlag());
    const timestamp = Date.parse((await api('GET', '/flags/a')).body.updatedAt);
    const request = { user: { keyId: 'u' }, filter: { timestamp } };
    const { body } = await call('POST', EVALUATE, bearing(environment.serverSecret, request));
    expect(body.map(({ key }: { key: string }) => key)).toEqual(['b']);
  });

  it('tells whoever bears a client secret neither the name of a rule nor of a flag that is not for browsers', async () => {
    const { api, call, environment } = await startTestCenter();
    const rules = [{ ...aRule({ property: 'country', op: 'Equal', value: 'nz' }, 'off'), name: 'secret plan' }];
    await put(api, '/flags/shown', aFlag({ rules }));
    await put(api, '/flags/hidden', aFlag({ clientVisible: false }));
    const ask = async (secret: string) =>
      (await call('POST', EVALUATE, bearing(secret, { user: u1 }))).body.map(
        ({ key, variation }: { key: string; variation: { matchReason: string } }) => [key, variation.matchReason],
      );
    expect(await ask(environment.clientSecret)).toEqual([['shown', 'rule match']]);
    expect(await ask(environment.serverSecret)).toEqual([
      ['shown', 'secret plan'],
      ['hidden', 'default'],
    ]);
  });

  it.each([
    undefined,
    [],
    { user: null },
    { user: {} },
    { user: { keyId: ' ' } },
    { user: { keyId: 1 } },
    { user: { key: 'u1' } },
    { user: u1, filter: { keys: 'rule' } },
    { user: u1, filter: { tags: [1] } },
    { user: u1, filter: { tagFilterMode: 'xor' } },
  ])('refuses %j', async (request) => {
    expect(await evaluate(request)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('takes attributes that are damaged for absent', async () => {
    const customizedProperties = [
      null,
      5,
      { name: 5, value: 'nz' },
      { name: 'country' },
      { name: 'country', value: { a: 1 } },
    ];
    const { body } = await evaluate({ user: { keyId: 'u9', customizedProperties } });
    expect(body['key rule'].matchReason).toBe('default');
  });

  it('sees a change at once', async () => {
    const center = await startTestCenter({
      environments: [{ key: 'dev', flags }].map((dev) => ({ ...dev, flags: [flags[4]] })),
    });
    const reason = async () => (await evaluate({ user: u1 }, center)).body['key target'].matchReason;
    expect(await reason()).toBe('targeted');
    await center.api('POST', '/flags/target/toggle');
    expect(await reason()).toBe('flag disabled');
    await center.api('POST', '/flags/target/archive');
    expect(await reason()).toBe('flag archived');
  });
});

describe('health', () => {
  it('is good while the storage answers', async () => {
    const { call, center } = await startTestCenter();
    expect((await call('GET', '/health/liveness')).status).toBe(200);
    expect((await call('GET', '/health/readiness')).status).toBe(200);
    expect(center.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is not ready, yet alive, when the storage does not', async () => {
    const storage = await aStorage();
    const { call } = await startTestCenter({}, { storage });
    await storage.close();
    expect((await call('GET', '/health/liveness')).status).toBe(200);
    expect(await call('GET', '/health/readiness')).toMatchObject({
      status: 503,
      body: { code: 'storage-unavailable' },
    });
  });
});

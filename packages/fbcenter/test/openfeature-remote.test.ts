import { describe, expect, it } from 'vitest';
import { aStorage } from './support/a-storage.js';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { FakeClock } from './support/fake-clock.js';
import { temporaryFolder } from './support/temporary-folder.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';

// OpenFeature's remote evaluation protocol 0.3.0, over the wire.

const FLAGS = '/ofrep/v1/evaluate/flags';
const CONTEXT = { targetingKey: 'ada', country: 'NZ', age: 36, vip: true };

const rule = (condition: Record<string, unknown>) => ({ rules: [{ ...aRule(condition, 'off'), name: 'secret plan' }] });
const typed = (variationType: string, on: string, off: string) => ({
  variationType,
  variations: [
    { id: 'on', value: on },
    { id: 'off', value: off },
  ],
});

/** Keys, each as some client writes it. */
const ODD_KEYS: readonly (readonly [key: string, ...paths: readonly string[]])[] = [
  ['ключ é', '%D0%BA%D0%BB%D1%8E%D1%87%20%C3%A9'],
  ['100%', '100%25'],
  ['x%2Fy', 'x%252Fy'],
  ['a+b', 'a+b', 'a%2Bb'],
  ['a#b', 'a%23b'],
  ['a//b', 'a//b', 'a%2F%2Fb'],
  ['trail/', 'trail/', 'trail%2F'],
];

const environments = [
  {
    key: 'dev',
    segments: [{ id: 'staff', ...aSegment({ included: ['ada'] }) }],
    flags: [
      { key: 'plain', ...aFlag() },
      { key: 'off', ...aFlag({ isEnabled: false }) },
      { key: 'target', ...aFlag({ targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }) },
      { key: 'rule', ...aFlag(rule({ property: 'country', op: 'Equal', value: 'NZ' })) },
      { key: 'number-rule', ...aFlag(rule({ property: 'age', op: 'BiggerThan', value: '18' })) },
      { key: 'boolean-rule', ...aFlag(rule({ property: 'vip', op: 'IsTrue', value: '' })) },
      { key: 'segment', ...aFlag(rule({ property: 'User is in segment', op: null, value: '["staff"]' })) },
      { key: 'text', ...aFlag(typed('string', 'réd', 'blue')) },
      { key: 'number', ...aFlag(typed('number', '1.50', '0')) },
      { key: 'json', ...aFlag(typed('json', '{"a":[1,null]}', 'null')) },
      { key: 'a/b c?', ...aFlag() },
      { key: '__proto__', ...aFlag() },
      { key: 'gone', ...aFlag({ isArchived: true }) },
      { key: 'hidden', ...aFlag({ clientVisible: false }) },
    ],
  },
];

type Init = { body?: string; headers?: Record<string, string> };

const post = ({ call, environment }: TestCenter, path: string, context: unknown = CONTEXT, init: Init = {}) =>
  call('POST', path, {
    body: init.body ?? JSON.stringify({ context }),
    headers: {
      authorization: `Bearer ${environment.clientSecret}`,
      'content-type': 'application/json',
      ...init.headers,
    },
  });

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const keysOf = (body: any): string[] => body.flags.map(({ key }: any) => key);

describe('one flag', () => {
  const shared = sharedCenter({ environments });

  it.each<[string, object]>([
    ['plain', { key: 'plain', value: true, reason: 'UNKNOWN', variant: 'on' }],
    ['off', { key: 'off', value: false, reason: 'DISABLED', variant: 'off' }],
    ['target', { key: 'target', value: false, reason: 'TARGETING_MATCH', variant: 'off' }],
    ['rule', { key: 'rule', value: false, reason: 'TARGETING_MATCH', variant: 'off' }],
    ['number-rule', { key: 'number-rule', value: false, reason: 'TARGETING_MATCH', variant: 'off' }],
    ['boolean-rule', { key: 'boolean-rule', value: false, reason: 'TARGETING_MATCH', variant: 'off' }],
    ['segment', { key: 'segment', value: false, reason: 'TARGETING_MATCH', variant: 'off' }],
    ['text', { key: 'text', value: 'réd', reason: 'UNKNOWN', variant: 'on' }],
    ['number', { key: 'number', value: 1.5, reason: 'UNKNOWN', variant: 'on' }],
    ['json', { key: 'json', value: { a: [1, null] }, reason: 'UNKNOWN', variant: 'on' }],
    ['__proto__', { key: '__proto__', value: true, reason: 'UNKNOWN', variant: 'on' }],
  ])('%s is answered with its value, and no name of a rule', async (key, expected) => {
    const { status, body, headers, text } = await post(shared(), `${FLAGS}/${key}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toEqual(expected);
    expect(text).not.toContain('secret plan');
  });

  it.each(['a/b%20c%3F', 'a%2Fb%20c%3F', 'a%2Fb c%3F'])('with slashes is found by %s', async (path) => {
    expect((await post(shared(), `${FLAGS}/${path}`)).body).toMatchObject({ key: 'a/b c?', value: true });
  });

  const odd = sharedCenter({ environments: [{ key: 'dev', flags: ODD_KEYS.map(([key]) => ({ key, ...aFlag() })) }] });

  it.each(ODD_KEYS.flatMap(([key, ...paths]) => paths.map((path) => [key, path] as const)))(
    '%s is found by %s',
    async (key, path) => {
      expect((await post(odd(), `${FLAGS}/${path}`)).body).toMatchObject({ key, value: true });
    },
  );

  it.each(['%ff', '%E0%A4%A', '100%'])(
    'with an address that cannot be read, %s, is refused in their words',
    async (path) => {
      const { status, body } = await post(shared(), `${FLAGS}/${path}?x=1`);
      expect([status, body]).toEqual([400, { key: path, errorCode: 'PARSE_ERROR', errorDetails: expect.any(String) }]);
    },
  );

  it.each(['gone', 'nope', 'toString', 'a/b', '', 'plain/', 'PLAIN'])(
    'that is not there (%j) is answered 404',
    async (key) => {
      const { status, body } = await post(shared(), `${FLAGS}/${key}`);
      expect([status, body]).toEqual([404, { key, errorCode: 'FLAG_NOT_FOUND', errorDetails: expect.any(String) }]);
    },
  );

  it('that is not for browsers is there for a server secret alone', async () => {
    const test = shared();
    const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });
    const asServer = await post(test, `${FLAGS}/hidden`, CONTEXT, bearer(test.environment.serverSecret));
    expect([asServer.status, asServer.body.value]).toEqual([200, true]);
    const asClient = await post(test, `${FLAGS}/hidden`, CONTEXT, bearer(test.environment.clientSecret));
    expect([asClient.status, asClient.body.errorCode]).toEqual([404, 'FLAG_NOT_FOUND']);
  });
});

describe('a context', () => {
  const shared = sharedCenter({ environments });

  const CASES: readonly [string, string, string][] = [
    ['without a targeting key', '{"context":{"country":"NZ"}}', 'TARGETING_KEY_MISSING'],
    ['that is empty', '{"context":{}}', 'TARGETING_KEY_MISSING'],
    ['with a null targeting key', '{"context":{"targetingKey":null}}', 'TARGETING_KEY_MISSING'],
    ['with an empty targeting key', '{"context":{"targetingKey":""}}', 'TARGETING_KEY_MISSING'],
    ['with a blank targeting key', '{"context":{"targetingKey":" "}}', 'INVALID_CONTEXT'],
    ['with a number for a targeting key', '{"context":{"targetingKey":5}}', 'INVALID_CONTEXT'],
    ['that is not there', '{}', 'INVALID_CONTEXT'],
    ['that is null', '{"context":null}', 'INVALID_CONTEXT'],
    ['that is a list', '{"context":[]}', 'INVALID_CONTEXT'],
    ['that is a text', '{"context":"ada"}', 'INVALID_CONTEXT'],
    ['in a body that is a list', '[]', 'PARSE_ERROR'],
    ['in a body that is null', 'null', 'PARSE_ERROR'],
    ['in no body', '', 'PARSE_ERROR'],
    ['in half a JSON', '{"context":', 'PARSE_ERROR'],
  ];

  it.each(CASES)('%s is refused for one flag, with its key', async (_, body, errorCode) => {
    const answer = await post(shared(), `${FLAGS}/a%2Fb`, undefined, { body });
    expect([answer.status, answer.body]).toEqual([400, { key: 'a/b', errorCode, errorDetails: expect.any(String) }]);
  });

  it.each(CASES)('%s is refused for all flags', async (_, body, errorCode) => {
    const answer = await post(shared(), FLAGS, undefined, { body });
    expect([answer.status, answer.body]).toEqual([400, { errorCode, errorDetails: expect.any(String) }]);
  });

  it.each<[string, unknown, boolean]>([
    ['a text', 'NZ', false],
    ['another text', 'DE', true],
    ['a list', ['NZ'], true],
    ['an object', { NZ: 'NZ' }, true],
    ['null', null, true],
  ])('whose attribute is %s is taken as by the SDK', async (_, country, value) => {
    const { body } = await post(shared(), `${FLAGS}/rule`, { targetingKey: 'x', country });
    expect(body.value).toBe(value);
  });

  it('has an attribute called key beside the key of the user', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag(rule({ property: 'key', op: 'Equal', value: 'k' })));
    await put(test.api, '/flags/g', aFlag(rule({ property: 'keyId', op: 'Equal', value: 'ada' })));
    for (const key of ['f', 'g']) {
      expect((await post(test, `${FLAGS}/${key}`, { targetingKey: 'ada', key: 'k' })).body.value).toBe(false);
    }
  });
});

describe('a caller', () => {
  const shared = sharedCenter({ environments });

  it.each<[string, (test: TestCenter) => Record<string, string>, number]>([
    [
      'with a client secret as bearer token',
      ({ environment }) => ({ authorization: `Bearer ${environment.clientSecret}` }),
      200,
    ],
    [
      'with a server secret as bearer token',
      ({ environment }) => ({ authorization: `bearer ${environment.serverSecret}` }),
      200,
    ],
    ['with a client secret as API key', ({ environment }) => ({ 'x-api-key': environment.clientSecret }), 200],
    ['with a server secret as API key', ({ environment }) => ({ 'x-api-key': environment.serverSecret }), 200],
    ['with a bare secret', ({ environment }) => ({ authorization: environment.clientSecret }), 200],
    ['with the access token', ({ center }) => ({ authorization: `Bearer ${center.adminToken}` }), 401],
    [
      'with an API key, and what a proxy on the way asks for',
      ({ environment }) => ({ authorization: 'Basic eDp5', 'x-api-key': environment.clientSecret }),
      200,
    ],
    [
      'with an API key, and a bearer token that is empty',
      ({ environment }) => ({ authorization: 'Bearer ', 'x-api-key': environment.clientSecret }),
      200,
    ],
    [
      'with a bare secret and no API key',
      ({ environment }) => ({ authorization: environment.clientSecret, 'x-api-key': '' }),
      200,
    ],
    ['with what only a proxy asks for', () => ({ authorization: 'Basic eDp5' }), 401],
    ['with nonsense', () => ({ authorization: 'Bearer nonsense' }), 401],
    ['with nonsense as API key', () => ({ 'x-api-key': 'nonsense' }), 401],
    ['without a credential', () => ({}), 401],
  ])('%s is answered on both calls', async (_, headersOf, status) => {
    const test = shared();
    for (const path of [FLAGS, `${FLAGS}/plain`]) {
      const answer = await test.call('POST', path, {
        body: JSON.stringify({ context: CONTEXT }),
        headers: { 'content-type': 'application/json', ...headersOf(test) },
      });
      expect(answer.status, path).toBe(status);
      if (status === 401)
        expect(answer.body).toMatchObject({ errorCode: 'GENERAL', errorDetails: expect.stringContaining('X-API-Key') });
    }
  });
});

describe('the calls of OpenFeature', () => {
  const shared = sharedCenter({ environments });
  const ORIGIN = { origin: 'https://shop.example.org' };
  const ask = ({ center, environment }: TestCenter, method: string, path: string, headers: Record<string, string>) =>
    fetch(center.url + path, { method, headers: { 'x-api-key': environment.clientSecret, ...ORIGIN, ...headers } });

  it.each(
    ['GET', 'PUT', 'DELETE', 'PATCH'].flatMap((method) =>
      [
        [FLAGS, {}],
        [`${FLAGS}/plain`, { key: 'plain' }],
        [`${FLAGS}/a%2Fb`, { key: 'a/b' }],
      ].map(([path, key]) => [method, path as string, key as object] as const),
    ),
  )('are no %s of %s, which says so in their words', async (method, path, key) => {
    const response = await ask(shared(), method, path, {});
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({ ...key, errorCode: 'GENERAL', errorDetails: expect.any(String) });
  });

  it('say in a schema that is published why, whatever the flag is', async () => {
    const { body } = await post(shared(), FLAGS);
    for (const flag of body.flags) {
      expect(['STATIC', 'TARGETING_MATCH', 'SPLIT', 'DISABLED', 'UNKNOWN'], flag.key).toContain(flag.reason);
      expect(Object.keys(flag)).toEqual(['key', 'value', 'reason', 'variant']);
    }
  });

  it('are the same for all flags and for each of them', async () => {
    const test = shared();
    const { body } = await post(test, FLAGS);
    for (const flag of body.flags) {
      expect((await post(test, `${FLAGS}/${encodeURIComponent(flag.key)}`)).body).toEqual(flag);
    }
  });

  it('have a tag that says 304 without a body or a type, and who answers it', async () => {
    const test = shared();
    const first = await post(test, FLAGS, CONTEXT, { headers: ORIGIN });
    const etag = first.headers.get('etag') ?? '';
    const again = await post(test, FLAGS, CONTEXT, { headers: { ...ORIGIN, 'if-none-match': etag } });
    expect([again.status, again.text, again.headers.get('content-type')]).toEqual([304, '', null]);
    for (const { headers } of [first, again]) {
      expect(headers.get('etag')).toBe(etag);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toMatch(/^ETag, Retry-After\b/);
    }
  });

  it('have one tag for one answer: not the context, the secret or the order of attributes decides', async () => {
    const test = shared();
    const tagOf = async (context: object, headers: Record<string, string> = {}) =>
      (await post(test, FLAGS, context, { headers })).headers.get('etag');
    const tag = await tagOf({ targetingKey: 'carol', country: 'DE', age: 3 });
    expect(await tagOf({ age: 3, country: 'DE', targetingKey: 'carol' })).toBe(tag);
    expect(await tagOf({ targetingKey: 'dave' })).toBe(tag);
    // There is a flag more, and another address to listen at.
    expect(
      await tagOf({ targetingKey: 'carol' }, { authorization: `Bearer ${test.environment.serverSecret}` }),
    ).not.toBe(tag);
  });

  it.each(['?flagConfigEtag=5&flagConfigLastModified=1771622898', '?flagConfigEtag=', '?anything'])(
    'take %s, with which a provider says what it heard of a change',
    async (query) => {
      const test = shared();
      const plain = await post(test, FLAGS);
      const asked = await post(test, FLAGS + query);
      expect([asked.status, asked.text]).toEqual([200, plain.text]);
      expect((await post(test, `${FLAGS}/plain${query}`)).body).toMatchObject({ key: 'plain', value: true });
    },
  );

  it.each<[string, unknown, number]>([
    ['members that are unknown', { context: { targetingKey: 'ada', a: 1 }, more: [1] }, 200],
    ['attributes of every type', { context: { targetingKey: 'ada', a: [1], b: { c: 1 }, d: null, e: 1.5 } }, 200],
    ['a name that is a number', { context: { targetingKey: 'ada', name: 5 } }, 200],
    ['a context in another case', { Context: { targetingKey: 'ada' } }, 400],
    ['a key in another case', { context: { TargetingKey: 'ada' } }, 400],
  ])('with %s are answered', async (_, body, status) => {
    const test = shared();
    for (const path of [FLAGS, `${FLAGS}/plain`]) {
      expect((await post(test, path, undefined, { body: JSON.stringify(body) })).status, path).toBe(status);
    }
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8'])(
    'take JSON of the content type %s',
    async (type) => {
      expect((await post(shared(), FLAGS, CONTEXT, { headers: { 'content-type': type } })).status).toBe(200);
    },
  );

  it('look at Authorization first where both credentials are sent', async () => {
    const test = shared();
    const { clientSecret } = test.environment;
    const both = (authorization: string, key: string) =>
      post(test, FLAGS, CONTEXT, { headers: { authorization, 'x-api-key': key } });
    expect((await both(`Bearer ${clientSecret}`, 'nonsense')).status).toBe(200);
    expect((await both('Bearer nonsense', clientSecret)).status).toBe(401);
    expect((await both('', clientSecret)).status).toBe(200);
  });

  it('are told 413 of a context that is too large, in their words', async () => {
    const context = { targetingKey: 'ada', text: 'x'.repeat(70_000) };
    for (const [path, key] of [
      [FLAGS, {}],
      [`${FLAGS}/plain`, { key: 'plain' }],
    ] as const) {
      const { status, body } = await post(shared(), path, context, { headers: ORIGIN });
      expect([status, body]).toEqual([413, { ...key, errorCode: 'GENERAL', errorDetails: expect.any(String) }]);
    }
  });
});

describe('all flags', () => {
  it('are answered by key, without archived ones and those that are not for browsers', async () => {
    const test = await startTestCenter({ environments });
    const { status, body } = await post(test, FLAGS);
    expect(status).toBe(200);
    expect(keysOf(body)).toEqual([
      '__proto__',
      'a/b c?',
      'boolean-rule',
      'json',
      'number',
      'number-rule',
      'off',
      'plain',
      'rule',
      'segment',
      'target',
      'text',
    ]);
    expect(body.flags[7]).toEqual({ key: 'plain', value: true, reason: 'UNKNOWN', variant: 'on' });
    const headers = { authorization: `Bearer ${test.environment.serverSecret}` };
    expect(keysOf((await post(test, FLAGS, CONTEXT, { headers })).body)).toContain('hidden');
  });

  it('are answered with an ETag that moves if and only if the answer can differ', async () => {
    const test = await startTestCenter({ environments });
    const tagOf = async (context: object = CONTEXT) => {
      const { headers } = await post(test, FLAGS, context);
      return headers.get('etag') ?? '';
    };
    const first = await tagOf();
    expect(first).toMatch(/^"[\w.-]+"$/);
    const unchanged: [string, () => Promise<unknown>][] = [
      ['nothing', async () => {}],
      ['a description', () => put(test.api, '/flags/plain', aFlag({ description: 'another' }))],
      ['a name', () => put(test.api, '/flags/plain', aFlag({ name: 'another' }))],
      ['tags', () => put(test.api, '/flags/plain', aFlag({ tags: ['x'] }))],
      [
        'a flag that is not for browsers',
        () => put(test.api, '/flags/hidden', aFlag({ clientVisible: false, isEnabled: false })),
      ],
      ['an archived flag', () => test.api('DELETE', '/flags/gone')],
      ['a segment for others', () => put(test.api, '/segments/other', aSegment())],
    ];
    for (const [what, change] of unchanged) {
      await change();
      expect(await tagOf(), what).toBe(first);
    }
    const changed: [string, () => Promise<unknown>][] = [
      ['a switch', () => test.api('POST', '/flags/plain/toggle')],
      ['a segment', () => put(test.api, '/segments/staff', aSegment({ included: ['bob'] }))],
      ['a new flag', () => put(test.api, '/flags/new', aFlag())],
      ['a flag that goes', () => test.api('POST', '/flags/new/archive')],
      ['a value', () => put(test.api, '/flags/text', aFlag(typed('string', 'green', 'blue')))],
    ];
    const seen = new Set([first]);
    for (const [what, change] of changed) {
      await change();
      const tag = await tagOf();
      if (what === 'a flag that goes') continue;
      expect(seen.has(tag), what).toBe(false);
      seen.add(tag);
    }
    // What nobody else gets, another context may get too.
    expect(await tagOf({ targetingKey: 'bob' })).not.toBe(await tagOf({ targetingKey: 'carol' }));
  });

  it.each<[string, (etag: string) => string, number]>([
    ['the tag', (etag) => etag, 304],
    ['the tag in a list', (etag) => `"other", ${etag}`, 304],
    ['the weak tag', (etag) => `W/${etag}`, 304],
    ['the weak tag in a list with gaps', (etag) => `"other" , ,W/${etag}, `, 304],
    ['any', () => '*', 304],
    ['a tag that is a star', () => '"*"', 200],
    ['nothing', () => '', 200],
    ['half of the tag', (etag) => etag.slice(0, -5), 200],
    ['a list that is none', (etag) => `"x""y",${etag}`, 200],
    ['another tag', () => '"other"', 200],
    ['nonsense', () => 'nonsense', 200],
  ])('are not answered again to whoever has %s', async (_, tagOf, status) => {
    const test = await startTestCenter({ environments });
    const { headers } = await post(test, FLAGS);
    const etag = headers.get('etag') ?? '';
    const again = await post(test, FLAGS, CONTEXT, { headers: { 'if-none-match': tagOf(etag) } });
    expect([again.status, again.text === '', again.headers.get('etag')]).toEqual([status, status === 304, etag]);
  });

  it('are answered although one cannot be evaluated, which says so', async () => {
    const storage = await aStorage();
    const test = await startTestCenter(
      { environments: [{ key: 'dev', flags: [{ key: 'good', ...aFlag() }] }] },
      { storage },
    );
    const { body: good } = await test.api('GET', '/flags/good');
    const text = (version: number) =>
      JSON.stringify({
        ...good,
        key: 'broken',
        fallthrough: { ...good.fallthrough, variations: everybody('none') },
        updatedAt: new Date(version).toISOString(),
      });
    await storage.documents.write(test.environment.id, { kind: 'flag', key: 'broken', isArchived: false, text });
    const { body } = await post(test, FLAGS);
    expect(body.flags).toEqual([
      { key: 'broken', errorCode: 'GENERAL', errorDetails: expect.any(String) },
      { key: 'good', value: true, reason: 'UNKNOWN', variant: 'on' },
    ]);
    const one = await post(test, `${FLAGS}/broken`);
    expect([one.status, one.body.errorCode, one.body.key]).toEqual([400, 'GENERAL', 'broken']);
  });

  it('of an environment without flags are none', async () => {
    const { body } = await post(await startTestCenter(), FLAGS);
    expect(body.flags).toEqual([]);
  });
});

describe('an event stream', () => {
  /** What comes over a stream, without its signs of life. */
  async function listen(test: TestCenter, requestUri: string, headers: Record<string, string> = {}) {
    const leave = new AbortController();
    const response = await fetch(test.center.url + requestUri, {
      headers: { origin: 'https://shop.example.org', ...headers },
      signal: leave.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const next = async (): Promise<Record<string, string>> => {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end !== -1) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (event !== ':')
            return Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
          continue;
        }
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done === true) throw new Error('the stream is over');
        text += value;
      }
    };
    return { response, next, leave: () => leave.abort() };
  }

  const addressOf = async (test: TestCenter) => {
    const { body } = await post(test, FLAGS);
    expect(body.eventStreams).toEqual([
      {
        type: 'sse',
        endpoint: { requestUri: expect.stringMatching(/^\/ofrep\/v1\/event-stream\?/) },
        inactivityDelaySec: 120,
      },
    ]);
    return body.eventStreams[0].endpoint.requestUri as string;
  };

  /** The state of the flags, as an answer has it. */
  const stateOf = async (test: TestCenter) =>
    new URLSearchParams((await addressOf(test)).split('?')[1]).get('state') ?? '';

  it('is offered under a signed address that holds no secret, and says when to ask again', async () => {
    const test = await startTestCenter({ environments });
    const address = await addressOf(test);
    expect(address).not.toContain(test.environment.clientSecret);
    const { response, next, leave } = await listen(test, address);
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('access-control-allow-origin'),
    ]).toEqual([200, 'text/event-stream; charset=utf-8', '*']);
    await test.api('POST', '/flags/plain/toggle');
    const { event, id, data } = await next();
    expect([event, id]).toEqual(['message', await stateOf(test)]);
    const version = Date.parse((await test.api('GET', '/flags/plain')).body.updatedAt);
    expect(JSON.parse(data ?? '')).toEqual({
      type: 'refetchEvaluation',
      etag: id,
      lastModified: Math.floor(version / 1_000),
    });
    leave();
  });

  it('tells pages nothing of flags that they may not have', async () => {
    const test = await startTestCenter({ environments });
    const { next, leave } = await listen(test, await addressOf(test));
    await put(test.api, '/flags/hidden', aFlag({ clientVisible: false, isEnabled: false }));
    await test.api('POST', '/flags/plain/toggle');
    expect((await next()).id).toBe(await stateOf(test));
    leave();
  });

  it.each<[string, (test: TestCenter) => Promise<unknown>]>([
    ['a flag was switched', ({ api }) => api('POST', '/flags/plain/toggle')],
    ['a flag was made', ({ api }) => put(api, '/flags/new', aFlag())],
    [
      'a flag was archived and deleted',
      async ({ api }) => {
        await api('POST', '/flags/plain/archive');
        expect((await api('DELETE', '/flags/plain')).status).toBe(204);
      },
    ],
    [
      'a flag was hidden',
      ({ api }) => put(api, '/flags/text', aFlag({ ...typed('string', 'réd', 'blue'), clientVisible: false })),
    ],
    ['a segment has others', ({ api }) => put(api, '/segments/staff', aSegment())],
  ])('begins with an event when between the answer and its opening %s', async (_, change) => {
    const test = await startTestCenter({ environments });
    const address = await addressOf(test);
    await change(test);
    const { next, leave } = await listen(test, address);
    const { id, data } = await next();
    expect([id, JSON.parse(data ?? '').type]).toEqual([await stateOf(test), 'refetchEvaluation']);
    leave();
    // Who asks again has an address that is up to date.
    const again = await listen(test, await addressOf(test));
    await test.api('POST', '/flags/number/toggle');
    expect((await again.next()).id).toBe(await stateOf(test));
    again.leave();
  });

  it.each<[string, (test: TestCenter) => Promise<unknown>]>([
    ['nothing', async () => {}],
    [
      'a flag that pages may not have',
      ({ api }) => put(api, '/flags/hidden', aFlag({ clientVisible: false, isEnabled: false })),
    ],
    ['a segment that no flag asks for', ({ api }) => put(api, '/segments/other', aSegment())],
    ['an archived flag', async ({ api }) => expect((await api('DELETE', '/flags/gone')).status).toBe(204)],
  ])('begins without one when %s has changed', async (_, change) => {
    const test = await startTestCenter({ environments });
    const address = await addressOf(test);
    await change(test);
    const { next, leave } = await listen(test, address);
    await test.api('POST', '/flags/plain/toggle');
    expect((await next()).id).toBe(await stateOf(test));
    leave();
  });

  it('begins with an event for who has the same values from before, and keeps the address of then', async () => {
    const test = await startTestCenter({ environments });
    const { body, headers } = await post(test, FLAGS);
    await put(test.api, '/flags/plain', aFlag({ description: 'another' }));
    const again = await post(test, FLAGS, CONTEXT, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    const { next, leave } = await listen(test, body.eventStreams[0].endpoint.requestUri);
    expect((await next()).id).toBe(await stateOf(test));
    leave();
  });

  it('says to whoever comes back that something was missed, whatever the address was made with', async () => {
    const test = await startTestCenter({ environments });
    const address = await addressOf(test);
    await test.api('POST', '/flags/plain/toggle');
    const state = await stateOf(test);
    for (const headers of [{ 'last-event-id': '5' }, {}] as const) {
      const behind = await listen(test, address, headers);
      expect((await behind.next()).id).toBe(state);
      behind.leave();
    }
    const current = await listen(test, address, { 'last-event-id': state });
    await test.api('POST', '/flags/plain/toggle');
    expect((await current.next()).id).not.toBe(state);
    current.leave();
  });

  it('that was interrupted by a restart begins with an event if there was a change meanwhile', async () => {
    const dataFolder = temporaryFolder();
    const first = await startTestCenter({ dataFolder, environments });
    const address = await addressOf(first);
    const before = await listen(first, address);
    await first.center.close();
    await expect(before.next()).rejects.toThrow();
    const second = await startTestCenter({ dataFolder });
    await second.api('POST', '/flags/plain/toggle');
    const after = await listen(second, address);
    expect((await after.next()).id).toBe(await stateOf(second));
    after.leave();
  });

  it('is the same for half an hour, then another one with another ETag; an address is good for an hour at most', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const test = await startTestCenter({ environments }, { clock });
    const ask = async () => {
      const { body, headers } = await post(test, FLAGS);
      return [body.eventStreams[0].endpoint.requestUri as string, headers.get('etag')] as const;
    };
    const [first, tag] = await ask();
    clock.time += 29 * 60_000;
    expect(await ask()).toEqual([first, tag]);
    clock.time += 2 * 60_000;
    const [second, secondTag] = await ask();
    expect(second).not.toBe(first);
    expect(secondTag).not.toBe(tag);
    for (const [address, minutes, status] of [
      [first, 0, 200],
      [first, 28, 200],
      [first, 30, 401],
      [second, 30, 200],
    ] as const) {
      const before = clock.time;
      clock.time += minutes * 60_000;
      const { response, leave } = await listen(test, address);
      expect(response.status, `${minutes}`).toBe(status);
      leave();
      clock.time = before;
    }
  });

  it.each<[string, (address: URL) => void]>([
    ['of another environment', (address) => address.searchParams.set('environment', 'other')],
    ['of another secret', (address) => address.searchParams.set('secret', 'other')],
    [
      'that is good for longer',
      (address) => address.searchParams.set('until', String(Number(address.searchParams.get('until')) + 1)),
    ],
    ['with another signature', (address) => address.searchParams.set('signature', 'AAAA')],
    ['without a signature', (address) => address.searchParams.delete('signature')],
    [
      'without anything',
      (address) => {
        address.search = '';
      },
    ],
    ['with nonsense', (address) => address.searchParams.set('until', 'x')],
  ])('is not there under an address %s', async (_, change) => {
    const test = await startTestCenter({ environments: [...environments, { key: 'other' }] });
    const address = new URL(test.center.url + (await addressOf(test)));
    change(address);
    const response = await fetch(address, { headers: { origin: 'https://shop.example.org' } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    const errorDetails = expect.stringContaining('ask for all flags');
    expect(await response.json()).toEqual({ errorCode: 'GENERAL', errorDetails });
  });

  it('is over for who comes anew once the secret is revoked that the address was asked for with', async () => {
    const test = await startTestCenter({ environments });
    const made = await test.api('POST', '/secrets', { kind: 'client', name: 'page' });
    const { body } = await post(test, FLAGS, CONTEXT, { headers: { authorization: `Bearer ${made.body.secret}` } });
    const address = body.eventStreams[0].endpoint.requestUri;
    const before = await listen(test, address);
    expect(before.response.status).toBe(200);
    before.leave();
    await test.api('DELETE', `/secrets/${made.body.id}`);
    const after = await listen(test, address);
    expect(after.response.status).toBe(401);
    after.leave();
  });

  it('ends when the center does', async () => {
    const test = await startTestCenter({ environments });
    const { next } = await listen(test, await addressOf(test));
    await test.center.close();
    await expect(next()).rejects.toThrow();
  });
});

describe('the manifest', () => {
  it('has every flag that is not archived, with a type and what its code does without it', async () => {
    const test = await startTestCenter({ environments });
    await put(test.api, '/flags/number', aFlag({ ...typed('number', '3', '4'), name: 'How many', description: 'Why' }));
    const ask = (headers: Record<string, string>) => test.call('GET', '/openfeature/v0/manifest', { headers });
    const { status, body } = await ask({ authorization: `Bearer ${test.environment.serverSecret}` });
    expect(status).toBe(200);
    const byKey = new Map(body.flags.map((flag: { key: string }) => [flag.key, flag]));
    expect(byKey.get('plain')).toEqual({
      key: 'plain',
      name: 'plain',
      type: 'boolean',
      description: null,
      defaultValue: false,
    });
    expect(byKey.get('number')).toEqual({
      key: 'number',
      name: 'How many',
      type: 'integer',
      description: 'Why',
      defaultValue: 4,
    });
    expect(byKey.get('text')).toMatchObject({ type: 'string', defaultValue: 'blue' });
    expect(byKey.get('json')).toMatchObject({ type: 'object', defaultValue: null });
    expect(byKey.has('gone')).toBe(false);
    expect(byKey.has('hidden')).toBe(true);
    expect((await ask({ authorization: `Bearer ${test.environment.clientSecret}` })).status).toBe(401);
    expect((await ask({ 'x-api-key': test.environment.serverSecret })).status).toBe(200);
  });
});

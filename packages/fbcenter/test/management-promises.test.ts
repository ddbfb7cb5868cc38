import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { syncedClient } from './support/stream-client.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';
import { trackedCounts } from './support/tracked.js';

/** Sends a body as it is. */
const send = ({ call, center }: TestCenter, method: string, path: string, body: string) =>
  call(method, `/api/v1/environments${path}`, { headers: { authorization: `Bearer ${center.adminToken}` }, body });

const warningsOf = (body: { readonly warnings?: readonly { readonly code: string; readonly path: string }[] }) =>
  (body.warnings ?? []).map(({ code, path }) => `${code} ${path}`);

describe('a document under a key that is archived', () => {
  it.each(['flag', 'segment'])('is not put by somebody who does not know it: a %s', async (kind) => {
    const { api } = await startTestCenter();
    const path = `/${kind}s/x`;
    const document = kind === 'flag' ? aFlag() : aSegment();
    await put(api, path, document);
    const archived = (await api('POST', `${path}/archive`)).body;
    for (const body of [document, { ...document, isArchived: null }]) {
      const refused = await api('PUT', path, body);
      expect(refused).toMatchObject({
        status: 409,
        body: { code: 'archived', message: expect.stringContaining('restore') },
      });
    }
    expect((await api('GET', path)).body).toEqual(archived);
    // Who says so may change it as it is, and is told what comes of it; or bring it back.
    const still = await api('PUT', path, archived);
    expect([still.status, warningsOf(still.body)]).toEqual([200, ['archived isArchived']]);
    const back = await api('PUT', path, { ...document, isArchived: false });
    expect([back.status, back.body.isArchived, back.body.warnings]).toEqual([200, false, undefined]);
  });

  it('is served again by a PUT that says so', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/x', aFlag());
    await test.api('POST', '/flags/x/archive');
    await put(test.api, '/flags/x', aFlag({ isArchived: false }));
    const { answer } = await syncedClient(test);
    expect(answer.data.featureFlags).toMatchObject([{ key: 'x', isArchived: false, isEnabled: true }]);
  });
});

describe('preconditions', () => {
  it('let one of two creators through', async () => {
    const { api } = await startTestCenter();
    const create = (name: string) => api('PUT', '/flags/f', aFlag({ name }), { 'if-none-match': '*' });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(create));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 201);
    expect((await api('GET', '/flags/f')).body).toEqual(winner?.body);
  });

  it('create nothing where something is demanded', async () => {
    const { api } = await startTestCenter();
    expect(await api('PUT', '/flags/f', aFlag(), { 'if-match': '*' })).toMatchObject({
      status: 412,
      body: { code: 'version-mismatch', message: expect.stringContaining('no such document') },
    });
    expect((await api('GET', '/flags/f')).status).toBe(404);
    await put(api, '/flags/f', aFlag());
    expect((await api('PUT', '/flags/f', aFlag(), { 'if-match': '*' })).status).toBe(200);
  });

  it('take lists, and no weak tag for a change', async () => {
    const { api } = await startTestCenter();
    const tag = (await api('PUT', '/flags/f', aFlag())).headers.get('etag') ?? '';
    const toggle = (match: string) => api('POST', '/flags/f/toggle', undefined, { 'if-match': match });
    expect((await toggle(`W/${tag}`)).status).toBe(412);
    expect((await toggle(`"1", ${tag}`)).status).toBe(200);
    expect((await toggle(`"1", ${tag}`)).status).toBe(412);
    expect((await toggle('"1" nonsense')).status).toBe(400);
    expect((await api('DELETE', '/flags/f', undefined, { 'if-match': '"1"' })).status).toBe(412);
  });

  it('save a reader what it has', async () => {
    const { api } = await startTestCenter();
    const tag = (await api('PUT', '/flags/f', aFlag())).headers.get('etag') ?? '';
    for (const [header, status] of [
      [tag, 304],
      [`W/${tag}`, 304],
      [`"1", ${tag}`, 304],
      ['*', 304],
      ['"1"', 200],
    ] as const) {
      const answer = await api('GET', '/flags/f', undefined, { 'if-none-match': header });
      expect([header, answer.status, answer.headers.get('etag')]).toEqual([header, status, tag]);
    }
    expect((await api('GET', '/flags/nope', undefined, { 'if-none-match': '*' })).status).toBe(404);
  });
});

describe('a field that is nearly a known one', () => {
  const rule = { conditions: [{ property: 'a', op: 'Equal', value: 'b' }], variations: everybody('on') };

  it.each<[string, Record<string, unknown>, string]>([
    ['the switch', { isEnable: true }, 'isEnable'],
    ['the switch in another case', { IsEnabled: true }, 'IsEnabled'],
    ['the rules', { rule: [] }, 'rule'],
    [
      'a variation',
      {
        variations: [
          { id: 'on', value: 'true', nme: 'On' },
          { id: 'off', value: 'false' },
        ],
      },
      'variations[0].nme',
    ],
    ['a rule', { rules: [{ ...rule, dispatchkey: 'a' }] }, 'rules[0].dispatchkey'],
    [
      'a condition',
      { rules: [{ ...rule, conditions: [{ property: 'a', op: 'IsTrue', vaule: 'b' }] }] },
      'rules[0].conditions[0].vaule',
    ],
    [
      'a share',
      { rules: [{ ...rule, variations: [{ id: 'on', rollout: [0, 1], exptRolout: 0 }] }] },
      'rules[0].variations[0].exptRolout',
    ],
    [
      'the fallthrough',
      { fallthrough: { variations: everybody('on'), includeInExpt: true } },
      'fallthrough.includeInExpt',
    ],
  ])('is a warning in the answer: %s', async (_, field, path) => {
    const { api } = await startTestCenter();
    const { isEnabled, ...flag } = aFlag();
    const { status, body } = await api('PUT', '/flags/f', { ...flag, ...field });
    expect(status).toBe(201);
    expect(warningsOf(body)).toEqual([`unknown-field ${path}`]);
  });

  it('is told by what is meant, is kept, and is no part of the document', async () => {
    const test = await startTestCenter();
    const { api } = test;
    const { isEnabled, ...flag } = aFlag();
    const { body } = await api('PUT', '/flags/f', { ...flag, isEnable: true });
    expect(body).toMatchObject({ isEnable: true, isEnabled: false });
    expect(body.warnings[0].message).toContain('did you mean "isEnabled"?');
    const { warnings, ...document } = body;
    expect((await api('GET', '/flags/f')).body).toEqual(document);
    // The whole answer can be put back.
    const back = (await api('PUT', '/flags/f', { ...body, isEnabled: true })).body;
    expect(back).not.toHaveProperty('warnings');
    const { answer } = await syncedClient(test);
    expect(answer.data.featureFlags[0]).not.toHaveProperty('warnings');
  });

  it('that is required is named with what may be meant', async () => {
    const { api } = await startTestCenter();
    const { variations, ...flag } = aFlag();
    const { body } = await api('PUT', '/flags/f', {
      ...flag,
      disabledVariationID: 'off',
      disabledVariationId: null,
      variation: variations,
    });
    const messages = Object.fromEntries(
      body.faults.map(({ path, message }: { path: string; message: string }) => [path, message]),
    );
    expect(messages.variations).toContain('"variation" may be meant to be it');
    expect(messages.disabledVariationId).toContain('"disabledVariationID" may be meant to be it');
  });

  it.each<[string, Record<string, unknown>]>([
    [
      'a flag of FeatBit',
      { id: 'a', envId: 'b', description: 'c', createdAt: 'd', creatorId: 'e', updatorId: 'f', revision: 'g' },
    ],
    ['one that is there under its right name, too', { tag: 'x', tags: ['x'] }],
    ['fields of somebody', { owner: 'x', jira: 'y', links: [] }],
  ])('is not what others have: %s', async (_, fields) => {
    const { api } = await startTestCenter();
    expect((await api('PUT', '/flags/f', aFlag(fields))).body).not.toHaveProperty('warnings');
  });

  it('is a warning in a segment, and a refusal where nothing could be kept', async () => {
    const test = await startTestCenter();
    const { api } = test;
    expect(warningsOf((await api('PUT', '/segments/s', { include: ['a'] })).body)).toEqual(['unknown-field include']);
    await put(api, '/flags/f', aFlag());
    const toggled = await api('POST', '/flags/f/toggle', { isEnable: true });
    expect(toggled).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('did you mean "isEnabled"') },
    });
    expect((await api('GET', '/flags/f')).body.isEnabled).toBe(true);
    expect(await send(test, 'POST', '', '{"key":"new","nmae":"The new"}')).toMatchObject({ status: 400 });
  });
});

describe('a body that is not JSON', () => {
  const shared = sharedCenter();

  it.each<[string, string, string]>([
    ['a comma too many', '{\n  "name": "a",\n}', 'line 3, column 1: expected a property name'],
    ['a comma missing', '{"a": 1\n "b": 2}', 'line 2, column 2: expected , or }'],
    ['a single quote', "{'a': 1}", 'line 1, column 2: expected a property name or }'],
    ['no end', '{"a": [1, 2', 'line 1, column 12: expected , or ]'],
    ['more behind it', '{} {}', 'line 1, column 4: expected the end'],
    ['a comment', '{"a": 1 // one\n}', 'line 1, column 9: expected , or }'],
    ['NaN', '{"a": NaN}', 'line 1, column 7: expected a value'],
    ['a line break in a string', '{"a": "x\ny"}', 'line 1, column 7: expected a value'],
    [
      'a mistake far behind',
      `{"a": "${'x'.repeat(300_000)}", b}`,
      'the mistake is not in its first 262,144 characters',
    ],
  ])('is refused with the place: %s', async (_, text, place) => {
    const { status, body } = await send(shared(), 'PUT', '/dev/flags/f', text);
    expect([status, body.code, body.message]).toEqual([400, 'invalid-request', `The body is not JSON: ${place}.`]);
  });

  it('of an SDK too, without a word of it', async () => {
    const { call, environment } = shared();
    const headers = { authorization: environment.serverSecret };
    const { status, text } = await call('POST', '/api/public/insight/track', { headers, body: '[{"user": private}]' });
    expect(status).toBe(400);
    expect(text).toContain('line 1, column 11');
    expect(text).not.toContain('private');
  });
});

describe('a number that would become another one', () => {
  const shared = sharedCenter();
  const flag = (field: string) => JSON.stringify(aFlag({ x: 0 })).replace('"x":0', field);

  it.each<[string, string]>([
    ['"budget":9007199254740993', 'budget'],
    ['"budget":12345678901234567890', 'budget'],
    ['"limits":[1,{"most":1e999}]', 'limits[1].most'],
    ['"least":1e-999', 'least'],
  ])('is refused with its place: %s', async (field, path) => {
    const { status, body } = await send(shared(), 'PUT', '/dev/flags/f', flag(field));
    expect([status, body.code, body.faults.length]).toEqual([400, 'invalid-request', 1]);
    expect(body.faults[0]).toMatchObject({ code: 'inexact-number', path });
  });

  it.each(['"budget":9007199254740992', '"share":0.1234567890123456789', '"big":1e300', '"text":"9007199254740993"'])(
    'is none of these: %s',
    async (field) => {
      const { status, text } = await send(shared(), 'PUT', '/dev/flags/f', flag(field));
      expect([200, 201], text).toContain(status);
    },
  );

  it('is a warning where SDKs read it out of a text', async () => {
    const { api } = await startTestCenter();
    const number = aFlag({
      variationType: 'number',
      variations: [
        { id: 'on', value: '9007199254740993' },
        { id: 'off', value: '0.1' },
      ],
      rules: [aRule({ property: 'age', op: 'BiggerThan', value: '12345678901234567890' })],
    });
    expect(warningsOf((await api('PUT', '/flags/f', number)).body)).toEqual([
      'inexact-number variations[0].value',
      'inexact-number rules[0].conditions[0].value',
    ]);
  });

  it('is taken from SDKs, which count', async () => {
    const { call, environment } = shared();
    const body = '[{"user":{"keyId":"u"},"metrics":[{"eventName":"m","numericValue":9007199254740993}]}]';
    const tracked = await call('POST', '/api/public/insight/track', {
      headers: { authorization: environment.serverSecret },
      body,
    });
    expect([tracked.status, trackedCounts(tracked.headers)]).toEqual([200, { accepted: 1, rejected: 0 }]);
  });
});

describe('the name of an environment', () => {
  const shared = sharedCenter();

  it.each<[string, string]>([
    ['blank', '{"key":"x","name":" "}'],
    ['empty', '{"key":"x","name":""}'],
    ['with NUL', '{"key":"x","name":"a\\u0000b"}'],
    ['with a line break', '{"key":"x","name":"a\\nb"}'],
    ['with broken Unicode', '{"key":"x","name":"a\\ud800"}'],
    ['of a megabyte', JSON.stringify({ key: 'x', name: 'x'.repeat(1_000_000) })],
    ['of 257 characters', JSON.stringify({ key: 'x', name: 'x'.repeat(257) })],
  ])('is not %s', async (_, body) => {
    const { status, body: answer } = await send(shared(), 'POST', '', body);
    expect([status, answer]).toEqual([
      400,
      { code: 'invalid-request', message: expect.stringMatching(/^name: /), requestId: expect.any(String) },
    ]);
  });

  it('may be anything that a person can read', async () => {
    const { status, body } = await send(shared(), 'POST', '', '{"key":"x","name":" Produktion 🚀 (EU) "}');
    expect([status, body.name]).toEqual([201, ' Produktion 🚀 (EU) ']);
  });
});

describe('an attribute that is meant to be the key of a user', () => {
  it.each(['key', 'Key', 'KEY', 'keyid', 'KeyID', 'key_id', 'userKey', 'user_key', ' key '])(
    'is refused where it would put everybody in the same part of a rollout: %j',
    async (dispatchKey) => {
      const { api } = await startTestCenter();
      for (const [document, path] of [
        [aFlag({ fallthrough: { dispatchKey, variations: everybody('on') } }), 'fallthrough.dispatchKey'],
        [aFlag({ rules: [{ conditions: [], dispatchKey, variations: everybody('on') }] }), 'rules[0].dispatchKey'],
      ] as const) {
        const { status, body } = await api('PUT', '/flags/f', document);
        expect([status, body.faults]).toEqual([
          400,
          [{ code: 'wrong-attribute', path, message: expect.stringContaining('"keyId"') }],
        ]);
      }
      const condition = await api(
        'PUT',
        '/flags/f',
        aFlag({ rules: [aRule({ property: dispatchKey, op: 'Equal', value: 'a' })] }),
      );
      expect([condition.status, warningsOf(condition.body)]).toEqual([
        201,
        ['wrong-attribute rules[0].conditions[0].property'],
      ]);
    },
  );

  it.each([null, '', 'keyId', 'name', 'monkey', 'keyboard', 'company.key'])(
    'is none of these: %j',
    async (dispatchKey) => {
      const { api } = await startTestCenter();
      const { status, body } = await api(
        'PUT',
        '/flags/f',
        aFlag({ fallthrough: { dispatchKey, variations: everybody('on') } }),
      );
      expect([status, body.warnings]).toEqual([201, undefined]);
    },
  );
});

describe('what is no request', () => {
  const shared = sharedCenter();

  async function answerTo(text: string): Promise<{ head: string; body: { code: string; message: string } }> {
    const socket = connect({ port: Number(new URL(shared().center.url).port), host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { head, body: JSON.parse(body) };
  }

  it.each<[string, string, number, string]>([
    ['nonsense', 'nonsense\r\n\r\n', 400, 'invalid-request'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'invalid-request'],
    ['an unknown method', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'invalid-request'],
    ['a header with a control character in it', 'GET / HTTP/1.1\r\nHost: x\r\nX: \x01\r\n\r\n', 400, 'invalid-request'],
    ['a header of 64 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431, 'headers-too-large'],
    ['no host', 'GET /health/liveness HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'invalid-request'],
    [
      'two lengths',
      'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
      'invalid-request',
    ],
    [
      'an unknown expectation',
      'GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n',
      417,
      'invalid-request',
    ],
  ])('is answered in the form of every other answer: %s', async (name, text, status, code) => {
    const { head, body } = await answerTo(text);
    expect(head, name).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/json; charset=utf-8');
    // Some are refused before they are requests.
    expect({ requestId: '', ...body }).toEqual({
      ...{ code, message: expect.stringMatching(/\.$/), requestId: expect.any(String) },
    });
  });
});

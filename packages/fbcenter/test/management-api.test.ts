import { decodeFlag, parseVersion } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { FakeClock } from './support/fake-clock.js';
import { put, sharedCenter, startTestCenter } from './support/test-center.js';

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const askingFor = (...ids: string[]) =>
  aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: JSON.stringify(ids) })] });

describe('access', () => {
  const PATHS = [
    ['GET', '/api/v1/environments'],
    ['POST', '/api/v1/environments'],
    ['GET', '/api/v1/environments/dev'],
    ['GET', '/api/v1/environments/dev/insights'],
    ['GET', '/api/v1/environments/dev/flags'],
    ['PUT', '/api/v1/environments/dev/flags/f'],
    ['POST', '/api/v1/environments/dev/flags/f/toggle'],
    ['PUT', '/api/v1/environments/dev/segments/s'],
    ['GET', '/api/v1/environments/nope/flags'],
  ] as const;

  const shared = sharedCenter();

  it.each(PATHS)('%s %s needs the access token', async (method, path) => {
    const test = shared();
    const { adminToken } = test.center;
    for (const authorization of [
      undefined,
      '',
      adminToken,
      'Bearer',
      `Bearer ${adminToken}x`,
      `Basic ${adminToken}`,
      test.environment.serverSecret,
    ]) {
      const headers = authorization === undefined ? {} : { authorization };
      const { status, body, headers: answered } = await test.call(method, path, { headers });
      expect(status, String(authorization)).toBe(401);
      expect(body).toEqual({
        code: 'unauthorized',
        message: expect.stringContaining('Bearer'),
        requestId: expect.any(String),
      });
      expect(answered.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('is checked before the body is read', async () => {
    const { call } = await startTestCenter();
    const body = 'x'.repeat(9 * 1024 * 1024);
    expect((await call('PUT', '/api/v1/environments/dev/flags/f', { body })).status).toBe(401);
  });

  it('takes the scheme in any case', async () => {
    const { call, center } = await startTestCenter();
    const headers = { authorization: `bearer ${center.adminToken}` };
    expect((await call('GET', '/api/v1/environments', { headers })).status).toBe(200);
  });
});

describe('environments', () => {
  it('are listed with their connections and without their secrets, and can be added', async () => {
    const test = await startTestCenter({ environments: [{ key: 'demo', name: 'The demo' }] });
    const headers = { authorization: `Bearer ${test.center.adminToken}` };
    expect(await test.api('GET', '')).toMatchObject({
      status: 200,
      body: { id: test.environment.id, key: 'demo', name: 'The demo', role: 'admin', connections: 0 },
    });
    const added = await test.call('POST', '/api/v1/environments', {
      headers,
      body: JSON.stringify({ key: 'prod/eu' }),
    });
    expect(added).toMatchObject({ status: 201, body: { key: 'prod/eu', name: 'prod/eu' } });
    expect(added.body.serverSecret).toMatch(/^[\w-]{44}$/);
    const { body } = await test.call('GET', '/api/v1/environments', { headers });
    expect(body.items.map(({ key }: { key: string }) => key)).toEqual(['demo', 'prod/eu']);
    for (const secret of [added.body.serverSecret, test.environment.serverSecret, test.environment.clientSecret]) {
      expect(JSON.stringify(body)).not.toContain(secret);
    }
    expect((await test.call('GET', '/api/v1/environments/prod%2Feu/flags', { headers })).body).toEqual({
      items: [],
      next: null,
    });
  });

  it.each([
    [undefined, 400, 'invalid-request'],
    ['[]', 400, 'invalid-request'],
    ['{"key": 5}', 400, 'invalid-request'],
    ['{"key": " a"}', 400, 'invalid-request'],
    ['{"key": "x", "name": 1}', 400, 'invalid-request'],
    ['{"key": "dev"}', 409, 'already-exists'],
    ['{"key": ', 400, 'invalid-request'],
  ])('are not made of %s', async (body, status, code) => {
    const { call, center } = await startTestCenter();
    const headers = { authorization: `Bearer ${center.adminToken}` };
    const init = body === undefined ? { headers } : { headers, body };
    expect(await call('POST', '/api/v1/environments', init)).toMatchObject({ status, body: { code } });
    expect((await call('GET', '/api/v1/environments', { headers })).body.items).toHaveLength(1);
  });

  it('that do not exist are said so', async () => {
    const { call, center } = await startTestCenter();
    const headers = { authorization: `Bearer ${center.adminToken}` };
    for (const path of ['', '/flags', '/flags/f', '/segments', '/insights']) {
      const { status, body } = await call('GET', `/api/v1/environments/nope${path}`, { headers });
      expect([status, body.code]).toEqual([404, 'environment-not-found']);
    }
  });
});

describe('a flag', () => {
  it('is created with 201 and replaced with 200, its server-owned fields set by the server', async () => {
    const clock = new FakeClock();
    const { api, environment } = await startTestCenter({}, { clock });
    clock.time += 10_000;
    const created = await api('PUT', '/flags/f', {
      ...aFlag(),
      envId: 'x',
      updatedAt: 'never',
      createdAt: 1,
      updatorId: 'me',
    });
    expect(created.status).toBe(201);
    const iso = new Date(clock.time).toISOString();
    expect(created.body).toMatchObject({
      key: 'f',
      name: 'f',
      envId: environment.id,
      createdAt: iso,
      updatedAt: iso,
      creatorId: 'admin',
      updatorId: 'admin',
      isArchived: false,
    });
    expect(decodeFlag(created.body).ok).toBe(true);
    expect(created.headers.get('etag')).toBe(`"${clock.time}"`);

    clock.time += 5;
    const replaced = await api('PUT', '/flags/f', aFlag({ name: 'renamed' }));
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({ id: created.body.id, name: 'renamed', createdAt: iso });
    expect(parseVersion(replaced.body.updatedAt)).toBe(clock.time);
    expect((await api('GET', '/flags/f')).body).toEqual(replaced.body);
  });

  it('that was read can be put back as it is', async () => {
    const { api } = await startTestCenter();
    await api('PUT', '/segments/vip', aSegment());
    const flag = (await api('PUT', '/flags/f', { ...askingFor('vip'), description: 'kept', tags: ['a'] })).body;
    const back = await api('PUT', '/flags/f', (await api('GET', '/flags/f')).body);
    expect(back.status).toBe(200);
    const { updatedAt, ...rest } = back.body;
    expect(flag).toEqual({ ...rest, updatedAt: expect.any(String) });
    expect(parseVersion(updatedAt)).toBeGreaterThan(parseVersion(flag.updatedAt) ?? 0);
    const segment = (await api('GET', '/segments/vip')).body;
    expect((await api('PUT', '/segments/vip', segment)).status).toBe(200);
  });

  it('that could not be evaluated is refused with every fault, and nothing is stored', async () => {
    const { api } = await startTestCenter();
    await put(api, '/flags/f', aFlag());
    const before = (await api('GET', '/flags/f')).text;
    const bad = {
      ...askingFor('nope'),
      disabledVariationId: 'x',
      fallthrough: { variations: [{ id: 'on', rollout: [0, 0.5] }] },
    };
    for (const path of ['/flags/f', '/flags/new']) {
      const { status, body } = await api('PUT', path, bad);
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'invalid-document', message: expect.stringContaining('2 faults') });
      expect(body.faults).toEqual([
        { code: 'unknown-variation', path: 'disabledVariationId', message: expect.any(String) },
        { code: 'rollout-gap', path: 'fallthrough.variations', message: expect.any(String) },
      ]);
    }
    const unknown = await api('PUT', '/flags/f', askingFor('nope'));
    expect(unknown.body.faults).toMatchObject([{ code: 'unknown-segment', path: 'rules[0].conditions[0].value' }]);
    expect((await api('GET', '/flags/f')).text).toBe(before);
    expect((await api('GET', '/flags/new')).status).toBe(404);
  });

  it.each([
    ['nothing', undefined],
    ['a text', '"flag"'],
    ['brackets without end', nested(100_000)],
    ['brackets without end in it', JSON.stringify(aFlag({ x: 0 })).replace('"x":0', `"x":${nested(100_000)}`)],
    ['more than a hundred brackets', JSON.stringify(aFlag({ x: 0 })).replace('"x":0', `"x":${nested(101)}`)],
    ['half a JSON', '{"variations": ['],
    ['null', 'null'],
  ])('is not made of %s', async (_, body) => {
    const { call, center } = await startTestCenter();
    const headers = { authorization: `Bearer ${center.adminToken}` };
    const answer = await call(
      'PUT',
      '/api/v1/environments/dev/flags/f',
      body === undefined ? { headers } : { headers, body },
    );
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBeOneOf(['invalid-document', 'invalid-request']);
  });

  it('may have a hundred brackets in it', async () => {
    const { api } = await startTestCenter();
    const { status } = await api('PUT', '/flags/f', aFlag({ x: JSON.parse(nested(100)) }));
    expect(status).toBe(201);
  });

  it('is not made without a body, and the fault says so', async () => {
    const { api } = await startTestCenter();
    const { body } = await api('PUT', '/flags/f');
    expect(body.faults).toEqual([{ code: 'wrong-type', path: '', message: 'Expected an object, got nothing.' }]);
  });

  it.each(['__proto__', 'constructor', 'a b', 'a/b', 'a?b#c', '%', '..', 'ключ', '🚩', 'x'.repeat(256)])(
    'may be called %s',
    async (key) => {
      const { api } = await startTestCenter();
      const path = key === '..' ? '/flags/%2E%2E%2E' : `/flags/${encodeURIComponent(key)}`;
      const { status, body } = await api('PUT', path, aFlag());
      expect(status).toBe(201);
      expect((await api('POST', `${path}/toggle`)).body).toMatchObject({ key: body.key, isEnabled: false });
    },
  );

  it('may not be called something nobody can tell apart', async () => {
    const { api } = await startTestCenter();
    for (const path of ['/flags/%20a', '/flags/a%0Ab', `/flags/${'x'.repeat(257)}`]) {
      expect(await api('PUT', path, aFlag())).toMatchObject({
        status: 400,
        body: { faults: [{ code: 'invalid-key' }] },
      });
    }
  });

  it('is toggled by no body, by a state, and not again by the state it is in', async () => {
    const { api, center, environment } = await startTestCenter();
    const url = `${center.url}/api/v1/environments/${environment.key}/flags/f/toggle`;
    const authorization = `Bearer ${center.adminToken}`;
    const created = (await api('PUT', '/flags/f', aFlag({ isEnabled: true }))).body;
    const off = await api('POST', '/flags/f/toggle');
    expect(off).toMatchObject({ status: 200, body: { isEnabled: false } });
    expect(await api('POST', '/flags/f/toggle', {})).toMatchObject({ body: { isEnabled: true } });
    const on = (await api('POST', '/flags/f/toggle', { isEnabled: true })).body;
    expect((await api('POST', '/flags/f/toggle', { isEnabled: true })).body.updatedAt).toBe(on.updatedAt);
    expect({ ...on, updatedAt: '' }).toEqual({ ...created, updatedAt: '' });
    // As curl does with -d and without a header of one's own.
    const form = await fetch(url, {
      method: 'POST',
      body: '{"isEnabled": false}',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(await form.json()).toMatchObject({ isEnabled: false });
    const empty = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': 'application/json' } });
    expect(await empty.json()).toMatchObject({ isEnabled: true });
  });

  it.each([null, [], true, { isEnabled: 'false' }, { isEnabled: null }, { isEnabled: 0 }])(
    'is not toggled by %j',
    async (body) => {
      const { api } = await startTestCenter();
      await api('PUT', '/flags/f', aFlag());
      expect(await api('POST', '/flags/f/toggle', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
      expect((await api('GET', '/flags/f')).body.isEnabled).toBe(true);
    },
  );

  it('is archived and restored, each once, and cannot be toggled while it is archived', async () => {
    const { api } = await startTestCenter();
    const created = (await api('PUT', '/flags/f', aFlag())).body;
    const archived = await api('POST', '/flags/f/archive');
    expect(archived).toMatchObject({ status: 200, body: { isArchived: true, isEnabled: true } });
    expect((await api('POST', '/flags/f/archive')).text).toBe(archived.text);
    expect(await api('POST', '/flags/f/toggle')).toMatchObject({ status: 409, body: { code: 'archived' } });
    expect(await api('PUT', '/flags/f', archived.body)).toMatchObject({ status: 200, body: { isArchived: true } });
    const restored = (await api('POST', '/flags/f/restore')).body;
    expect({ ...restored, updatedAt: '' }).toEqual({ ...created, updatedAt: '' });
    expect((await api('POST', '/flags/f/restore')).body).toEqual(restored);
  });

  it('that is not there is said so', async () => {
    const { api } = await startTestCenter();
    for (const [method, path] of [
      ['GET', '/flags/f'],
      ['POST', '/flags/f/toggle'],
      ['POST', '/flags/f/archive'],
      ['POST', '/flags/f/restore'],
      ['GET', '/segments/s'],
      ['POST', '/segments/s/archive'],
    ] as const) {
      expect(await api(method, path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
  });

  it('is changed only at the version in If-Match, if there is one', async () => {
    const { api } = await startTestCenter();
    const tag = (await api('PUT', '/flags/f', aFlag())).headers.get('etag') ?? '';
    const match = (value: string) => ({ 'if-match': value });
    expect((await api('PUT', '/flags/f', aFlag(), match(tag))).status).toBe(200);
    for (const [method, path, body] of [
      ['PUT', '/flags/f', aFlag()],
      ['POST', '/flags/f/toggle', undefined],
      ['POST', '/flags/f/archive', undefined],
      ['PUT', '/flags/new', aFlag()],
    ] as const) {
      expect(await api(method, path, body, match(tag))).toMatchObject({
        status: 412,
        body: { code: 'version-mismatch' },
      });
    }
    const now = (await api('GET', '/flags/f')).headers.get('etag') ?? '';
    expect((await api('POST', '/flags/f/toggle', undefined, match(now.replaceAll('"', '')))).status).toBe(200);
    expect((await api('POST', '/flags/f/toggle', undefined, match('*'))).status).toBe(200);
    expect(await api('POST', '/flags/f/toggle', undefined, match('abc'))).toMatchObject({ status: 400 });
  });
});

describe('a segment', () => {
  it('cannot be archived while an active flag uses it', async () => {
    const { api } = await startTestCenter();
    await put(api, '/segments/vip', aSegment());
    const escaped = aFlag({ rules: [aRule({ property: 'User is not in segment', op: null, value: '["\\u0076ip"]' })] });
    await put(api, '/flags/f1', escaped);
    await put(api, '/flags/f2', askingFor('vip'));
    const refused = await api('POST', '/segments/vip/archive');
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'segment-in-use', message: expect.stringContaining('"f1", "f2"') },
    });
    const { body: segment } = await api('GET', '/segments/vip');
    expect(await api('PUT', '/segments/vip', { ...segment, isArchived: true })).toMatchObject({ status: 409 });
    await api('POST', '/flags/f1/archive');
    expect((await api('POST', '/segments/vip/archive')).status).toBe(409);
    await put(api, '/flags/f2', aFlag());
    expect((await api('POST', '/segments/vip/archive')).body).toMatchObject({ id: 'vip', isArchived: true });

    const restoring = await api('POST', '/flags/f1/restore');
    expect(restoring).toMatchObject({ status: 400, body: { faults: [{ code: 'archived-segment' }] } });
    expect(await api('PUT', '/flags/f3', askingFor('vip'))).toMatchObject({ status: 400 });
    await api('POST', '/segments/vip/restore');
    expect((await api('POST', '/flags/f1/restore')).status).toBe(200);
  });

  it('that is archived while a flag starts to use it leaves no flag with a segment that is archived', async () => {
    const { api } = await startTestCenter();
    for (let round = 0; round < 10; round++) {
      await put(api, '/segments/s', aSegment({ isArchived: false }));
      await put(api, '/flags/f', aFlag());
      const answers = await Promise.all([api('PUT', '/flags/f', askingFor('s')), api('POST', '/segments/s/archive')]);
      expect(answers.map(({ status }) => status)).toSatisfy(
        ([flag, segment]: number[]) => (flag === 200 && segment === 409) || (flag === 400 && segment === 200),
      );
    }
  });
});

describe('lists', () => {
  it('come in pages by key, archived or active', async () => {
    const { api } = await startTestCenter();
    for (const key of ['d', 'b', 'a', 'c']) await put(api, `/flags/${key}`, aFlag());
    await api('POST', '/flags/b/archive');
    const list = async (query: string) => {
      const { body } = await api('GET', `/flags${query}`);
      return `${body.items.map(({ key }: { key: string }) => key).join('')} ${body.next}`;
    };
    expect(await list('')).toBe('abcd null');
    expect(await list('?limit=3')).toBe('abc c');
    expect(await list('?limit=3&after=c')).toBe('d null');
    expect(await list('?limit=4')).toBe('abcd null');
    expect(await list('?archived=true')).toBe('b null');
    expect(await list('?archived=false&limit=2')).toBe('ac c');
    expect((await api('GET', '/segments')).body).toEqual({ items: [], next: null });
  });

  it.each([
    ...['limit=x', 'limit=-1', 'limit=0', 'limit=1001', 'limit='].map((query) => [query, 'from 1 to 1000']),
    ['archived=yes', 'true or false'],
  ])('refuse %s and say what can be asked for: %s', async (query, range) => {
    const { api } = await startTestCenter();
    expect(await api('GET', `/flags?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: expect.stringContaining(range) },
    });
  });
});

describe('requests that nobody foresaw', () => {
  const shared = sharedCenter();

  it.each([
    ['GET', '/nothing'],
    ['GET', '/api/v1'],
    ['DELETE', '/api/v1/environments/dev/nothing'],
    ['GET', '/streaming'],
    ['POST', '/api/v1/environments/dev/flags/f/explode'],
    ['GET', '/api/v1/environments/%zz'],
  ])('%s %s are answered with a code', async (method, path) => {
    const { call } = shared();
    const { status, body } = await call(method, path);
    expect(status).toBeOneOf([400, 401, 404]);
    expect(body).toEqual({
      code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
      message: expect.stringMatching(/\.$/),
      requestId: expect.any(String),
    });
  });

  it.each([
    ['POST', '/api/v1/environments/dev/flags/f', 'GET, HEAD, DELETE, PUT'],
    ['POST', '/api/v1/environments/dev/segments/s', 'GET, HEAD, DELETE, PUT'],
    ['GET', '/api/v1/environments/dev/flags/f/toggle', 'POST'],
    ['HEAD', '/api/v1/environments/dev/flags/f/toggle', 'POST'],
    ['PATCH', '/api/v1/environments', 'GET, HEAD, POST'],
    ['OPTIONS', '/api/public/insight/track', 'POST'],
    ['POST', '/health/liveness', 'GET, HEAD'],
  ])('%s %s is 405 and says what the address takes', async (method, path, allowed) => {
    const { call } = shared();
    const body = method === 'GET' || method === 'HEAD' ? undefined : '{ no JSON at all';
    const answer = await call(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    if (method === 'HEAD') return;
    expect(answer.body).toEqual({
      code: 'method-not-allowed',
      message: expect.stringContaining(allowed),
      requestId: expect.any(String),
    });
  });

  it('a document larger than what is taken is 413', async () => {
    const { api } = await startTestCenter();
    const flag = aFlag({ description: 'x'.repeat(9 * 1024 * 1024), fallthrough: { variations: everybody('on') } });
    expect(await api('PUT', '/flags/f', flag)).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });
});

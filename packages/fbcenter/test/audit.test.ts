import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { aStorage } from './support/a-storage.js';
import { auditOf, exportOf, newestOf } from './support/audit.js';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { FakeClock } from './support/fake-clock.js';
import { replacing } from './support/replacing.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';

const bearer = ({ center }: TestCenter) => ({ authorization: `Bearer ${center.adminToken}` });
const SETTINGS = { kind: 'settings-token', id: 'settings-token', name: 'Access token of the settings' };

describe('everything that changes something is written down', () => {
  type Change = readonly [
    what: string,
    prepare: readonly (readonly [method: string, path: string, body?: unknown])[],
    change: readonly [method: string, path: string, body?: unknown],
    entry: {
      readonly action: string;
      readonly kind: string;
      readonly key: string;
      readonly fields?: readonly string[];
    },
  ];
  const flag = ['PUT', '/flags/f', aFlag()] as const;
  const archived = [flag, ['POST', '/flags/f/archive']] as const;
  const rules = [
    aRule({ property: 'a', op: 'Equal', value: '1' }),
    aRule({ property: 'b', op: 'Equal', value: '2' }),
  ].map((rule, index) => ({ id: `r${index}`, ...rule }));

  it.each<Change>([
    ['a new flag', [], flag, { action: 'create', kind: 'flag', key: 'f' }],
    [
      'another name',
      [flag],
      ['PUT', '/flags/f', aFlag({ name: 'x' })],
      { action: 'update', kind: 'flag', key: 'f', fields: ['name'] },
    ],
    [
      'another order of rules',
      [['PUT', '/flags/f', aFlag({ rules })]],
      ['PUT', '/flags/f', aFlag({ rules: [...rules].reverse() })],
      { action: 'update', kind: 'flag', key: 'f', fields: ['rules'] },
    ],
    ['the same once more', [flag], flag, { action: 'update', kind: 'flag', key: 'f', fields: [] }],
    [
      'a switch',
      [flag],
      ['POST', '/flags/f/toggle'],
      { action: 'switch-off', kind: 'flag', key: 'f', fields: ['isEnabled'] },
    ],
    [
      'a switch back',
      [flag, ['POST', '/flags/f/toggle']],
      ['POST', '/flags/f/toggle', { isEnabled: true }],
      { action: 'switch-on', kind: 'flag', key: 'f', fields: ['isEnabled'] },
    ],
    [
      'an archived flag',
      [flag],
      ['POST', '/flags/f/archive'],
      { action: 'archive', kind: 'flag', key: 'f', fields: ['isArchived'] },
    ],
    ['a flag that is back', archived, ['POST', '/flags/f/restore'], { action: 'restore', kind: 'flag', key: 'f' }],
    ['a deleted flag', archived, ['DELETE', '/flags/f'], { action: 'delete', kind: 'flag', key: 'f' }],
    ['a segment', [], ['PUT', '/segments/s', aSegment()], { action: 'create', kind: 'segment', key: 's' }],
    [
      'other members of a segment',
      [['PUT', '/segments/s', aSegment()]],
      ['PUT', '/segments/s', aSegment({ included: ['u9'] })],
      { action: 'update', kind: 'segment', key: 's', fields: ['included'] },
    ],
    ['forgotten insights', [], ['DELETE', '/insights'], { action: 'reset', kind: 'insights', key: 'dev' }],
    [
      'another name of the environment',
      [],
      ['PUT', '', { name: 'X' }],
      { action: 'update', kind: 'environment', key: 'dev', fields: ['name'] },
    ],
    [
      'a protected environment',
      [],
      ['PUT', '', { isProtected: true }],
      { action: 'update', kind: 'environment', key: 'dev', fields: ['isProtected'] },
    ],
  ])('%s', async (_, prepare, [method, path, body], { action, kind, key, fields }) => {
    const clock = new FakeClock();
    const test = await startTestCenter({}, { clock });
    for (const [verb, address, sent] of prepare) await test.api(verb, address, sent);
    clock.time += 60_000;
    const before = await auditOf(test);
    expect((await test.api(method, path, body)).status).toBeLessThan(300);
    const after = await auditOf(test);
    expect(after.slice(1)).toEqual(before);
    expect(after[0]).toMatchObject({
      at: new Date(clock.time).toISOString(),
      actor: SETTINGS,
      action,
      subject: { kind, key, environment: 'dev' },
      comment: null,
      group: null,
      source: null,
      ...(fields && { fields }),
    });
  });

  it('an environment, its secrets, and what is revoked, without the secrets', async () => {
    const test = await startTestCenter();
    await test.call('POST', '/api/v1/environments', {
      headers: bearer(test),
      body: '{"key":"prod","name":"Production"}',
    });
    expect(await newestOf(test)).toMatchObject({
      action: 'create',
      subject: { kind: 'environment', key: 'prod', environment: 'prod' },
      before: null,
      after: { name: 'Production', isProtected: false },
    });
    const { body: secret } = await test.api('POST', '/secrets', { kind: 'server', name: 'billing' });
    // As people know it; its id is beside its name.
    const subject = { kind: 'secret', key: 'server billing', environment: 'dev' };
    expect(await newestOf(test)).toMatchObject({
      action: 'create',
      subject,
      after: { id: secret.id, kind: 'server', name: 'billing' },
    });
    await test.api('DELETE', `/secrets/${secret.id}`);
    expect(await newestOf(test)).toMatchObject({
      action: 'revoke',
      subject,
      before: { id: secret.id, kind: 'server', name: 'billing' },
      after: null,
    });
  });

  it('what an environment begins with, by the center, in one act', async () => {
    const test = await startTestCenter({
      environments: [{ key: 'dev', segments: [{ id: 's' }], flags: [{ key: 'f', ...aFlag() }] }],
    });
    const { body } = await test.call('GET', '/api/v1/audit', { headers: bearer(test) });
    const entries = body.items as {
      action: string;
      group: string;
      actor: { kind: string };
      subject: { kind: string };
    }[];
    expect(entries.map(({ action, actor, subject }) => [actor.kind, action, subject.kind])).toEqual([
      ['center', 'create', 'flag'],
      ['center', 'create', 'segment'],
      ['center', 'create', 'environment'],
    ]);
    expect(new Set(entries.map(({ group }) => group)).size).toBe(1);
  });

  it.each([
    ['a flag that has faults', 'PUT', '/flags/f', {}],
    ['a flag that is not there', 'POST', '/flags/nope/toggle', undefined],
    ['a toggle to where it is', 'POST', '/flags/on/toggle', { isEnabled: true }],
    ['an archived one once more', 'POST', '/flags/off/restore', undefined],
    ['the only secret', 'DELETE', '/secrets/nope', undefined],
    ['a description without one', 'PUT', '', {}],
    ['a name that is none', 'PUT', '', { name: ' ' }],
    ['a protection that is none', 'PUT', '', { isProtected: 'yes' }],
    ['a change at a version that is gone', 'PUT', '/flags/on', aFlag()],
  ])('but not what was not changed: %s', async (_, method, path, body) => {
    const test = await startTestCenter();
    await put(test.api, '/flags/on', aFlag());
    await put(test.api, '/flags/off', aFlag({ isEnabled: false }));
    const before = await auditOf(test);
    await test.api(method, path, body, path === '/flags/on' ? { 'if-match': '"1"' } : {});
    expect(await auditOf(test)).toEqual(before);
  });

  it('or is not done: a log that cannot be written refuses the change', async () => {
    const real = await aStorage();
    const broken = async (): Promise<never> => {
      throw new Error('the log is full');
    };
    let isBroken = false;
    const test = await startTestCenter(
      {},
      {
        storage: replacing(real, {
          transact: (work) =>
            real.transact((transaction) => {
              const audit = { ...transaction.audit, append: broken, appendDocument: broken };
              return work(isBroken ? { ...transaction, audit } : transaction);
            }),
        }),
      },
    );
    const { body } = await test.api('PUT', '/flags/f', aFlag());
    isBroken = true;
    for (const [method, path, sent] of [
      ['POST', '/flags/f/toggle', undefined],
      ['PUT', '/flags/g', aFlag()],
      ['POST', '/secrets', { kind: 'server' }],
      ['PUT', '', { name: 'X' }],
    ] as const) {
      expect((await test.api(method, path, sent)).status, `${method} ${path}`).toBe(500);
    }
    expect((await test.api('GET', '/flags/f')).body).toEqual(body);
    expect((await test.api('GET', '/flags/g')).status).toBe(404);
    expect((await test.api('GET', '/secrets')).body.items).toHaveLength(2);
    expect((await test.api('GET', '')).body.name).toBe('dev');
  });
});

describe('an entry', () => {
  it('has the whole document before and after', async () => {
    const test = await startTestCenter();
    const before = (await test.api('PUT', '/flags/f', aFlag())).body;
    const after = (await test.api('POST', '/flags/f/toggle')).body;
    const versions = { beforeVersion: Date.parse(before.updatedAt), version: Date.parse(after.updatedAt) };
    expect(await newestOf(test)).toMatchObject({ before, after, ...versions });
  });

  it.each([
    ['plain', 'Because of the sale', 'Because of the sale'],
    ['percent-encoded', encodeURIComponent('für 🚩 & „Ada“'), 'für 🚩 & „Ada“'],
    ['bytes of UTF-8', Buffer.from('für die Kasse').toString('latin1'), 'für die Kasse'],
    ['Latin-1', 'f\u00fcr', 'für'],
    ['a percent sign that begins nothing', 'now 100% of users', 'now 100% of users'],
    ['bytes that are no text', '%ED%A0%80', '%ED%A0%80'],
    ['two lines', 'one%0Atwo', 'one\ntwo'],
    ['markup, kept as it is', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['nothing but blanks', '   ', null],
    ['as long as is taken', 'x'.repeat(1_000), 'x'.repeat(1_000)],
  ])('has the comment of the change: %s', async (_, header, comment) => {
    const test = await startTestCenter();
    await test.api('PUT', '/flags/f', aFlag(), { 'x-change-comment': header, 'x-change-group': 'sale-1' });
    expect((await auditOf(test))[0]).toMatchObject({ comment, group: 'sale-1' });
  });

  it.each<[string, Record<string, string>]>([
    ['a comment that is too long', { 'x-change-comment': 'x'.repeat(1_001) }],
    ['a comment with a bell in it', { 'x-change-comment': 'a%07b' }],
    ['a comment that would end the line of an export', { 'x-change-comment': 'a%0Db' }],
    ['a group with a blank', { 'x-change-group': 'a b' }],
    ['a group that is too long', { 'x-change-group': 'x'.repeat(65) }],
    ['an empty group', { 'x-change-group': '' }],
  ])('is not written with %s: nothing is changed', async (_, headers) => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const answers = [
      await test.api('POST', '/flags/f/toggle', undefined, headers),
      await test.api('PUT', '/flags/g', aFlag(), headers),
      await test.api('POST', '/secrets', { kind: 'server' }, headers),
      await test.api('DELETE', '/insights', undefined, headers),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [400, 'invalid-request']));
    expect((await test.api('GET', '/flags/f')).body.isEnabled).toBe(true);
    expect(await auditOf(test)).toHaveLength(1);
  });
});

describe('the audit log', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('has no way to %s', async (method) => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const before = await exportOf(test);
    for (const path of [
      '/audit',
      '/audit/1',
      '/audit/export',
      '/environments/dev/audit',
      '/environments/dev/audit/1',
    ]) {
      const { status } = await test.call(method, `/api/v1${path}`, { headers: bearer(test) });
      expect(status, path).toBe(405);
    }
    for (const path of ['/flags/f/history', `/flags/f/history/${JSON.parse(before.split('\n')[0] ?? '').version}`]) {
      expect((await test.api(method, path)).status, path).toBe(405);
    }
    expect(await exportOf(test)).toBe(before);
  });

  it('holds no secret and no token, whatever was done', async () => {
    const test = await startTestCenter({
      environments: [{ key: 'dev', serverSecret: newSecret('00000000-0000-4000-8000-000000000001') }],
    });
    const headers = bearer(test);
    const own = newSecret('00000000-0000-4000-8000-000000000002');
    const made = [
      (await test.api('POST', '/secrets', { kind: 'server', name: 'a' })).body.secret,
      (await test.api('POST', '/secrets', { kind: 'client', secret: own })).body.secret,
    ];
    const { body: prod } = await test.call('POST', '/api/v1/environments', { headers, body: '{"key":"prod"}' });
    for (const { id } of (await test.api('GET', '/secrets')).body.items) await test.api('DELETE', `/secrets/${id}`);
    const { body } = await test.api('GET', '/secrets');
    for (const { id } of body.items) made.push((await test.api('GET', `/secrets/${id}`)).body.secret);
    await test.api('PUT', '', { name: 'Renamed' });
    const log = await exportOf(test);
    const { serverSecret, clientSecret } = test.environment;
    const secrets = [
      ...made,
      own,
      serverSecret,
      clientSecret,
      prod.serverSecret,
      prod.clientSecret,
      test.center.adminToken,
    ];
    expect(secrets).toHaveLength(10);
    for (const secret of secrets) expect(log).not.toContain(secret);
    expect(log.split('\n').length).toBeGreaterThan(6);
  });

  it.each([
    ['limit=0'],
    ['limit=1001'],
    ['limit=-1'],
    ['limit=1e2'],
    ['after=0'],
    ['after=x'],
    ['after=1;DROP%20TABLE%20audit'],
    ['from=yesterday'],
    ['to=2026-13-01'],
    ['from=1764322200000'],
  ])('is not read with %s', async (query) => {
    const { status, body } = await shared().call('GET', `/api/v1/audit?${query}`, { headers: bearer(shared()) });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
  });

  it.each(['0', '-1', '1.5', '1e3', 'x', '99999999999999999999', '%00', '1%20OR%201=1'])(
    'has no entry %s',
    async (entry) => {
      for (const path of [`/audit/${entry}`, `/environments/dev/audit/${entry}`]) {
        const { status } = await shared().call('GET', `/api/v1${path}`, { headers: bearer(shared()) });
        expect(status, path).toBe(404);
      }
    },
  );

  const shared = sharedCenter();

  it('is found by who, what, where and when, page by page', async () => {
    const clock = new FakeClock();
    const test = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] }, { clock });
    const start = clock.time;
    for (const key of ['a', 'b', 'c']) {
      clock.time += 1_000;
      await put(test.api, `/flags/${key}`, aFlag());
    }
    await test.call('PUT', '/api/v1/environments/prod/flags/a', {
      headers: bearer(test),
      body: JSON.stringify(aFlag()),
    });
    const iso = (time: number) => encodeURIComponent(new Date(time).toISOString());
    const keys = async (query: string) =>
      (await auditOf(test, query)).map(({ subject }) => `${subject.environment} ${subject.key}`);
    expect(await keys('kind=flag&key=a')).toEqual(['prod a', 'dev a']);
    expect(await keys('environment=dev&kind=flag')).toEqual(['dev c', 'dev b', 'dev a']);
    expect(await keys(`actor=settings-token&from=${iso(start + 2_000)}&to=${iso(start + 3_000)}`)).toEqual(['dev b']);
    expect(await keys('action=delete')).toEqual([]);
    expect(await keys(`actor=${encodeURIComponent(SETTINGS.name)}&key=b`)).toEqual(['dev b']);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const after: string = next === '' ? '' : `&after=${next}`;
      const { body } = await test.call('GET', `/api/v1/audit?limit=2&kind=flag${after}`, { headers: bearer(test) });
      seen.push(...body.items.map(({ subject }: { subject: { key: string } }) => subject.key));
      next = body.next;
    }
    expect(seen).toEqual(['a', 'c', 'b', 'a']);
  });

  it('of an environment shows nothing of another one, nor of the whole center', async () => {
    const test = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });
    await put(test.api, '/flags/f', aFlag());
    const [entry] = await auditOf(test, 'environment=dev&kind=flag');
    const inside = async (environment: string, path = '') =>
      test.call('GET', `/api/v1/environments/${environment}/audit${path}`, { headers: bearer(test) });
    expect((await inside('dev')).body.items[0]).toEqual(entry);
    expect((await inside('prod', '?kind=flag')).body.items).toEqual([]);
    expect((await inside('dev', `/${entry?.id}`)).status).toBe(200);
    expect((await inside('prod', `/${entry?.id}`)).status).toBe(404);
    // The environment is that of the address, whatever the query says.
    const { status, body } = await fetch(`${test.center.url}/api/v1/environments/prod/audit?environment=dev`, {
      headers: bearer(test),
    }).then(async (response) => ({ status: response.status, body: (await response.json()) as { items: unknown[] } }));
    expect([status, body.items.filter((item) => JSON.stringify(item).includes('"dev"'))]).toEqual([200, []]);
  });

  it('keeps the names of what is gone', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/gone', aFlag({ name: 'The old one' }));
    await test.api('POST', '/flags/gone/archive');
    await test.api('DELETE', '/flags/gone');
    expect(await newestOf(test)).toMatchObject({ action: 'delete', before: { name: 'The old one' }, after: null });
    expect((await test.api('GET', '/flags/gone/history')).body.items).toHaveLength(3);
  });
});

/** A reader of an export who takes nothing of it once it has begun. */
async function lazyExport(test: TestCenter): Promise<Socket> {
  const { port, hostname } = new URL(test.center.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.write(`GET /api/v1/audit/export HTTP/1.1\r\nhost: x\r\nauthorization: ${bearer(test).authorization}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

describe('an export', () => {
  it('is a line of JSON for each entry, the newest first, with what was before and after', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag({ name: 'two\nlines\u2028' }));
    await test.api('POST', '/flags/f/toggle', undefined, { 'x-change-comment': 'a%0Ab' });
    const response = await test.call('GET', '/api/v1/audit/export?kind=flag', { headers: bearer(test) });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toContain('audit.ndjson');
    const lines = response.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ action, comment }) => [action, comment])).toEqual([
      ['switch-off', 'a\nb'],
      ['create', null],
    ]);
    expect(lines[0].before).toEqual(lines[1].after);
    expect(lines[1]).toMatchObject({ before: null, after: { key: 'f', name: 'two\nlines\u2028' } });
  });

  it('of more entries than are read at a time has each once, and none of those that come meanwhile', async () => {
    const test = await startTestCenter();
    for (let count = 0; count < 205; count++) await test.api('DELETE', '/insights');
    const lines = (await exportOf(test, 'kind=insights')).trimEnd().split('\n');
    const ids = lines.map((line) => JSON.parse(line).id);
    expect(ids).toHaveLength(205);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(205);
  });

  it('is made as fast as it is taken, and ends with its reader', async () => {
    const real = await aStorage();
    let reads = 0;
    const get = (id: number) => {
      reads += 1;
      return real.audit.get(id);
    };
    const test = await startTestCenter({}, { storage: replacing(real, { audit: { ...real.audit, get } }) });
    const included = Array.from({ length: 20_000 }, (_, index) => `user-${index}-${'x'.repeat(80)}`);
    for (let count = 0; count < 8; count++) {
      await put(test.api, '/segments/s', aSegment({ included, description: `${count}` }));
    }
    const lazy = await lazyExport(test);
    // Others are answered meanwhile, and what is not taken is not made.
    for (let count = 0; count < 10; count++) await auditOf(test);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(7);
    lazy.destroy();
    const whole = await exportOf(test, 'kind=segment');
    expect(whole.trimEnd().split('\n')).toHaveLength(8);
    expect(whole.length).toBeGreaterThan(15 * 1024 * 1024);
  });

  it('waits while as many are under way as there is room for: who takes nothing gives way', async () => {
    const test = await startTestCenter();
    const included = Array.from({ length: 20_000 }, (_, index) => `user-${index}-${'x'.repeat(80)}`);
    for (let count = 0; count < 6; count++) {
      await put(test.api, '/segments/s', aSegment({ included, description: `${count}` }));
    }
    const readers = await Promise.all([lazyExport(test), lazyExport(test)]);
    // What they have not taken, and the kernel does not hold for them, is not sent any more.
    const cut = readers.map((reader) => new Promise((resolve) => reader.on('error', () => {}).once('close', resolve)));
    expect((await exportOf(test, 'kind=flag')).trimEnd()).toBe('');
    for (const reader of readers) reader.resume();
    await Promise.race(cut);
  });
});

describe('the history of a document', () => {
  it.each([
    [
      'flag',
      '/flags/x',
      aFlag({ name: 'one' }),
      aFlag({ name: 'two', rules: [aRule({ property: 'a', op: 'IsTrue' })] }),
    ],
    ['segment', '/segments/x', aSegment({ name: 'one' }), aSegment({ name: 'two', included: [] })],
  ])('has each version of a %s, which can be put back', async (kind, path, one, two) => {
    const test = await startTestCenter();
    const first = (await test.api('PUT', path, one)).body;
    const second = (await test.api('PUT', path, two, { 'x-change-comment': 'why' })).body;
    const { body: history } = await test.api('GET', `${path}/history`);
    const versions = [first, second].map(({ updatedAt }) => Date.parse(updatedAt));
    expect(history.next).toBeNull();
    expect(history.items).toMatchObject([
      { action: 'update', comment: 'why', beforeVersion: versions[0], version: versions[1], subject: { kind } },
      { action: 'create', comment: null, beforeVersion: null, version: versions[0] },
    ]);
    const old = await test.api('GET', `${path}/history/${versions[0]}`);
    expect([old.body, old.headers.get('etag')]).toEqual([first, `"${versions[0]}"`]);

    const back = await test.api('POST', `${path}/history/${versions[0]}/put-back`, undefined, {
      'if-match': `"${versions[1]}"`,
      'x-change-comment': 'It broke the checkout',
    });
    expect(back.status).toBe(200);
    expect({ ...back.body, updatedAt: '' }).toEqual({ ...first, updatedAt: '' });
    expect(Date.parse(back.body.updatedAt)).toBeGreaterThan(versions[1] ?? 0);
    expect(await newestOf(test)).toMatchObject({
      action: 'put-back',
      source: `version ${versions[0]}`,
      comment: 'It broke the checkout',
      before: second,
      after: back.body,
    });
  });

  it('says who was quicker to whoever comes second', async () => {
    const test = await startTestCenter();
    const first = (await test.api('PUT', '/flags/f', aFlag())).headers.get('etag') ?? '';
    const second = await test.api('PUT', '/flags/f', aFlag({ name: 'theirs' }));
    const version = Date.parse(second.body.updatedAt);
    const current = { version, changedAt: second.body.updatedAt, changedBy: SETTINGS };
    for (const [method, path, body] of [
      ['PUT', '/flags/f', aFlag({ name: 'mine' })],
      ['POST', '/flags/f/toggle', undefined],
      ['POST', '/flags/f/archive', undefined],
      ['DELETE', '/flags/f', undefined],
      ['POST', `/flags/f/history/${version}/put-back`, undefined],
    ] as const) {
      const refused = await test.api(method, path, body, { 'if-match': first });
      expect(refused, `${method} ${path}`).toMatchObject({ status: 412, body: { code: 'version-mismatch', current } });
    }
  });

  it('puts nothing back that could not be evaluated by now', async () => {
    const test = await startTestCenter();
    await put(test.api, '/segments/vip', aSegment());
    const asking = aFlag({ rules: [aRule({ property: 'User is in segment', op: null, value: '["vip"]' })] });
    const { updatedAt } = (await test.api('PUT', '/flags/f', asking)).body;
    await put(test.api, '/flags/f', aFlag());
    await test.api('POST', '/segments/vip/archive');
    const refused = await test.api('POST', `/flags/f/history/${Date.parse(updatedAt)}/put-back`);
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'invalid-document', faults: [{ code: 'archived-segment' }] },
    });
  });

  it('brings a deleted document back', async () => {
    const test = await startTestCenter();
    const made = (await test.api('PUT', '/flags/f', aFlag())).body;
    await test.api('POST', '/flags/f/archive');
    await test.api('DELETE', '/flags/f');
    const back = await test.api('POST', `/flags/f/history/${Date.parse(made.updatedAt)}/put-back`);
    expect(back).toMatchObject({ status: 201, body: { key: 'f', isArchived: false } });
  });

  it.each(['0', 'x', '1.5', '99999999999999999999', '-1'])('has no version %s', async (version) => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    expect((await test.api('GET', `/flags/f/history/${version}`)).status).toBe(404);
    expect((await test.api('POST', `/flags/f/history/${version}/put-back`)).status).toBe(404);
  });

  it('is that of one document: not of a flag of another environment, nor of a segment of the same key', async () => {
    const test = await startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });
    const { updatedAt } = (await test.api('PUT', '/flags/x', aFlag())).body;
    const version = Date.parse(updatedAt);
    const prod = (path: string) => test.call('GET', `/api/v1/environments/prod${path}`, { headers: bearer(test) });
    expect((await prod('/flags/x/history')).body.items).toEqual([]);
    expect((await prod(`/flags/x/history/${version}`)).status).toBe(404);
    expect((await test.api('GET', '/segments/x/history')).body.items).toEqual([]);
    expect((await test.api('GET', `/segments/x/history/${version}`)).status).toBe(404);
  });

  it('has keys of any characters', async () => {
    const test = await startTestCenter();
    const key = "a/b?c#d%' OR 1=1 --";
    await put(test.api, `/flags/${encodeURIComponent(key)}`, aFlag());
    const { body } = await test.api('GET', `/flags/${encodeURIComponent(key)}/history`);
    expect(body.items.map(({ subject }: { subject: { key: string } }) => subject.key)).toEqual([key]);
  });
});

describe('a rollout that is put back', () => {
  it('is what it was, to the last digit', async () => {
    const test = await startTestCenter();
    const fallthrough = {
      variations: [
        { id: 'on', rollout: [0, 0.1 + 0.2] },
        { id: 'off', rollout: [0.1 + 0.2, 1] },
      ],
    };
    const first = (await test.api('PUT', '/flags/f', aFlag({ fallthrough }))).body;
    await put(test.api, '/flags/f', aFlag({ fallthrough: { variations: everybody('on') } }));
    const back = await test.api('POST', `/flags/f/history/${Date.parse(first.updatedAt)}/put-back`);
    expect(back.body.fallthrough).toEqual(first.fallthrough);
  });
});

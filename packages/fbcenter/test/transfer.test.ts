import { describe, expect, it } from 'vitest';
import { auditOf, exportOf } from './support/audit.js';
import { aFlag, aRule, aSegment, everybody } from './support/documents.js';
import { syncedClient } from './support/stream-client.js';
import { put, startTestCenter, type TestCenter } from './support/test-center.js';

const ruleAsking = (...ids: string[]) => ({
  id: 'r',
  ...aRule({ property: 'User is in segment', op: null, value: JSON.stringify(ids) }),
});
const asking = (...ids: string[]) => aFlag({ rules: [ruleAsking(...ids)] });
const FILE = { format: 'fbcenter-environment', formatVersion: 1 };

/** Calls the management API of another environment. */
const inside =
  (test: TestCenter, environment: string): TestCenter['api'] =>
  (method, path, body, headers) =>
    test.call(method, `/api/v1/environments/${environment}${path}`, {
      headers: { authorization: `Bearer ${test.center.adminToken}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

const twoEnvironments = () => startTestCenter({ environments: [{ key: 'dev' }, { key: 'prod' }] });

const outcomes = ({ items }: { items: readonly { kind: string; key: string; outcome: string }[] }) =>
  items.map(({ kind, key, outcome }) => `${kind} ${key} ${outcome}`);

/** Everything of an environment, as it is exported, without the time. */
async function contentOf(api: TestCenter['api']): Promise<unknown> {
  const { exportedAt, environment, ...content } = (await api('GET', '/export')).body;
  return content;
}

describe('an export', () => {
  it('has every flag and segment by key, archived ones too, without what belongs to this center alone', async () => {
    const test = await startTestCenter();
    await put(test.api, '/segments/vip', aSegment());
    await put(test.api, '/flags/b', { ...asking('vip'), tags: ['x'], ours: { kept: true } });
    await put(test.api, '/flags/a', aFlag());
    await test.api('POST', '/flags/a/archive');
    const { body, text, headers } = await test.api('GET', '/export');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''dev.flags.json");
    expect(body).toMatchObject({ ...FILE, environment: { key: 'dev', name: 'dev' } });
    expect(body.flags.map(({ key, isArchived }: { key: string; isArchived: boolean }) => [key, isArchived])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(body.segments.map(({ id }: { id: string }) => id)).toEqual(['vip']);
    expect(body.flags[1]).toMatchObject({ tags: ['x'], ours: { kept: true } });
    for (const name of ['envId', 'updatedAt', 'createdAt', 'updatorId', 'creatorId']) expect(text).not.toContain(name);
    const { serverSecret, clientSecret, id } = test.environment;
    for (const own of [serverSecret, clientSecret, id, test.center.adminToken]) expect(text).not.toContain(own);
  });

  it('of an environment with a name of any characters is a file with a name', async () => {
    const key = `a"b'/ü\u{1f6a9}(1)*`;
    const test = await startTestCenter({ environments: [{ key }] });
    const { status, headers } = await test.api('GET', '/export');
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''[\w%.-]+$/);
  });

  it('of nothing can be imported', async () => {
    const { api } = await startTestCenter();
    const { text, body } = await api('GET', '/export');
    expect(JSON.parse(text)).toMatchObject({ flags: [], segments: [] });
    expect((await api('POST', '/import', body)).body.counts).toEqual({ created: 0, changed: 0, same: 0, faulty: 0 });
  });
});

describe('an import', () => {
  it('makes another environment the same, and says so the second time', async () => {
    const test = await twoEnvironments();
    const prod = inside(test, 'prod');
    await put(test.api, '/segments/vip', aSegment());
    await put(test.api, '/segments/old', aSegment({ isArchived: true }));
    await put(test.api, '/flags/f', asking('vip'));
    await put(test.api, '/flags/gone', aFlag({ isArchived: true }));
    const file = (await test.api('GET', '/export')).body;
    const first = (await prod('POST', '/import', file)).body;
    expect(outcomes(first)).toEqual([
      'segment old created',
      'segment vip created',
      'flag f created',
      'flag gone created',
    ]);
    expect(await contentOf(prod)).toEqual(await contentOf(test.api));
    const versions = (await prod('GET', '/flags?limit=9')).text;
    const second = (await prod('POST', '/import', file)).body;
    expect(second.counts).toEqual({ created: 0, changed: 0, same: 4, faulty: 0 });
    expect((await prod('GET', '/flags?limit=9')).text).toBe(versions);
  });

  it('does nothing as a dry run, but says of each item what it would do', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/same', aFlag());
    await put(test.api, '/flags/other', aFlag());
    const flags = [
      { key: 'same', ...aFlag() },
      { key: 'other', ...aFlag({ name: 'x', isEnabled: false }) },
      { key: 'new', ...aFlag() },
      { key: 'bad', ...aFlag({ disabledVariationId: 'nope' }) },
      { key: 'lost', ...asking('nope') },
      { key: 'new', ...aFlag() },
      5,
    ];
    const before = [await exportOf(test), await contentOf(test.api)];
    const { status, body } = await test.api('POST', '/import?dryRun=true', { ...FILE, flags });
    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: true, group: null, counts: { created: 1, changed: 1, same: 1, faulty: 4 } });
    expect(outcomes(body)).toEqual([
      'flag same same',
      'flag other changed',
      'flag new created',
      'flag bad faulty',
      'flag lost faulty',
      'flag new faulty',
      'flag  faulty',
    ]);
    expect(body.items[1].fields).toEqual(['isEnabled', 'name']);
    const faults = body.items.flatMap((item: { faults: { code: string; path: string }[] }) =>
      item.faults.map(({ code, path }) => `${code} ${path}`),
    );
    expect(faults).toEqual([
      'unknown-variation flags[3].disabledVariationId',
      'unknown-segment flags[4].rules[0].conditions[0].value',
      'duplicate-id flags[5].key',
      'wrong-type flags[6]',
    ]);
    expect([await exportOf(test), await contentOf(test.api)]).toEqual(before);
  });

  it('with one fault changes nothing, and has every fault with its place', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const before = [await exportOf(test), await contentOf(test.api)];
    const flags = [
      { key: 'f', ...aFlag({ name: 'x' }) },
      { key: 'g', ...aFlag({ variations: [] }) },
    ];
    const refused = await test.api('POST', '/import', { ...FILE, segments: [{ id: ' s' }], flags });
    expect(refused.status).toBe(400);
    expect(refused.body.code).toBe('invalid-document');
    const paths = refused.body.faults.map(({ path }: { path: string }) => path.split('.')[0]);
    expect([...new Set(paths)]).toEqual(['segments[0]', 'flags[1]']);
    expect([await exportOf(test), await contentOf(test.api)]).toEqual(before);
  });

  it('is one act: one group, a comment, an entry for each change and one for all', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const flags = [
      { key: 'f', ...aFlag({ name: 'x' }) },
      { key: 'g', ...aFlag() },
    ];
    const { body } = await test.api(
      'POST',
      '/import',
      { ...FILE, segments: [{ id: 's' }], flags },
      { 'x-change-comment': 'Back from the backup' },
    );
    const entries = await auditOf(test, `group=${body.group}`);
    expect(entries.map(({ action, subject }) => `${action} ${subject.kind} ${subject.key}`)).toEqual([
      'import environment dev',
      'import flag g',
      'import flag f',
      'import segment s',
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ comment: 'Back from the backup', source: 'file' });
    const versions = body.items.map(({ version }: { version: number }) => version);
    expect([...entries].reverse().map(({ version }) => version)).toEqual([...versions, null]);
    // Who is behind it can undo each of them.
    const undone = await test.api('POST', `/flags/f/history/${entries[2]?.beforeVersion}/put-back`);
    expect(undone.body.name).toBe('f');
  });

  it('reaches SDKs as changes, and leaves alone what is not in the file', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/other', aFlag());
    const { client } = await syncedClient(test);
    await test.api('POST', '/import', { ...FILE, flags: [{ key: 'f', ...aFlag() }] });
    expect((await client.next()).data.featureFlags).toMatchObject([{ key: 'f' }]);
    expect((await test.api('GET', '/flags/other')).status).toBe(200);
  });

  it.each<[string, object | undefined, boolean]>([
    ['takes the switch over', undefined, false],
    ['leaves the switch as it is, if asked to', { withSwitch: false }, true],
  ])('%s', async (_, query, isEnabled) => {
    const { api } = await startTestCenter();
    await put(api, '/flags/f', aFlag());
    const flags = ['f', 'new'].map((key) => ({ key, ...aFlag({ isEnabled: key === 'new', name: 'x' }) }));
    await api('POST', `/import${query ? '?withSwitch=false' : ''}`, { ...FILE, flags });
    expect((await api('GET', '/flags/f')).body).toMatchObject({ name: 'x', isEnabled });
    expect((await api('GET', '/flags/new')).body.isEnabled).toBe(!query);
  });

  it('archives a segment only when no flag is left that asks about it', async () => {
    const { api } = await startTestCenter();
    await put(api, '/segments/s', aSegment());
    await put(api, '/flags/f', asking('s'));
    const segments = [{ id: 's', isArchived: true }];
    const refused = await api('POST', '/import', { ...FILE, segments });
    expect(refused.body.faults).toMatchObject([{ code: 'archived-segment', path: 'segments[0].isArchived' }]);
    const both = await api('POST', '/import', { ...FILE, segments, flags: [{ key: 'f', ...aFlag() }] });
    expect(both.body.counts).toMatchObject({ changed: 2 });
    const asks = await api('POST', '/import', { ...FILE, segments, flags: [{ key: 'f', ...asking('s') }] });
    expect(asks.body.faults).toMatchObject([
      { code: 'archived-segment', path: 'flags[0].rules[0].conditions[0].value' },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'format'],
    ['a list', [], 'format'],
    ['a flag', aFlag(), 'format'],
    ['another format', { ...FILE, format: 'x' }, 'format'],
    ['a file of the future', { ...FILE, formatVersion: 2 }, 'formatVersion'],
    ['flags that are no list', { ...FILE, flags: {} }, 'flags'],
    ['segments that are no list', { ...FILE, segments: 'x' }, 'segments'],
  ])('is not made of %s', async (_, body, word) => {
    const { api } = await startTestCenter();
    const refused = await api('POST', '/import', body);
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', message: expect.stringContaining(word) },
    });
  });

  it('gives a flag no other id, and no other environment than the one it goes to', async () => {
    const { api, environment } = await startTestCenter();
    const made = (await api('PUT', '/flags/f', aFlag())).body;
    const flag = { key: 'f', ...aFlag({ name: 'x' }), id: 'theirs', envId: 'theirs', createdAt: 'x', creatorId: 'x' };
    await api('POST', '/import', { ...FILE, flags: [flag] });
    const { body } = await api('GET', '/flags/f');
    expect(body).toMatchObject({
      id: made.id,
      envId: environment.id,
      createdAt: made.createdAt,
      creatorId: made.creatorId,
    });
  });
});

describe('what was looked at', () => {
  it('is what is done, or nothing is', async () => {
    const { api } = await startTestCenter();
    await put(api, '/flags/f', aFlag());
    const file = { ...FILE, flags: [{ key: 'f', ...aFlag({ name: 'x' }) }] };
    const { plan } = (await api('POST', '/import?dryRun=true', file)).body;
    await api('POST', '/flags/f/toggle');
    const refused = await api('POST', `/import?plan=${plan}`, file);
    expect(refused).toMatchObject({ status: 412, body: { code: 'version-mismatch' } });
    expect((await api('GET', '/flags/f')).body.name).toBe('f');
    const again = (await api('POST', '/import?dryRun=true', file)).body.plan;
    expect(again).not.toBe(plan);
    // What has nothing to do with it is no reason to look again.
    await put(api, '/flags/other', aFlag());
    expect((await api('POST', `/import?plan=${again}`, file)).status).toBe(200);
    expect((await api('GET', '/flags/f')).body.name).toBe('x');
  });

  it('is not the same with another file, or another switch', async () => {
    const { api } = await startTestCenter();
    await put(api, '/flags/f', aFlag({ isEnabled: false }));
    const planOf = async (overrides: Record<string, unknown>, query = '') =>
      (await api('POST', `/import?dryRun=true${query}`, { ...FILE, flags: [{ key: 'f', ...aFlag(overrides) }] })).body
        .plan;
    const plans = [
      await planOf({}),
      await planOf({}, '&withSwitch=false'),
      await planOf({ name: 'x' }),
      await planOf({}),
    ];
    expect(new Set(plans).size).toBe(3);
    expect(plans[3]).toBe(plans[0]);
  });
});

describe('a promotion', () => {
  const promote = (test: TestCenter, body: object, query = '') =>
    inside(test, 'prod')('POST', `/promote${query}`, { from: 'dev', ...body });

  it('puts chosen flags into another environment with the segments that they ask about, and no others', async () => {
    const test = await twoEnvironments();
    const prod = inside(test, 'prod');
    for (const id of ['vip', 'staff', 'other']) await put(test.api, `/segments/${id}`, aSegment());
    await put(test.api, '/flags/f', asking('vip', 'staff'));
    await put(test.api, '/flags/g', asking('other'));
    const { body } = await promote(test, { flags: ['f', 'f'] });
    expect(outcomes(body)).toEqual(['segment vip created', 'segment staff created', 'flag f created']);
    const got = (await prod('GET', '/flags/f')).body;
    expect(got).toMatchObject({ rules: [ruleAsking('vip', 'staff')], isEnabled: false });
    expect((await prod('GET', '/flags/g')).status).toBe(404);
    const [head, ...entries] = await auditOf(test, `group=${body.group}`);
    expect(head).toMatchObject({
      action: 'promote',
      subject: { kind: 'environment', key: 'prod' },
      source: 'environment dev',
    });
    expect(entries).toHaveLength(3);
  });

  it('leaves the switch as it is there, unless it is asked to take it over', async () => {
    const test = await twoEnvironments();
    const prod = inside(test, 'prod');
    await put(test.api, '/flags/f', aFlag({ name: 'x' }));
    await put(prod, '/flags/f', aFlag({ isEnabled: false }));
    expect((await promote(test, { flags: ['f'] })).body.items[0].fields).toEqual(['name']);
    expect((await prod('GET', '/flags/f')).body).toMatchObject({ name: 'x', isEnabled: false });
    await promote(test, { flags: ['f'], withSwitch: true });
    expect((await prod('GET', '/flags/f')).body.isEnabled).toBe(true);
  });

  it('without the segments is refused as a whole when one of them is missing', async () => {
    const test = await twoEnvironments();
    await put(test.api, '/segments/vip', aSegment());
    await put(test.api, '/flags/a', aFlag());
    await put(test.api, '/flags/f', asking('vip'));
    const refused = await promote(test, { flags: ['a', 'f'], withSegments: false });
    expect(refused).toMatchObject({ status: 400, body: { faults: [{ code: 'unknown-segment' }] } });
    expect((await inside(test, 'prod')('GET', '/flags/a')).status).toBe(404);
  });

  it('that was looked at is refused when either side has changed since', async () => {
    const test = await twoEnvironments();
    await put(test.api, '/flags/f', aFlag());
    const look = async () => (await promote(test, { flags: ['f'] }, '?dryRun=true')).body.plan;
    const first = await look();
    await put(test.api, '/flags/f', aFlag({ fallthrough: { variations: everybody('off') } }));
    expect((await promote(test, { flags: ['f'] }, `?plan=${first}`)).status).toBe(412);
    const second = await look();
    await put(inside(test, 'prod'), '/flags/f', aFlag());
    expect((await promote(test, { flags: ['f'] }, `?plan=${second}`)).status).toBe(412);
    expect((await promote(test, { flags: ['f'] }, `?plan=${await look()}`)).status).toBe(200);
  });

  it.each<[string, object, number, string]>([
    ['from nowhere', { from: 'nope', flags: ['f'] }, 404, 'environment-not-found'],
    ['from where it goes', { from: 'prod', flags: ['f'] }, 400, 'invalid-request'],
    ['of no flag', { flags: [] }, 400, 'invalid-request'],
    ['of a flag that is not there', { flags: ['nope'] }, 404, 'not-found'],
    ['of what are no keys', { flags: [5] }, 400, 'invalid-request'],
    ['of everything', { flags: '*' }, 400, 'invalid-request'],
    ['with half a switch', { flags: ['f'], withSwitch: 'yes' }, 400, 'invalid-request'],
    ['with a word that is nearly known', { flags: ['f'], withSwich: true }, 400, 'invalid-request'],
  ])('is not made %s', async (_, body, status, code) => {
    const test = await twoEnvironments();
    await put(test.api, '/flags/f', aFlag());
    expect(await promote(test, body)).toMatchObject({ status, body: { code } });
  });
});

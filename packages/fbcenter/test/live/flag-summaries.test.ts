import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FlagSummaries } from '../../src/live/flag-summaries.js';
import { summarize } from '../../src/live/summarize.js';
import { aFlag, aRule, aSegment, everybody } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';
import { put, startTestCenter } from '../support/test-center.js';

const stored = (more: Record<string, unknown> = {}) =>
  ({ key: 'f', name: 'F', tags: [], targetUsers: [], rules: [], isArchived: false, ...aFlag(), ...more }) as never;

describe('a summary', () => {
  it('says what a list shows', () => {
    const rules = [
      aRule({ property: 'country', op: 'IsOneOf', value: '["NZ","AU"]' }),
      aRule({ property: 'country', op: 'Equal', value: 'NZ' }),
      aRule({ property: 'User is in segment', op: null, value: '["staff"]' }),
      aRule({ property: 'beta', op: 'IsTrue', value: '' }),
    ];
    const targetUsers = [{ variationId: 'on', keyIds: ['a', 'b'] }];
    const summary = summarize(stored({ rules, targetUsers, description: 'D', tags: ['t'], updatorId: 'ada' }), 7);
    expect(summary).toEqual({
      key: 'f',
      name: 'F',
      description: 'D',
      tags: ['t'],
      variationType: 'boolean',
      isEnabled: true,
      isArchived: false,
      version: 7,
      updatedBy: 'ada',
      variations: [
        { id: 'on', value: 'true' },
        { id: 'off', value: 'false' },
      ],
      serving: [['on', 1]],
      disabledVariationId: 'off',
      rules: 4,
      targets: 2,
      segments: ['staff'],
      attributes: ['country', 'beta'],
      values: ['NZ', 'AU'],
    });
  });

  it.each([
    [
      'shares without the noise of fractions, and nothing of empty ones',
      {
        fallthrough: {
          variations: [
            { id: 'on', rollout: [0.1, 0.3] },
            { id: 'off', rollout: [0, 0] },
          ],
        },
      },
      { serving: [['on', 0.2]] },
    ],
    [
      'no value of JSON, and of long texts the beginning',
      { variationType: 'json', variations: [{ id: 'on', name: 'big', value: '{}' }], disabledVariationId: 'on' },
      { variations: [{ id: 'on', name: 'big' }] },
    ],
    [
      'of very many values the first',
      {
        rules: [
          aRule({
            property: 'id',
            op: 'IsOneOf',
            value: JSON.stringify(Array.from({ length: 500 }, (_, index) => `${index}`)),
          }),
        ],
      },
      { values: Array.from({ length: 40 }, (_, index) => `${index}`) },
    ],
    [
      'of a long value the beginning',
      { rules: [aRule({ property: 'id', op: 'Equal', value: 'x'.repeat(100) })] },
      { values: [`${'x'.repeat(59)}…`] },
    ],
  ])('has %s', (_, more, expected) => {
    expect(summarize(stored(more), 1)).toMatchObject(expected);
  });

  it('leaves out what is empty', () => {
    const summary = summarize(stored({ description: '', updatorId: 5 }), 1);
    expect(Object.keys(summary)).not.toContain('description');
    expect(Object.keys(summary)).not.toContain('updatedBy');
  });
});

describe('the list of summaries', () => {
  it('has every flag by key, follows each change, and is not sent again to who has it', async () => {
    const { api } = await startTestCenter();
    await put(api, '/flags/b', aFlag());
    await put(api, '/segments/s', aSegment());
    const first = await api('GET', '/flag-summaries');
    expect(first.body.items.map(({ key }: { key: string }) => key)).toEqual(['b']);
    const seen = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect(await api('GET', '/flag-summaries', undefined, seen)).toMatchObject({ status: 304, text: '' });

    await put(api, '/flags/a', aFlag({ fallthrough: { variations: everybody('off') } }));
    await api('POST', '/flags/b/toggle', { isEnabled: false });
    await api('POST', '/flags/b/archive');
    const second = await api('GET', '/flag-summaries', undefined, seen);
    expect(second.status).toBe(200);
    expect(second.body.version).toBeGreaterThan(first.body.version);
    expect(second.body.items).toMatchObject([
      { key: 'a', isEnabled: true, serving: [['off', 1]] },
      { key: 'b', isEnabled: false, isArchived: true, updatedBy: 'admin' },
    ]);
    const { headers } = await api('GET', '/flags/b');
    expect(headers.get('etag')).toBe(`"${second.body.items[1].version}"`);
  });

  it('of an empty environment is empty, and needs the access token', async () => {
    const { api, call } = await startTestCenter();
    expect((await api('GET', '/flag-summaries')).body).toEqual({ version: 0, items: [] });
    expect((await call('GET', '/api/v1/environments/dev/flag-summaries')).status).toBe(401);
  });

  it('of 3,000 flags is compressed to less than 100 KB', async () => {
    const { api, center } = await startTestCenter({
      environments: [
        {
          key: 'dev',
          flags: Array.from({ length: 3_000 }, (_, index) =>
            aFlag({ key: `area-${index % 37}-thing-${index}`, name: `Thing ${index}`, tags: [`team-${index % 5}`] }),
          ),
        },
      ],
    });
    const url = `${center.url}/api/v1/environments/dev/flag-summaries`;
    const headers = { authorization: `Bearer ${center.adminToken}` };
    const plain = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' } });
    const packed = await fetch(url, { headers: { ...headers, 'accept-encoding': 'gzip' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(100_000);
    expect(await packed.text()).toBe(await plain.text());
    expect(
      (await api('GET', '/flags?limit=1000', undefined, { 'accept-encoding': 'gzip;q=0' })).headers.get(
        'content-encoding',
      ),
    ).toBeNull();
  });
});

it('summaries of many flags are made in turns of the event loop, and hold what changes meanwhile', async () => {
  const kept = (key: string, version: number, name = key) =>
    aDocument(key, version, { name, tags: [], targetUsers: [], rules: [], ...aFlag() });
  const flags = Array.from({ length: 20 }, (_, index) => kept(`f${10 + index}`, 1 + index));
  const log = new FakeChangeLog(...flags);
  const summaries = new FlagSummaries('e', log);
  log.watch((commit) => summaries.take(commit));
  log.watchRemovals((removal) => summaries.remove(removal));
  // A turn for each flag.
  let time = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => (time += 10));
  onTestFinished(() => void vi.restoreAllMocks());
  let isOver = false;
  const making = summaries.current().finally(() => {
    isOver = true;
  });
  let turns = 0;
  for (; !isOver; turns++) {
    await setImmediate();
    if (turns === 5) {
      log.commit(kept('f29', 50, 'renamed'));
      log.commit(kept('new', 51));
      for (const flag of [flags[0], flags[18]]) if (flag !== undefined) log.remove(flag);
    }
  }
  expect(turns).toBeGreaterThan(15);
  const { items } = JSON.parse(String((await making).text));
  const names = new Map(items.map(({ key, name }: { key: string; name: string }) => [key, name]));
  expect([names.size, names.get('f29'), names.has('new'), names.has('f10'), names.has('f28')]).toEqual([
    19,
    'renamed',
    true,
    false,
    false,
  ]);
});

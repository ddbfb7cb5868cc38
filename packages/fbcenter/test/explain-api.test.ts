import fc from 'fast-check';
import { bucketOf } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { aFlag, aRule, aSegment } from './support/documents.js';
import { check } from './support/property.js';
import { put, sharedCenter, startTestCenter, type TestCenter } from './support/test-center.js';

const inSegments = (...ids: string[]) => ({ property: 'User is in segment', op: null, value: JSON.stringify(ids) });
const half = [
  { id: 'off', rollout: [0, 0.5], exptRollout: 1 },
  { id: 'on', rollout: [0.5, 1], exptRollout: 1 },
];

const SEGMENTS = [
  { id: 'staff', ...aSegment({ included: ['ada'], excluded: ['eve'] }) },
  {
    id: 'far',
    ...aSegment({ included: [], rules: [aRule({ property: 'country', op: 'IsOneOf', value: '["NZ","FJ"]' })] }),
  },
];
const FLAGS = [
  { key: 'plain', ...aFlag() },
  { key: 'off', ...aFlag({ isEnabled: false }) },
  { key: 'targets', ...aFlag({ targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }) },
  {
    key: 'rules',
    ...aFlag({
      rules: [
        aRule({ property: 'plan', op: 'Equal', value: 'pro' }, 'off'),
        { ...aRule(inSegments('far', 'staff')), variations: half },
        aRule({ property: 'age', op: 'BiggerThan', value: '18' }),
      ],
    }),
  },
  { key: 'archived', ...aFlag({ isArchived: true }) },
];
const shared = sharedCenter({ environments: [{ key: 'dev', flags: FLAGS, segments: SEGMENTS }, { key: 'other' }] });

const explain = (test: TestCenter, user: unknown, flag?: unknown) => test.api('POST', '/explain', { user, flag });

describe('POST /explain about one flag', () => {
  it('has the value, each condition with what it saw, the segments, the bucket and the interval', async () => {
    const { status, body } = await explain(shared(), { key: 'ada', country: 'FR', age: 30 }, 'rules');
    const bucket = bucketOf('rulesada');
    const served = bucket <= 0.5 ? 'off' : 'on';
    expect(status).toBe(200);
    expect(body).toEqual({
      key: 'rules',
      version: expect.any(Number),
      variationType: 'boolean',
      variationId: served,
      value: String(served === 'on'),
      reason: 'RuleMatch',
      decidedBy: 'rule',
      rule: 1,
      rules: [
        {
          verdict: 'does-not-hold',
          conditions: [
            {
              about: 'attribute',
              attribute: 'plan',
              op: 'Equal',
              obstacle: 'attribute-absent',
              verdict: 'does-not-hold',
              counted: true,
            },
          ],
        },
        {
          verdict: 'holds',
          conditions: [{ about: 'segments', whenInside: true, ids: ['far', 'staff'], verdict: 'holds', counted: true }],
        },
        { verdict: 'not-reached', conditions: [] },
      ],
      segments: [
        {
          id: 'far',
          contains: false,
          decidedBy: 'no-rule',
          rules: [
            {
              verdict: 'does-not-hold',
              conditions: [
                {
                  about: 'attribute',
                  attribute: 'country',
                  op: 'IsOneOf',
                  text: 'FR',
                  verdict: 'does-not-hold',
                  counted: true,
                },
              ],
            },
          ],
        },
        { id: 'staff', contains: true, decidedBy: 'included', rules: [] },
      ],
      rollout: {
        attribute: 'keyId',
        text: 'ada',
        bucket,
        intervals: [
          { low: 0, high: 0.5, variationId: 'off' },
          { low: 0.5, high: 1, variationId: 'on' },
        ],
        interval: served === 'off' ? 0 : 1,
      },
    });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['plain', 'nobody is divided', { decidedBy: 'fallthrough', value: 'true', rollout: { interval: 0 } }],
    ['off', 'it is off', { decidedBy: 'off', reason: 'Off', value: 'false', rollout: null }],
    ['targets', 'the user is a target', { decidedBy: 'target', reason: 'TargetMatch', value: 'false', rollout: null }],
  ])('of %s says that %s', async (flag, _name, expected) => {
    expect((await explain(shared(), { key: 'ada' }, flag)).body).toMatchObject(expected);
  });

  it('cuts a long value of the user, wherever it stands', async () => {
    const test = shared();
    const { body, text } = await explain(test, { key: 'k'.repeat(5_000), country: 'x'.repeat(30_000) }, 'rules');
    expect(body.segments[0].rules[0].conditions[0].text).toHaveLength(200);
    expect(text.length).toBeLessThan(2_000);
  });

  it('follows the flag: the version is that of the evaluated flag', async () => {
    const test = await startTestCenter();
    await put(test.api, '/flags/f', aFlag());
    const before = (await explain(test, { key: 'ada' }, 'f')).body;
    const toggled = await test.api('POST', '/flags/f/toggle');
    const after = (await explain(test, { key: 'ada' }, 'f')).body;
    expect([before.value, after.value]).toEqual(['true', 'false']);
    expect(`"${after.version}"`).toBe(toggled.headers.get('etag'));
  });

  it('says the same to the same question', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => explain(shared(), { key: 'ada' }, 'rules')));
    expect(first?.text).toBe(second?.text);
  });
});

describe('POST /explain about all flags', () => {
  it('has them by key with value and reason, without archived ones', async () => {
    const { body } = await explain(shared(), { key: 'eve' });
    expect(body.items.map(({ key, value, reason }: Record<string, unknown>) => [key, value, reason])).toEqual([
      ['off', 'false', 'Off'],
      ['plain', 'true', 'Fallthrough'],
      ['rules', 'true', 'Fallthrough'],
      ['targets', 'true', 'Fallthrough'],
    ]);
    expect(Object.keys(body.items[0]).sort()).toEqual([
      'decidedBy',
      'key',
      'reason',
      'value',
      'variationId',
      'variationType',
      'version',
    ]);
  });

  it('agrees with the evaluation for SDKs, whoever the user is', async () => {
    const test = shared();
    const attributes = fc.dictionary(
      fc.constantFrom('country', 'plan', 'age', 'name'),
      fc.constantFrom('NZ', 'pro', '19', ''),
    );
    const users = fc.record({ keyId: fc.constantFrom('ada', 'eve', 'zoe', 'u-1', 'u-2'), attributes });
    const trial = fc.asyncProperty(users, async ({ keyId, attributes: own }) => {
      const customizedProperties = Object.entries(own).map(([name, value]) => ({ name, value }));
      const { name, ...others } = own;
      const wire = { keyId, name: name ?? '', customizedProperties };
      const evaluated = await test.call('POST', '/api/public/featureflag/evaluate', {
        headers: { authorization: test.environment.serverSecret },
        body: JSON.stringify({ user: wire }),
      });
      const expected = new Map(
        evaluated.body.map(({ key, variation }: { key: string; variation: Record<string, unknown> }) => [
          key,
          [variation.id, variation.value, variation.matchReason],
        ]),
      );
      expected.delete('archived');
      const { body } = await explain(test, { ...others, ...(name === undefined ? {} : { name }), key: keyId });
      const explained = body.items.map(({ key, variationId, value, reason }: Record<string, unknown>) => [
        key,
        [variationId, value, reason],
      ]);
      expect(new Map(explained)).toEqual(expected);
      for (const item of body.items) {
        const { rules, segments, rollout, ...one } = (await explain(test, { ...own, key: keyId }, item.key)).body;
        expect(one).toEqual(item);
      }
    });
    await check(trial, 40);
  });

  it('is empty in an environment without flags', async () => {
    const test = shared();
    const { body } = await test.call('POST', '/api/v1/environments/other/explain', {
      headers: { authorization: `Bearer ${test.center.adminToken}` },
      body: '{"user":{"key":"ada"}}',
    });
    expect(body).toEqual({ items: [] });
  });
});

describe('POST /explain', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['no body', undefined, 400, /key must be a string/],
    ['no user', {}, 400, /key must be a string/],
    ['a user without a key', { user: { country: 'NZ' } }, 400, /key must be a string/],
    ['a user of a blank key', { user: { key: ' ' } }, 400, /not blank/],
    ['a user of a number', { user: { key: 5 } }, 400, /must be a string/],
    ['the user of the protocol', { user: { keyId: 'ada' } }, 400, /key \(not keyId\)/],
    ['a user that is a text', { user: 'ada' }, 400, /key must be a string/],
    ['a flag that is no text', { user: { key: 'ada' }, flag: 5 }, 400, /flag must be/],
    ['a flag that is not there', { user: { key: 'ada' }, flag: 'gone' }, 404, /no such flag/],
    ['a flag that is archived', { user: { key: 'ada' }, flag: 'archived' }, 404, /archived/],
    ['a field that is misspelt', { user: { key: 'ada' }, flags: 'plain' }, 400, /did you mean "flag"/],
    ['a user that is too large', { user: { key: 'ada', a: 'x'.repeat(70_000) } }, 413, /./],
  ])('of %s is refused', async (_name, body, status, message) => {
    const answer = await shared().api('POST', '/explain', body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toMatch(message);
  });
});

describe('users seen lately', () => {
  const report = (test: TestCenter, keyId: string) =>
    test.call('POST', '/api/public/insight/track', {
      headers: { authorization: test.environment.clientSecret },
      body: JSON.stringify([{ user: { keyId, name: 'N', customizedProperties: [{ name: 'plan', value: 'pro' }] } }]),
    });

  it('are not remembered unless that is wanted', async () => {
    const test = await startTestCenter();
    await report(test, 'ada');
    expect((await test.api('GET', '/latest-users')).body).toEqual({ remembered: false, items: [] });
  });

  it('are offered as they can be explained, and forgotten with the insights', async () => {
    const test = await startTestCenter({ rememberUsers: true });
    await report(test, 'ada');
    const user = { key: 'ada', name: 'N', plan: 'pro' };
    const { body } = await test.api('GET', '/latest-users');
    expect(body).toEqual({ remembered: true, items: [{ seenAt: expect.any(String), user }] });
    expect((await explain(test, body.items[0].user)).status).toBe(200);
    await test.api('DELETE', '/insights');
    expect((await test.api('GET', '/latest-users')).body.items).toEqual([]);
  });
});

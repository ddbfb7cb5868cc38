import { FBClient, type Options } from 'fbclient';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { aFlag, aRule, everybody } from './support/documents.js';
import { startTestCenter, type TestCenter } from './support/test-center.js';

// Our own SDK: each half of the protocol reads what the other half writes.

const FLAGS = [
  {
    key: 'release',
    ...aFlag({
      rules: [aRule({ property: 'User is in segment', op: null, value: '["vip"]' })],
      fallthrough: { variations: everybody('off') },
    }),
  },
  { key: 'old', ...aFlag({ isArchived: true }) },
];
const SEGMENTS = [{ id: 'vip', rules: [{ conditions: [{ property: 'plan', op: 'Equal', value: 'gold' }] }] }];
const environments = [{ key: 'dev', flags: FLAGS, segments: SEGMENTS }];
const gold = { key: 'u1', name: 'U1', plan: 'gold' };
const other = { key: 'u2', name: 'U2' };

function connect({ center, environment }: TestCenter, options: Partial<Options> = {}): FBClient {
  const { url } = center;
  const client = new FBClient({
    envSecret: environment.serverSecret,
    streamingUrl: url,
    eventUrl: url,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

describe('fbclient', () => {
  it('gets everything, evaluates as the center does, and its events are counted', async () => {
    const test = await startTestCenter({ environments });
    const client = connect(test);
    expect(await client.waitForInitialization()).toBe('ready');
    for (const user of [gold, other]) {
      const wire = {
        keyId: user.key,
        customizedProperties: [{ name: 'plan', value: 'plan' in user ? user.plan : '' }],
      };
      const { body } = await test.call('POST', '/api/public/featureflag/evaluate', {
        headers: { authorization: test.environment.serverSecret },
        body: JSON.stringify({ user: wire, filter: { keys: ['release'] } }),
      });
      const { value, reason } = client.variationDetail('release', user, false);
      const { value: expected, matchReason } = body[0].variation;
      expect(String(value)).toBe(expected);
      expect(matchReason).toBe(reason === 'RuleMatch' ? '' : 'default');
    }
    expect(client.variation('old', gold, 'default')).toBe('default');
    client.trackMetric(gold, 'bought', 2.5);
    expect(await client.flushAndWait()).toBe(true);
    expect((await test.api('GET', '/insights')).body).toMatchObject({
      flags: [{ key: 'release', count: 2 }],
      metrics: [{ eventName: 'bought', count: 1, sum: 2.5 }],
      rejected: 0,
    });
  });

  it('gets a change of a flag and of a segment, at once, without asking', async () => {
    const test = await startTestCenter({ environments });
    const client = connect(test);
    await client.waitForInitialization();
    expect(client.variation('release', gold, false)).toBe(true);
    await test.api('PUT', '/segments/vip', { included: ['u2'] });
    await vi.waitFor(() => expect(client.variation('release', other, false)).toBe(true));
    expect(client.variation('release', gold, true)).toBe(false);
    await test.api('POST', '/flags/release/toggle');
    await vi.waitFor(() => expect(client.variationDetail('release', other, true).value).toBe(false));
  });

  it('with a secret that the center does not know gives up', async () => {
    const test = await startTestCenter();
    const client = connect(test, { envSecret: newSecret('11111111-1111-4111-8111-111111111111') });
    expect(await client.waitForInitialization()).not.toBe('ready');
    await vi.waitFor(() => expect(client.status).toBe('Closed'));
  });
});

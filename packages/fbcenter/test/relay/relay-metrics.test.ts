import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveRelayOptions } from '../../src/relay/relay-options.js';
import { startRelayWith } from '../../src/relay.js';
import { aFlag } from '../support/documents.js';
import { sampleOf, samplesOf } from '../support/metrics.js';
import { StreamClient } from '../support/stream-client.js';
import { put, startTestCenter, type TestCenter } from '../support/test-center.js';

const TOKEN = 'the-token-of-prometheus';
const DEV = { environment: 'dev' };

async function aRelay(options: { metricsPort?: number; metricsToken?: string }) {
  const center = await startTestCenter();
  const { serverSecret } = center.environment;
  const environments = [{ key: 'dev', serverSecret }];
  const upstream = center.center.url;
  const resolved = resolveRelayOptions({ upstream, port: 0, environments, startWait: 30_000, ...options });
  const relay = await startRelayWith(resolved, {});
  onTestFinished(() => relay.close());
  return { center, relay };
}

describe('the metrics of a relay', () => {
  it('say what a center says, and how old its data is and what waits for upstream', async () => {
    const { center, relay } = await aRelay({ metricsPort: 0 });
    const text = async () => (await fetch(relay.metricsUrl ?? '')).text();
    const client = new StreamClient({ center: relay, environment: center.environment } as unknown as TestCenter);
    await client.opened();
    client.requestSync(0);
    await client.next();
    await put(center.api, '/flags/f', aFlag());
    await client.next();
    await expect.poll(async () => sampleOf(await text(), 'fbcenter_push_seconds_count')).toBe(1);
    const now = await text();
    expect(sampleOf(now, 'fbcenter_connections', { ...DEV, kind: 'server' })).toBe(1);
    expect(sampleOf(now, 'fbcenter_changes_total', { ...DEV, kind: 'flag' })).toBe(1);
    const flag = await center.api('GET', '/flags/f');
    expect(sampleOf(now, 'fbcenter_environment_version', DEV)).toBe(Date.parse(flag.body.updatedAt));
    expect(sampleOf(now, 'fbcenter_relay_age_seconds', DEV)).toBe(0);
    expect(sampleOf(now, 'fbcenter_relay_insights_waiting_bytes')).toBe(0);
    await fetch(`${relay.url}/api/public/insight/track`, {
      method: 'POST',
      headers: { authorization: center.environment.serverSecret },
      body: JSON.stringify([{ user: { keyId: 'u' }, variations: [], metrics: [] }]),
    });
    await expect.poll(async () => sampleOf(await text(), 'fbcenter_relay_insights_sent_total')).toBe(1);
    for (const name of ['refused', 'unanswered', 'turned_away']) {
      expect(sampleOf(await text(), `fbcenter_relay_insights_${name}_total`)).toBe(0);
    }
    // A relay has no storage of its own to be measured.
    expect(samplesOf(await text()).filter(({ name }) => name.startsWith('fbcenter_storage'))).toEqual([]);
  });

  it('are on its main port for who has their token', async () => {
    const { relay } = await aRelay({ metricsToken: TOKEN });
    expect(relay.metricsUrl).toBeUndefined();
    expect((await fetch(`${relay.url}/metrics`)).status).toBe(401);
    const answer = await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(sampleOf(await answer.text(), 'fbcenter_build_info')).toBe(1);
  });

  it('are nowhere unless somebody wants them', async () => {
    const { relay } = await aRelay({});
    expect((await fetch(`${relay.url}/metrics`)).status).toBe(404);
  });
});

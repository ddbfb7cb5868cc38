import { Agent, get } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveRelayOptions } from '../src/relay/relay-options.js';
import { startRelayWith } from '../src/relay.js';
import { Stopping } from '../src/runtime/stopping.js';
import { aFlag } from './support/documents.js';
import { StreamClient } from './support/stream-client.js';
import { put, startTestCenter } from './support/test-center.js';

/** A stop whose delay is over when the test says so: what is looked at meanwhile is looked at without hurry. */
function patientStop() {
  let go: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { stopping: new Stopping(() => over), go };
}

const statusOf = async (url: string, path: string) =>
  (await fetch(url + path, { headers: { connection: 'close' } })).status;

describe('a center that stops', () => {
  it('is not ready at once, and alive; serves everybody until its delay is over; and tells connections to close', async () => {
    const { stopping, go } = patientStop();
    const { center, api, environment } = await startTestCenter({ drainDelay: 1 }, { stopping });
    await put(api, '/flags/f', aFlag());
    const client = new StreamClient({ center, environment });
    await client.opened();
    client.requestSync(0);
    await client.next();
    expect(await statusOf(center.url, '/health/readiness')).toBe(200);
    const closed = center.close();
    const readiness = await fetch(`${center.url}/health/readiness`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({ code: 'stopping' });
    expect(readiness.headers.get('connection')).toBe('close');
    expect(await statusOf(center.url, '/health/liveness')).toBe(200);
    expect((await api('GET', '/flags/f')).status).toBe(200);
    // Changes are made, and pushed, as ever.
    await api('POST', '/flags/f/toggle');
    expect(await client.next()).toMatchObject({ messageType: 'data-sync' });
    go();
    expect(await client.closed).toEqual({ code: expect.any(Number), reason: 'the server is stopping' });
    await closed;
  });

  it('lets new streams in during its delay', async () => {
    const { stopping, go } = patientStop();
    const { center, environment } = await startTestCenter({ drainDelay: 1 }, { stopping });
    const closed = center.close();
    const client = new StreamClient({ center, environment });
    await client.opened();
    go();
    expect(await client.closed).toMatchObject({ reason: 'the server is stopping' });
    await closed;
  });

  it('answers the requests of a connection that is kept open, the last one with Connection: close', async () => {
    const { stopping, go } = patientStop();
    const { center } = await startTestCenter({ drainDelay: 1 }, { stopping });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = () =>
      new Promise<string | undefined>((resolve, reject) => {
        get(`${center.url}/health/liveness`, { agent }, (response) => {
          response.resume().once('end', () => resolve(response.headers.connection));
        }).once('error', reject);
      });
    expect(await ask()).toBe('keep-alive');
    const closed = center.close();
    expect(await ask()).toBe('close');
    go();
    await closed;
  });

  it('ends all of its streams, however many shares that takes', async () => {
    const { center, environment } = await startTestCenter({ drainTime: 400 });
    const clients = Array.from({ length: 120 }, () => new StreamClient({ center, environment }));
    await Promise.all(clients.map((client) => client.opened()));
    await center.close();
    const closed = await Promise.all(clients.map((client) => client.closed));
    expect(new Set(closed.map(({ reason }) => reason))).toEqual(new Set(['the server is stopping']));
  });

  it('that is told so twice stops once', async () => {
    const { center } = await startTestCenter({ drainDelay: 1 });
    const [first, second] = [center.close(), center.close()];
    expect(first).toBe(second);
    await first;
    await expect(fetch(center.url)).rejects.toThrow();
  });
});

describe('a relay that stops', () => {
  it('is not ready at once, and alive', async () => {
    const { center, environment } = await startTestCenter();
    const environments = [{ key: 'dev', serverSecret: environment.serverSecret }];
    const options = resolveRelayOptions({ upstream: center.url, port: 0, environments, drainDelay: 1 });
    const { stopping, go } = patientStop();
    const relay = await startRelayWith(options, { stopping });
    onTestFinished(() => {
      go();
      return relay.close();
    });
    await expect.poll(() => statusOf(relay.url, '/health/readiness')).toBe(200);
    const closed = relay.close();
    expect(await statusOf(relay.url, '/health/readiness')).toBe(503);
    expect(await statusOf(relay.url, '/health/liveness')).toBe(200);
    go();
    await closed;
  });
});

describe('the options of a stop', () => {
  it.each([-1, 0.5, 300_001, '5', Number.NaN])('cannot be %j', async (value) => {
    for (const option of ['drainDelay', 'drainTime']) {
      await expect(startTestCenter({ [option]: value })).rejects.toThrow(
        `${option}: must be a whole number from 0 to 300000`,
      );
    }
  });
});

import { describe, expect, it } from 'vitest';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { updatedAt, wireFlag } from '../support/wire.js';

const USER = { key: 'ada', country: 'fr' };

async function started() {
  const server = await faultServer();
  server.data.put(wireFlag('f'));
  const logger = new RecordingLogger();
  const client = faultClient({ ...server.options, eventsFlushInterval: 60_000, logger });
  await client.waitForInitialization();
  const tracks = () => server.requests.records.filter(({ url }) => url.endsWith('/track'));
  return { server, client, logger, tracks };
}

describe('promise 11: an event is an event', () => {
  it('three identical metrics, evaluations, users are three events each', async () => {
    const { server, client } = await started();
    for (let count = 0; count < 3; count++) {
      client.trackMetric(USER, 'bought', 5);
      client.variation('f', USER, '');
      client.identify(USER);
    }
    expect(await client.flushAndWait(5_000)).toBe(true);
    const { events } = server.requests;
    const kinds = events.map((event) => (event.metrics ? 'metric' : event.variations ? 'evaluation' : 'user'));
    expect(kinds.sort()).toEqual([
      ...Array(3).fill('evaluation'),
      ...Array(3).fill('metric'),
      ...Array(3).fill('user'),
    ]);
  });

  it('one that cannot be used loses itself only', async () => {
    const { server, client } = await started();
    client.trackMetric(USER, 'before');
    client.trackMetric(USER, 'broken', Number.NaN);
    client.trackMetric(USER, ' ');
    client.trackMetric({ key: '' }, 'nobody');
    client.trackMetrics(USER, { good: 1, bad: Number.POSITIVE_INFINITY });
    client.trackMetric(USER, 'after');
    expect(await client.flushAndWait(5_000)).toBe(true);
    expect(server.requests.events.flatMap(({ metrics }) => metrics?.map(({ eventName }) => eventName))).toEqual([
      'before',
      'good',
      'after',
    ]);
    expect(client.diagnostics().events?.dropped).toMatchObject({ invalidEvent: 3, invalidUser: 1 });
  });

  it('a thousand evaluations cost no more than a thousand times one', async () => {
    const { client, tracks } = await started();
    client.variation('f', USER, '');
    expect(await client.flushAndWait(5_000)).toBe(true);
    const [one] = tracks();
    for (let count = 0; count < 1_000; count++) client.variation('f', USER, '');
    expect(await client.flushAndWait(5_000)).toBe(true);
    const many = tracks().slice(1);
    expect(many).toHaveLength(1_000 / 50);
    const bytes = many.reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes).toBeLessThanOrEqual(1_000 * must(one).body.length);
  });

  it('says what it was at the time of the call', async () => {
    const { server, client } = await started();
    const user = { key: 'ada', plan: 'free' };
    const before = Date.now();
    client.trackMetric(user, 'm');
    user.plan = 'paid';
    const after = Date.now();
    await client.flushAndWait(5_000);
    const [event] = server.requests.events;
    expect(event?.user).toEqual({ keyId: 'ada', name: '', customizedProperties: [{ name: 'plan', value: 'free' }] });
    const timestamp = must(event?.metrics?.[0]).timestamp;
    expect(timestamp >= before && timestamp <= after).toBe(true);
  });
});

describe('promise 12: an event server that answers 404 is reported once, and flags go on working', () => {
  it('in the log, in the counters, and in no evaluation', async () => {
    const { server, client, logger, tracks } = await started();
    server.requests.fault = { kind: 'answer', status: 404 };
    for (let count = 0; count < 500; count++) client.trackMetric(USER, 'm');
    await eventually(() => expect(client.diagnostics().events?.failedRequests).toBe(1));
    for (let count = 0; count < 500; count++) client.trackMetric(USER, 'm');
    expect(await client.flushAndWait(50)).toBe(false);

    const reports = logger.entries.filter(({ fields }) => fields?.code === 'events-refused');
    expect(reports).toHaveLength(1);
    expect(reports[0]?.message).toContain('404');
    expect(reports[0]?.message).toContain('eventUrl');
    expect(tracks()).toHaveLength(1);
    expect(client.diagnostics().events).toMatchObject({ sent: 0, failed: 0, queued: 950, unsettledRequests: 1 });

    server.data.put(wireFlag('f', 'changed', { updatedAt: updatedAt(2) }));
    server.streams.terminate();
    await eventually(() => expect(client.variation('f', USER, '')).toBe('changed'));
    expect(client.status).toBe('Ready');
  });

  it('and nothing is lost: close() asks once more, and the server takes everything', async () => {
    const { server, client } = await started();
    server.requests.fault = { kind: 'answer', status: 401 };
    for (let count = 0; count < 500; count++) client.trackMetric(USER, `m${count}`);
    await eventually(() => expect(client.diagnostics().events?.failedRequests).toBe(1));
    server.requests.fault = undefined;
    await client.close();
    expect(client.diagnostics().events).toMatchObject({ sent: 500, failed: 0, dropped: { closed: 0 } });
    expect(server.requests.events).toHaveLength(500);
  });
});

import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/node/node-platform.js';
import type { Options } from '../../src/options.js';
import { FakeClock } from '../support/fake-clock.js';
import { eventually, faultClient, faultServer } from '../support/fault-client.js';
import type { RequestFault } from '../support/fault-requests.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { wireFlag } from '../support/wire.js';

const USER = { key: 'u' };

describe('promise 5: waitForInitialization has a time-out for each call, and a late success reaches later waiters', () => {
  it('ends each wait in its own time, and the others go on', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    server.streams.dataFault = { kind: 'silent' };
    const client = faultClient({ ...server.options, startWait: 30 });
    const patient = client.waitForInitialization(60_000);
    const controller = new AbortController();
    const aborted = client.waitForInitialization({ signal: controller.signal, timeout: 60_000 });

    expect(await client.waitForInitialization(0)).toBe('timeout');
    expect(await client.waitForInitialization(20)).toBe('timeout');
    expect(await client.waitForInitialization()).toBe('timeout');
    controller.abort();
    expect(await aborted).toBe('timeout');
    expect(client.variation('f', USER, 'default')).toBe('default');

    server.streams.dataFault = undefined;
    server.streams.terminate();
    expect(await patient).toBe('ready');
    expect(await client.waitForInitialization(0)).toBe('ready');
    expect(client.variation('f', USER, 'default')).toBe('on');
  });
});

const ENDLESS: readonly (readonly [string, RequestFault])[] = [
  ['never answered', { kind: 'silent' }],
  ['answered without an end', { kind: 'drip', every: 5 }],
];

describe('promise 6: every request has a deadline', () => {
  it.each(ENDLESS)('an event request that is %s', async (_name, fault) => {
    const server = await faultServer();
    server.requests.fault = fault;
    const client = faultClient({ ...server.options, eventsRequestTimeout: 50, eventsMaxRetries: 0 });
    client.trackMetric(USER, 'm');
    await eventually(() => {
      expect(client.diagnostics().events).toMatchObject({
        failed: 0,
        dropped: { unanswered: 1 },
        failedRequests: 1,
        lastError: 'no complete answer in 50 ms',
      });
    });
  });

  it.each(ENDLESS)('a poll that is %s', async (_name, fault) => {
    const server = await faultServer();
    server.requests.fault = fault;
    const polling = { dataSyncMode: 'polling', pollingUrl: server.httpUrl, pollingRequestTimeout: 50 } as const;
    const client = faultClient({ ...server.options, ...polling });
    await eventually(() => expect(client.diagnostics().interruptions).toBeGreaterThan(1));
    expect(client.diagnostics().error?.code).toBe('connect-failed');
    // One after the other: an endless answer does not pile up requests.
    expect(server.httpFront.mostOpen).toBe(1);
  });

  it('a connection that does not come about', async () => {
    const server = await faultServer();
    await server.streamingFront.become({ kind: 'silent' });
    const client = faultClient({ ...server.options, streamingConnectTimeout: 50 });
    await eventually(() => expect(client.diagnostics().error?.code).toBe('connect-timeout'));
    await eventually(() => expect(client.diagnostics().interruptions).toBeGreaterThan(2));
  });

  it('a request for data that is never answered', async () => {
    const server = await faultServer();
    server.streams.dataFault = { kind: 'silent' };
    const clock = new FakeClock();
    const client = faultClient(server.options, { ...nodePlatform, clock });
    await eventually(() => expect(server.streams.records[0]?.cursors).toEqual([0]));
    await clock.advance(59_000);
    expect(client.diagnostics().interruptions).toBe(0);
    await clock.advance(1_000);
    expect(client.diagnostics().error?.code).toBe('no-data');
    await client.close();
  });

  it('an answer that would fill the memory', async () => {
    const server = await faultServer();
    server.requests.fault = { kind: 'giant', bytes: 1024 * 1024 };
    const client = faultClient({ ...server.options, eventsMaxRetries: 0 });
    client.trackMetric(USER, 'm');
    await eventually(() => {
      expect(client.diagnostics().events?.lastError).toBe('the answer is longer than 65536 bytes');
    });
  });
});

describe('promise 6: memory is bounded during any outage, and every dropped event is counted and visible', () => {
  const outage = async (options: Options) => {
    const server = await faultServer();
    server.requests.fault = { kind: 'silent' };
    const logger = new RecordingLogger();
    const client = faultClient({
      ...server.options,
      eventsRequestTimeout: 60_000,
      closeTimeout: 50,
      ...options,
      logger,
    });
    return { client, logger, counters: () => must(client.diagnostics().events) };
  };

  it('in the number of events', async () => {
    const { client, logger, counters } = await outage({ eventsMaxInQueue: 1_000, eventsMaxPerRequest: 50 });
    for (let count = 0; count < 50_000; count++) client.trackMetric(USER, 'm');
    const { accepted, dropped, queued, unsettledRequests } = counters();
    expect(queued).toBe(1_000);
    // One request of fifty is under way: the server has not answered yet, so there is no second one.
    expect([accepted, unsettledRequests]).toEqual([1_050, 1]);
    expect(dropped.queueFull).toBe(50_000 - 1_050);
    const told = logger.entries.filter(({ fields }) => fields?.code === 'event-dropped');
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(10);
  });

  it('in what they take, however large they are', async () => {
    const { client, counters } = await outage({ eventsMaxInQueue: 1_000_000 });
    const large = { key: 'u', note: 'x'.repeat(100_000) };
    for (let count = 0; count < 1_000; count++) client.trackMetric(large, 'm');
    client.trackMetric({ key: 'u', note: 'x'.repeat(300_000) }, 'm');
    const { accepted, dropped, queued } = counters();
    // 32 MiB: 16 Mi units of text.
    expect(queued * 100_000).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(accepted + dropped.queueFull).toBe(1_000);
    expect(dropped.tooLarge).toBe(1);
  });

  it('in the memory of repeated evaluations', async () => {
    const server = await faultServer();
    server.data.put(wireFlag('f'));
    const client = faultClient({ ...server.options, eventsDeduplicationWindow: 60_000, eventsMaxInQueue: 100_000 });
    await client.waitForInitialization();
    for (let user = 0; user <= 10_000; user++) client.variation('f', { key: `u${user}` }, '');
    // The first was forgotten in favour of the last; the second was not.
    client.variation('f', { key: 'u0' }, '');
    client.variation('f', { key: 'u2' }, '');
    expect(client.diagnostics().events).toMatchObject({ accepted: 10_002, dropped: { deduplicated: 1 } });
  });
});

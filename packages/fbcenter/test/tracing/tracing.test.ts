import * as api from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { StorageError } from '../../src/errors.js';
import type { Commit } from '../../src/model/change-log.js';
import { Tracing } from '../../src/tracing/tracing.js';
import { aStorage } from '../support/a-storage.js';
import { aFlag, aSegment } from '../support/documents.js';
import { eventually } from '../support/eventually.js';
import { FakeClock } from '../support/fake-clock.js';
import { openTelemetry } from '../support/open-telemetry.js';
import { syncedClient } from '../support/stream-client.js';
import { put, startTestCenter } from '../support/test-center.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;

/** What is said of a span. */
const told = ({ name, kind, attributes }: ReadableSpan) => ({ name, kind: api.SpanKind[kind], attributes });

const milliseconds = ([seconds, nanoseconds]: api.HrTime) => seconds * 1_000 + nanoseconds / 1e6;

describe('the traces of a center', () => {
  it('are none without an SDK, which costs nothing', async () => {
    expect(await Tracing.load(new FakeClock(0))).toBeUndefined();
  });

  it.each([
    ['GET', '/flags/f', undefined, 200, '/api/v1/environments/:environment/flags/:key'],
    ['GET', '/flags/none', undefined, 404, '/api/v1/environments/:environment/flags/:key'],
    ['PUT', '/flags/g', aFlag(), 201, '/api/v1/environments/:environment/flags/:key'],
    ['PUT', '/flags/bad', {}, 400, '/api/v1/environments/:environment/flags/:key'],
    ['GET', '/flag-summaries', undefined, 200, '/api/v1/environments/:environment/flag-summaries'],
  ])('have %s %s, as a part of the trace that the request names', async (method, path, body, status, route) => {
    const ended = openTelemetry();
    const { api: call } = await startTestCenter();
    await put(call, '/flags/f', aFlag());
    await call(method, path, body, { traceparent: TRACEPARENT });
    await eventually(() => ended().map(({ name }) => name)).toContain(`${method} ${route}`);
    const span = ended().find((one) => one.spanContext().traceId === TRACE && one.name.startsWith(method));
    expect(span && told(span)).toEqual({
      name: `${method} ${route}`,
      kind: 'SERVER',
      attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
    });
    expect(span?.parentSpanContext?.spanId).toBe(CALLER);
    expect(span?.status.code).toBe(api.SpanStatusCode.UNSET);
  });

  it('have a request that the storage fails as an error', async () => {
    const ended = openTelemetry();
    const storage = await aStorage();
    const away = () => Promise.reject(new StorageError('The disk is full.'));
    const { api: call } = await startTestCenter({}, { storage });
    Object.assign(storage, { transact: away });
    expect((await call('PUT', '/flags/f', aFlag())).status).toBe(503);
    await eventually(() => ended().length).toBe(1);
    expect(ended()[0]?.status.code).toBe(api.SpanStatusCode.ERROR);
    expect(ended()[0]?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
  });

  it('have a change from its commit to its last push, within the request that has made it', async () => {
    const ended = openTelemetry();
    const center = await startTestCenter();
    await put(center.api, '/segments/s', aSegment());
    const clients = [await syncedClient(center), await syncedClient(center), await syncedClient(center)];
    await center.api('PUT', '/flags/f', aFlag(), { traceparent: TRACEPARENT });
    await Promise.all(clients.map(({ client }) => client.next()));
    await center.center.close();
    const mine = ended().filter((one) => one.spanContext().traceId === TRACE);
    const request = mine.find(({ name }) => name.startsWith('PUT'));
    const push = mine.find(({ name }) => name.startsWith('push'));
    expect(push && told(push)).toEqual({
      name: 'push flag',
      kind: 'INTERNAL',
      attributes: {
        'fbcenter.environment': 'dev',
        'feature_flag.key': 'f',
        'fbcenter.change.is_foreign': false,
        'fbcenter.pushes': 3,
      },
    });
    expect(push?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(milliseconds(push?.duration ?? [0, 0])).toBeGreaterThan(0);
    const segment = ended().find(({ name }) => name === 'push segment');
    expect(segment?.attributes).toMatchObject({ 'fbcenter.segment.key': 's', 'fbcenter.pushes': 0 });
    expect(milliseconds(segment?.duration ?? [1, 0])).toBe(0);
  });

  it('have what SDKs report, and nothing of users, of credentials, or of what SDKs and pages ask for all the time', async () => {
    const ended = openTelemetry();
    const { api: call, call: anyCall, center, environment } = await startTestCenter();
    await put(call, '/flags/f', aFlag());
    const headers = {
      authorization: environment.serverSecret,
      'user-agent': 'a-program-of-ada',
      traceparent: TRACEPARENT,
    };
    const user = { keyId: 'ada@example.org', name: 'Ada', customizedProperties: [{ name: 'city', value: 'Turin' }] };
    const variations = [{ featureFlagKey: 'f', variation: { id: 'on', value: 'true' }, timestamp: 1 }];
    const body = JSON.stringify([{ user, variations }]);
    const track = await anyCall('POST', '/api/public/insight/track', { headers, body });
    expect(track.status).toBe(200);
    await anyCall('GET', '/api/public/sdk/server/latest-all?timestamp=7', { headers });
    await anyCall('GET', '/health/readiness', {});
    await anyCall('GET', '/nothing/here', {});
    const events = await fetch(`${center.url}/api/v1/environments/dev/events`, {
      headers: { authorization: `Bearer ${center.adminToken}` },
    });
    await events.body?.cancel();
    const asAdmin = { headers: { authorization: `Bearer ${center.adminToken}` } };
    await anyCall('GET', '/api/v1/audit?actor=somebody', asAdmin);
    await center.close();
    const names = ended().map(({ name }) => name);
    expect(names.sort()).toEqual([
      'GET /api/v1/audit',
      'POST /api/public/insight/track',
      'PUT /api/v1/environments/:environment/flags/:key',
      'push flag',
    ]);
    const all = JSON.stringify(ended().map((span) => [told(span), span.status, span.events, span.links]));
    const secrets = [environment.serverSecret, center.adminToken, '127.0.0.1'];
    for (const secret of [...secrets, 'ada', 'Ada', 'Turin', 'timestamp', 'somebody'])
      expect(all).not.toContain(secret);
  });

  it('go on in the span that an instrumentation of node:http has begun', async () => {
    const ended = openTelemetry();
    const tracing = await Tracing.load(new FakeClock(0));
    const outer = api.trace.getTracer('http').startSpan('outer');
    api.context.with(api.trace.setSpan(api.context.active(), outer), () => {
      tracing?.request({ method: 'GET', route: '/api/v1/tokens', headers: { traceparent: TRACEPARENT } })?.end(200);
    });
    const [span] = ended();
    expect(span && [told(span).kind, span.parentSpanContext?.spanId]).toEqual(['INTERNAL', outer.spanContext().spanId]);
  });
});

describe('the span of a change', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const commit = (committedAt: number, given: Partial<Commit> = {}): Commit => ({
    ...{ kind: 'flag', key: `f${committedAt}`, version: 1, isArchived: false, text: '{}' },
    ...{ environmentId: 'e', environmentKey: 'dev', committedAt },
    ...given,
  });

  async function aTracing() {
    const ended = openTelemetry();
    const clock = new FakeClock(1_000_000);
    const tracing = await Tracing.load(clock);
    if (tracing === undefined) throw new Error('no SDK');
    onTestFinished(() => tracing.close());
    const keys = () => ended().map(({ attributes }) => attributes['feature_flag.key']);
    return { tracing, clock, ended, keys };
  }

  it('ends once nothing was pushed for a second, with the time of the last push', async () => {
    const { tracing, clock, ended } = await aTracing();
    tracing.changed(commit(1_000_000));
    for (const pause of [5, 895, 800]) {
      clock.time += pause;
      vi.advanceTimersByTime(pause);
      tracing.pushed(1_000_000);
    }
    expect(ended()).toEqual([]);
    vi.advanceTimersByTime(2_000);
    const [span] = ended();
    expect(span?.attributes['fbcenter.pushes']).toBe(3);
    // The clock has half a millisecond of its own.
    expect(milliseconds(span?.duration ?? [0, 0])).toBe(1_700.5);
    expect(vi.getTimerCount()).toBe(0);
    // A push of something that is over is no fault.
    tracing.pushed(1_000_000);
    expect(ended()).toHaveLength(1);
  });

  it('is one for all that a transaction changes in the same moment', async () => {
    const { tracing, keys } = await aTracing();
    for (const key of ['a', 'b']) tracing.changed(commit(5, { key }));
    tracing.changed(commit(6, { key: 'c' }));
    tracing.close();
    expect(keys()).toEqual(['a', 'c']);
  });

  it('belongs to nothing here when another center has made the change', async () => {
    const { tracing, ended } = await aTracing();
    const request = tracing.request({ method: 'PUT', route: '/api/v1/tokens', headers: {} });
    request?.within(() => {
      tracing.changed(commit(1, { isForeign: true }));
      tracing.changed(commit(2));
    });
    tracing.close();
    request?.end(200);
    const [foreign, own, put] = ended();
    expect([foreign?.parentSpanContext, foreign?.attributes['fbcenter.change.is_foreign']]).toEqual([undefined, true]);
    expect(own?.parentSpanContext?.spanId).toBe(put?.spanContext().spanId);
  });

  it('is ended early when there are too many', async () => {
    const { tracing, keys } = await aTracing();
    for (let at = 1; at <= 1_002; at++) tracing.changed(commit(at));
    expect(keys()).toEqual(['f1', 'f2']);
    tracing.close();
    expect(keys()).toHaveLength(1_002);
    // The exporter has some, too, which are over at once.
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

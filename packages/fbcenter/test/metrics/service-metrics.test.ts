import { describe, expect, it } from 'vitest';
import { MOST_ENVIRONMENTS, OTHERS } from '../../src/metrics/environment-labels.js';
import { ServiceMetrics } from '../../src/metrics/service-metrics.js';
import { VERSION } from '../../src/version.js';
import { sampleOf, samplesOf } from '../support/metrics.js';

const textOf = async (metrics: ServiceMetrics) => (await metrics.text()).text;
const NOTHING = { connections: async () => [], byEnvironment: {}, numbers: {} };

describe('what Prometheus is told', () => {
  it('is in its text format, each metric explained, with those of the process', async () => {
    const { type, text } = await new ServiceMetrics().text();
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = samplesOf(text);
    expect(sampleOf(text, 'fbcenter_build_info', { version: VERSION })).toBe(1);
    expect(sampleOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    for (const { name } of samples) {
      const metric = name.replace(/_(?:bucket|sum|count)$/, '');
      expect(text).toMatch(new RegExp(`^# HELP (?:${metric}|${name}) \\S`, 'm'));
    }
    expect(text.match(/^# TYPE (\S+)/gm)).toEqual([...new Set(text.match(/^# TYPE (\S+)/gm))]);
  });

  it('has nothing that walks over every socket of the process', async () => {
    const text = await textOf(new ServiceMetrics());
    expect(text).not.toMatch(/^(?:process_open_fds|nodejs_active_)/m);
    expect(text).toMatch(/^process_max_fds \d+$/m);
  });

  it('is the same of the process, however many centers it has', async () => {
    const [first, second] = [new ServiceMetrics(), new ServiceMetrics()];
    first.changed('dev', 'flag');
    expect(sampleOf(await textOf(first), 'fbcenter_changes_total', { environment: 'dev' })).toBe(1);
    expect(sampleOf(await textOf(second), 'fbcenter_changes_total', { environment: 'dev' })).toBeUndefined();
    for (const metrics of [first, second]) {
      expect(sampleOf(await textOf(metrics), 'process_start_time_seconds')).toBeGreaterThan(1e9);
    }
  });

  it.each([
    [0.5, '0.001'],
    [2.5, '0.0025'],
    [3, '0.005'],
    [240, '0.25'],
    [9_999, '10'],
    [60_000, '+Inf'],
    [-5, '0.001'],
  ])('a push that took %s ms is in the bucket %s and in no smaller one', async (milliseconds, bucket) => {
    const metrics = new ServiceMetrics();
    metrics.pushed(milliseconds);
    const buckets = samplesOf(await textOf(metrics)).filter(({ name }) => name === 'fbcenter_push_seconds_bucket');
    expect(buckets.find(({ value }) => value === 1)?.labels.le).toBe(bucket);
    expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: 1 });
  });

  it('counts changes, insights, requests, calls of the storage and attempts to deliver', async () => {
    const metrics = new ServiceMetrics();
    metrics.changed('dev', 'flag');
    metrics.changed('dev', 'flag');
    metrics.changed('dev', 'segment');
    metrics.insights('dev', 'accepted', 40);
    metrics.insights('dev', 'rejected', 2);
    metrics.insights('prod', 'rejected', 0);
    metrics.answered({ method: 'PUT', route: '/api/x/:key', status: 201, milliseconds: 3 });
    metrics.answered({ method: 'PUT', route: '/api/x/:key', status: 400, milliseconds: 700 });
    metrics.stored('documents', 'done', 0.4);
    metrics.stored('documents', 'failed', 2_000);
    metrics.delivered('dead');
    const text = await textOf(metrics);
    for (const [name, labels, value] of [
      ['fbcenter_changes_total', { environment: 'dev', kind: 'flag' }, 2],
      ['fbcenter_changes_total', { environment: 'dev', kind: 'segment' }, 1],
      ['fbcenter_insights_total', { environment: 'dev', result: 'accepted' }, 40],
      ['fbcenter_insights_total', { environment: 'dev', result: 'rejected' }, 2],
      ['fbcenter_insights_total', { environment: 'prod' }, undefined],
      ['fbcenter_http_requests_total', { method: 'PUT', route: '/api/x/:key', status: '201' }, 1],
      ['fbcenter_http_requests_total', { method: 'PUT', route: '/api/x/:key', status: '400' }, 1],
      ['fbcenter_http_request_seconds_count', { method: 'PUT', route: '/api/x/:key' }, 2],
      ['fbcenter_http_request_seconds_bucket', { route: '/api/x/:key', le: '0.005' }, 1],
      ['fbcenter_storage_seconds_count', { repository: 'documents', result: 'done' }, 1],
      ['fbcenter_storage_seconds_sum', { repository: 'documents', result: 'failed' }, 2],
      ['fbcenter_webhook_attempts_total', { result: 'dead' }, 1],
    ] as const) {
      expect([name, labels, sampleOf(text, name, labels)]).toEqual([name, labels, value]);
    }
  });

  it('is read when somebody asks, and says what is there now', async () => {
    const metrics = new ServiceMetrics();
    let counts = [{ environment: 'dev', kind: 'server' as const, count: 3 }];
    let waiting = 5;
    let sent = 1;
    metrics.watch({
      connections: async () => counts,
      byEnvironment: { fbcenter_x: { help: 'x', read: async () => [['dev', counts.length]] } },
      numbers: {
        fbcenter_y: { help: 'y', type: 'gauge', read: () => waiting },
        fbcenter_z_total: { help: 'z', type: 'counter', read: () => sent },
      },
    });
    const read = async () => {
      const text = await textOf(metrics);
      return [
        sampleOf(text, 'fbcenter_connections', { environment: 'dev', kind: 'server' }),
        sampleOf(text, 'fbcenter_x', { environment: 'dev' }),
        sampleOf(text, 'fbcenter_y'),
        sampleOf(text, 'fbcenter_z_total'),
      ];
    };
    expect(await read()).toEqual([3, 1, 5, 1]);
    [counts, waiting, sent] = [[], 0, 7];
    expect(await read()).toEqual([undefined, 0, 0, 7]);
    expect(await textOf(metrics)).toMatch(/^# TYPE fbcenter_z_total counter$/m);
  });

  it('leaves out what cannot be read, and has the rest', async () => {
    const metrics = new ServiceMetrics();
    const away = async () => {
      throw new Error('the storage is away');
    };
    metrics.watch({
      connections: away,
      byEnvironment: { fbcenter_x: { help: 'x', read: away } },
      numbers: { fbcenter_y: { help: 'y', type: 'gauge', read: () => 1 } },
    });
    const text = await textOf(metrics);
    expect(sampleOf(text, 'fbcenter_y')).toBe(1);
    expect(text).not.toMatch(/^fbcenter_(?:x|connections)/m);
  });
});

describe('how many time series there are', () => {
  const seriesOf = async (metrics: ServiceMetrics) =>
    samplesOf(await textOf(metrics)).filter(({ name }) => name.startsWith('fbcenter_')).length;

  it('is not up to who makes environments: those beyond the first hundred are one', async () => {
    const metrics = new ServiceMetrics();
    const keys = Array.from({ length: 5 * MOST_ENVIRONMENTS }, (_, index) => `env-${index}`);
    metrics.watch({
      ...NOTHING,
      connections: async () => keys.map((environment) => ({ environment, kind: 'server', count: 1 })),
      byEnvironment: { fbcenter_x: { help: 'x', read: async () => keys.map((key) => [key, 1] as const) } },
    });
    for (const key of keys) metrics.changed(key, 'flag');
    const text = await textOf(metrics);
    const others = { environment: OTHERS };
    expect(sampleOf(text, 'fbcenter_changes_total', others)).toBe(4 * MOST_ENVIRONMENTS);
    expect(sampleOf(text, 'fbcenter_connections', others)).toBe(4 * MOST_ENVIRONMENTS);
    // Versions of many together say nothing.
    expect(sampleOf(text, 'fbcenter_x', others)).toBeUndefined();
    expect(await seriesOf(metrics)).toBeLessThan(4 * MOST_ENVIRONMENTS);
  });

  it('is not up to strangers: whatever they ask for that is not there is one', async () => {
    const metrics = new ServiceMetrics();
    metrics.answered({ method: 'GET', route: undefined, status: 404, milliseconds: 1 });
    const before = await seriesOf(metrics);
    for (let index = 0; index < 100; index++) {
      metrics.answered({ method: `METHOD${index}`, route: undefined, status: 404, milliseconds: 1 });
    }
    expect(await seriesOf(metrics)).toBe(before);
    expect(sampleOf(await textOf(metrics), 'fbcenter_http_requests_total', { route: 'none' })).toBe(101);
  });
});

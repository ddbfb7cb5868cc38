import { logs, metrics, SeverityNumber } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { FBClient } from 'fbclient';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventLogger, evaluationEvents, evaluationMetrics, observeClient } from '../src/index.js';
import { ADA, clientWith, EVALUATIONS, OF_ALL, withActiveSpan } from './support/scene.js';

const logExporter = new InMemoryLogRecordExporter();
const spanExporter = new InMemorySpanExporter();

beforeEach(() => {
  logExporter.reset();
  spanExporter.reset();
});
afterEach(() => {
  logs.disable();
  metrics.disable();
});

function loggerProvider(): LoggerProvider {
  return new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logExporter })] });
}

/** Runs within a span. @returns the events of the span. */
function eventsOfSpan(run: () => void) {
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter } as never)],
  });
  const span = provider.getTracer('test').startSpan('request');
  withActiveSpan(span, run);
  const { events } = span as unknown as { events: { name: string; attributes: unknown }[] };
  return events.map(({ name, attributes }) => ({ name, attributes }));
}

describe('log events', () => {
  it.each(EVALUATIONS)('of %s have the attributes of the conventions', (_, evaluate, expected) => {
    logs.setGlobalLoggerProvider(loggerProvider());
    evaluate(clientWith(evaluationEvents()));
    const [record, ...more] = logExporter.getFinishedLogRecords();
    expect(more).toEqual([]);
    expect(record?.eventName).toBe('feature_flag.evaluation');
    expect(record?.severityNumber).toBe(SeverityNumber.INFO);
    const { 'feature_flag.version': version, ...attributes } = record?.attributes ?? {};
    expect(attributes).toEqual({ ...OF_ALL, ...expected });
    const hasFlag = !['flag_not_found', 'invalid_context'].includes(String(attributes['error.type']));
    expect(version).toEqual(hasFlag ? expect.stringMatching(/^\d+$/) : undefined);
  });

  it('go to the provider that is given, not to the global one', () => {
    const global: EventLogger = { emit: vi.fn(), enabled: () => true };
    logs.setGlobalLoggerProvider({ getLogger: () => global as never });
    clientWith(evaluationEvents({ loggerProvider: loggerProvider() })).variation('theme', ADA, 'd');
    expect(logExporter.getFinishedLogRecords().length).toBe(1);
    expect(global.emit).not.toHaveBeenCalled();
  });

  it('reach a global provider that is set after the client was made', () => {
    const client = clientWith(evaluationEvents());
    client.variation('theme', ADA, 'd');
    logs.setGlobalLoggerProvider(loggerProvider());
    client.variation('theme', ADA, 'd');
    expect(logExporter.getFinishedLogRecords().length).toBe(1);
  });

  it('are not put together for a logger that is not enabled', () => {
    const emit = vi.fn();
    const enabled = vi.fn(() => false);
    const provider = { getLogger: () => ({ emit, enabled }) };
    clientWith(evaluationEvents({ loggerProvider: provider })).variation('theme', ADA, 'd');
    expect(enabled).toHaveBeenCalledWith({ eventName: 'feature_flag.evaluation', severityNumber: 9 });
    expect(emit).not.toHaveBeenCalled();
  });

  it.each([
    [{ recordUserKey: false }, { 'feature_flag.context.id': undefined }],
    [{ recordValue: true }, { 'feature_flag.result.value': 'dark', 'feature_flag.result.variant': 'everybody' }],
    [{ flagSetId: 'shop/production' }, { 'feature_flag.set.id': 'shop/production' }],
  ])('with %j have %j', (options, expected) => {
    logs.setGlobalLoggerProvider(loggerProvider());
    clientWith(evaluationEvents(options)).variation('theme', ADA, 'd');
    const attributes = logExporter.getFinishedLogRecords()[0]?.attributes ?? {};
    for (const [name, value] of Object.entries(expected)) expect([name, attributes[name]]).toEqual([name, value]);
  });

  it('hold no attribute of the user but the key', () => {
    logs.setGlobalLoggerProvider(loggerProvider());
    const client = clientWith(evaluationEvents({ recordValue: true }));
    for (const [, evaluate] of EVALUATIONS) evaluate(client);
    const all = JSON.stringify(logExporter.getFinishedLogRecords().map(({ attributes }) => attributes));
    expect(all).not.toContain('example.org');
  });
});

describe('an API before 1.10', () => {
  afterEach(() => {
    vi.doUnmock('@opentelemetry/api');
    vi.resetModules();
  });

  it('has no logs: that is said when log events are asked for, and a provider that is given is taken', async () => {
    vi.resetModules();
    vi.doMock('@opentelemetry/api', () => ({ trace: { getActiveSpan: () => undefined }, metrics, logs: undefined }));
    const older = await import('../src/evaluation-events.js');
    expect(() => older.evaluationEvents()).toThrow("pass a loggerProvider, or use the signal 'span-event'");
    expect(older.evaluationEvents({ signal: 'span-event' }).name).toBe('opentelemetry-events');
    clientWith(older.evaluationEvents({ loggerProvider: loggerProvider() })).variation('theme', ADA, 'd');
    expect(logExporter.getFinishedLogRecords().length).toBe(1);
  });
});

describe('span events', () => {
  it('are on the active span, and no log events', () => {
    logs.setGlobalLoggerProvider(loggerProvider());
    const client = clientWith(evaluationEvents({ signal: 'span-event' }));
    const events = eventsOfSpan(() => client.variation('theme', ADA, 'd'));
    expect(events).toEqual([
      {
        name: 'feature_flag.evaluation',
        attributes: expect.objectContaining({ ...OF_ALL, 'feature_flag.result.variant': 'everybody' }),
      },
    ]);
    expect(logExporter.getFinishedLogRecords()).toEqual([]);
  });

  it('come with log events for both', () => {
    logs.setGlobalLoggerProvider(loggerProvider());
    const client = clientWith(evaluationEvents({ signal: 'both' }));
    expect(eventsOfSpan(() => client.variation('theme', ADA, 'd')).length).toBe(1);
    expect(logExporter.getFinishedLogRecords().length).toBe(1);
  });

  it('are none without a span', () => {
    expect(clientWith(evaluationEvents({ signal: 'span-event' })).variation('theme', ADA, 'd')).toBe('dark');
  });
});

describe('metrics', () => {
  function meters() {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000_000 });
    const meterProvider = new MeterProvider({ readers: [reader] });
    const collected = async () => {
      exporter.reset();
      await meterProvider.forceFlush();
      const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => [attributes, value] as const),
        ]),
      );
    };
    return { meterProvider, collected };
  }

  it('count evaluations by flag, variation and reason', async () => {
    const { meterProvider, collected } = meters();
    const client = clientWith(evaluationMetrics({ meterProvider }));
    for (let round = 0; round < 3; round++) client.variation('theme', ADA, 'd');
    client.variation('x', ADA, 'd');
    expect((await collected())['fbclient.evaluations']).toEqual([
      [
        {
          'feature_flag.key': 'theme',
          'feature_flag.result.variant': 'everybody',
          'feature_flag.result.reason': 'default',
        },
        3,
      ],
      [{ 'feature_flag.key': 'x', 'feature_flag.result.reason': 'error', 'error.type': 'flag_not_found' }, 1],
    ]);
  });

  it('have bounded labels, whatever keys are asked for', async () => {
    const { meterProvider, collected } = meters();
    const client = clientWith(evaluationMetrics({ meterProvider, maxSeries: 10 }));
    for (let key = 0; key < 100; key++) client.variation(`key-${key}`, ADA, 'd');
    client.variation('key-0', ADA, 'd');
    const counted = (await collected())['fbclient.evaluations'] ?? [];
    expect(counted.length).toBe(11);
    expect(counted[0]?.[1]).toBe(2);
    expect(counted.at(-1)).toEqual([{ 'feature_flag.key': '_other' }, 90]);
  });

  it('go to the global provider when none is given', async () => {
    const { meterProvider, collected } = meters();
    metrics.setGlobalMeterProvider(meterProvider);
    clientWith(evaluationMetrics()).variation('theme', ADA, 'd');
    expect((await collected())['fbclient.evaluations']?.length).toBe(1);
  });

  it('tell the state of a client, until it is not observed any more', async () => {
    const { meterProvider, collected } = meters();
    const client = clientWith();
    const stop = observeClient(client, { meterProvider });
    const seen = await collected();
    expect(seen).toMatchObject({
      'fbclient.in_sync': [[{}, 1]],
      'fbclient.flags': [[{}, 2]],
      'fbclient.segments': [[{}, 0]],
      'fbclient.interruptions': [[{}, 0]],
      'fbclient.repaired': [[{}, 0]],
    });
    expect(seen['fbclient.data.age']?.[0]?.[1]).toBeLessThan(60);
    // An offline client sends no events.
    expect(seen['fbclient.events.sent'] ?? []).toEqual([]);
    const asked = vi.spyOn(client, 'diagnostics');
    await collected();
    expect(asked).toHaveBeenCalledTimes(1);
    stop();
    await collected();
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('tell what became of the events of a client that sends them', async () => {
    const { meterProvider, collected } = meters();
    const client = new FBClient({
      dataSource: { start: () => undefined, close: () => undefined },
      envSecret: 'secret',
      eventUrl: 'http://127.0.0.1:9',
      closeTimeout: 1,
    });
    observeClient(client, { meterProvider });
    client.trackMetric({ key: '' }, 'bought');
    const seen = await collected();
    expect(seen['fbclient.in_sync']).toEqual([[{}, 0]]);
    expect(seen['fbclient.data.age'] ?? []).toEqual([]);
    expect(seen).toMatchObject({ 'fbclient.events.queued': [[{}, 0]], 'fbclient.events.sent': [[{}, 0]] });
    expect(seen['fbclient.events.dropped']).toContainEqual([{ reason: 'invalidUser' }, 1]);
    await client.close();
  });
});

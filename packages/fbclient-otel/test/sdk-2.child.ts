/** Reports through the SDK 2 of OpenTelemetry, and prints what has arrived. A process of its own: vitest makes Node.js load builds for bundlers. */
import {
  AggregationTemporality,
  BasicTracerProvider,
  InMemoryLogRecordExporter,
  InMemoryMetricExporter,
  InMemorySpanExporter,
  LoggerProvider,
  logs,
  MeterProvider,
  PeriodicExportingMetricReader,
  SimpleLogRecordProcessor,
  SimpleSpanProcessor,
} from 'fbclient-otel-sdk-2';
import { evaluationEvents, evaluationMetrics } from '../src/index.js';
import { ADA, clientWith, withActiveSpan } from './support/scene.js';

const logExporter = new InMemoryLogRecordExporter();
logs.setGlobalLoggerProvider(
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logExporter })] }),
);
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 1_000_000 });
const meterProvider = new MeterProvider({ readers: [reader] });
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new InMemorySpanExporter())] });
const span = tracers.getTracer('test').startSpan('request');

const client = clientWith(
  evaluationEvents({ signal: 'both', loggerProvider: logs }),
  // The types of the two APIs differ in what an attribute can be.
  evaluationMetrics({ meterProvider: meterProvider as never }),
);
withActiveSpan(span, () => client.variation('theme', ADA, 'd'));
await meterProvider.forceFlush();

const { events } = span as unknown as { readonly events: readonly { readonly name: string }[] };
const [scope] = metricExporter.getMetrics()[0]?.scopeMetrics ?? [];
console.log(
  JSON.stringify({
    logs: logExporter.getFinishedLogRecords().map(({ eventName, attributes }) => ({ eventName, attributes })),
    spanEvents: events.map(({ name }) => name),
    metrics: scope?.metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]),
  }),
);
await meterProvider.shutdown();

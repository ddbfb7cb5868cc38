/** The SDK 2 of OpenTelemetry, for the tests of fbclient-otel: it asks for another version of the API than SDK 3 does. */
import { createRequire } from 'node:module';
import type * as Logs from '@opentelemetry/api-logs';
import type * as SdkLogs from '@opentelemetry/sdk-logs';
import type * as SdkMetrics from '@opentelemetry/sdk-metrics';
import type * as SdkTrace from '@opentelemetry/sdk-trace-base';

// As CommonJS, which is what Node.js takes: Vite prefers builds for bundlers, which Node.js cannot load.
const load = createRequire(import.meta.url);

export const { logs }: typeof Logs = load('@opentelemetry/api-logs');
export const { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor }: typeof SdkLogs =
  load('@opentelemetry/sdk-logs');
export const {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
}: typeof SdkMetrics = load('@opentelemetry/sdk-metrics');
export const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor }: typeof SdkTrace = load(
  '@opentelemetry/sdk-trace-base',
);

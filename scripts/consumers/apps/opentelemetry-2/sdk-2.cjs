/** SDK 2: its logs are not those of `@opentelemetry/api`, so the provider is given. */
const { logs: api } = require('@opentelemetry/api-logs');
const sdkLogs = require('@opentelemetry/sdk-logs');
const sdkMetrics = require('@opentelemetry/sdk-metrics');
const { scene, sums } = require('./scene-opentelemetry.cjs');

exports.run = (fbclient, otel) => {
  const exporter = new sdkLogs.InMemoryLogRecordExporter();
  const processors = [new sdkLogs.SimpleLogRecordProcessor({ exporter })];
  api.setGlobalLoggerProvider(new sdkLogs.LoggerProvider({ processors }));
  const metricExporter = new sdkMetrics.InMemoryMetricExporter(sdkMetrics.AggregationTemporality.CUMULATIVE);
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 1_000_000,
  });
  const provider = new sdkMetrics.MeterProvider({ readers: [reader] });
  const collect = async () => {
    await provider.forceFlush();
    return sums(metricExporter.getMetrics());
  };
  const logs = { provider: api, records: () => exporter.getFinishedLogRecords() };
  return scene(fbclient, otel, logs, { provider, collect });
};

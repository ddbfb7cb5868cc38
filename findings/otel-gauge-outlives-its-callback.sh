#!/usr/bin/env bash
# @opentelemetry/sdk-metrics 3.1.1, also 2.12.1: an observable gauge whose callback was removed goes on being exported with the last value that it
# had, at every collection, for as long as the process lives (cumulative temporality, which is the default). The specification lets
# asynchronous instruments report what their callbacks have observed. A client that is closed and takes its callbacks away still looks connected on
# the dashboard; only a shutdown of the meter provider ends it.
#
# Seen: with its callback [7], without it [7], and again [7]; the same for both versions.
# Ends with 1 when that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
changed=0
for version in 3.1.1 2.12.1; do
  mkdir "$folder/$version"
  cd "$folder/$version"
  npm init --yes >/dev/null
  npm install --silent --no-audit --no-fund "@opentelemetry/sdk-metrics@$version" @opentelemetry/api@1.10.0 --legacy-peer-deps
  cat > gauge.mjs <<'JS'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
const provider = new MeterProvider({ readers: [reader] });
const gauge = provider.getMeter('app').createObservableGauge('connections');
const observe = (result) => result.observe(7);
gauge.addCallback(observe);
const collected = async () => {
  exporter.reset();
  await reader.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
  return JSON.stringify(metrics.flatMap(({ dataPoints }) => dataPoints).map(({ value }) => value));
};
const before = await collected();
gauge.removeCallback(observe);
console.log(`with its callback ${before}, without it ${await collected()}, and again ${await collected()}`);
await provider.shutdown();
JS
  output=$(node gauge.mjs)
  echo "@opentelemetry/sdk-metrics $version: $output"
  [ "$output" = 'with its callback [7], without it [7], and again [7]' ] || changed=1
done
[ "$changed" = 0 ] || { echo 'This has changed.'; exit 1; }

/** The scene of every consumer, with what OpenTelemetry's SDK has got of it. */
const { scene } = require('./scene.cjs');

/**
 * @param otel fbclient-otel.
 * @param logs `provider` is `undefined` where the global one is found, `records()` gives what was exported.
 * @param metrics of a provider, `collect()` gives what was exported, by name.
 */
exports.scene = async ({ FBClient }, otel, logs, metrics) => {
  const { provider: meterProvider } = metrics;
  const hooks = [otel.evaluationEvents({ loggerProvider: logs.provider }), otel.evaluationMetrics({ meterProvider })];
  const observed = new FBClient({ offline: true });
  const stop = otel.observeClient(observed, { meterProvider });
  const result = await scene(FBClient, { hooks });
  const variants = logs.records().map(({ attributes }) => attributes['feature_flag.result.variant']);
  if (variants.join() !== 'off,on') throw new Error(`reported: ${variants}`);
  const collected = await metrics.collect();
  if (collected['fbclient.evaluations'] !== 2) throw new Error(`metrics: ${JSON.stringify(collected)}`);
  if (collected['fbclient.in_sync'] !== 1) throw new Error(`metrics: ${JSON.stringify(collected)}`);
  stop();
  await observed.close();
  await meterProvider.shutdown();
  return result;
};

/** What a meter's exporter has got: by metric, the sum of its points. */
exports.sums = (exported) => {
  const found = exported.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
  return Object.fromEntries(
    found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.reduce((sum, { value }) => sum + value, 0)]),
  );
};

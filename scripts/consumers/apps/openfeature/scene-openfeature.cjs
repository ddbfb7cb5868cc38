/** The scene of every consumer, through OpenFeature: become ready, evaluate, hear a push, track, end. */
const { askForPush, settings } = require('./scene.cjs');

exports.scene = async ({ OpenFeature, ProviderEvents }, { FBClient }, { FBProvider }) => {
  const client = new FBClient(settings);
  await OpenFeature.setProviderAndWait(new FBProvider(client, { flagSetId: 'consumer' }));
  const features = OpenFeature.getClient();
  const context = { targetingKey: 'ada', plan: 'pro' };
  const ready = features.providerStatus.toLowerCase();
  const before = await features.getStringValue('consumer', 'none', context);
  const heard = new Promise((resolve) => {
    features.addHandler(ProviderEvents.ConfigurationChanged, resolve);
  });
  await askForPush();
  const { flagsChanged } = await heard;
  if (flagsChanged.join() !== 'consumer') throw new Error(`changed: ${flagsChanged}`);
  const after = await features.getStringValue('consumer', 'none', context);
  features.track('seen', context);
  await OpenFeature.close();
  if (client.status !== 'Closed') throw new Error(`the client is ${client.status}`);
  return { ready, before, after };
};

/** What every consumer does with the SDK: become ready, evaluate, hear a push, report events, end. */
const { get } = require('node:http');

/** Asks the flag center for a push. */
function askForPush() {
  return new Promise((resolve, reject) => {
    get(process.env.FB_PUSH, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

exports.askForPush = askForPush;

/** What reaches the flag center. */
exports.settings = {
  envSecret: process.env.FB_SECRET,
  streamingUrl: process.env.FB_URL,
  eventUrl: process.env.FB_URL,
};

/** @param more options besides those. */
exports.scene = async (FBClient, more = {}) => {
  const client = new FBClient({ ...exports.settings, ...more });
  const user = { key: 'ada', plan: 'pro' };
  const ready = await client.waitForInitialization(60_000);
  const before = client.variation('consumer', user, 'none');
  const heard = new Promise((resolve) => {
    client.flagTracker.addFlagChangedListener(resolve);
  });
  await askForPush();
  await heard;
  const after = client.variation('consumer', user, 'none');
  client.trackMetric(user, 'seen');
  await client.close();
  return { ready, before, after };
};

/** What `scene` must give. */
exports.expected = { ready: 'ready', before: 'off', after: 'on' };

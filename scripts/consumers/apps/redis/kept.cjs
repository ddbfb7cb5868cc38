/** The scene of every consumer with flags that are kept in Redis, and another start without a server, which finds them there. */
const { createClient } = require('redis');
const { scene, settings } = require('./scene.cjs');

exports.kept = async ({ FBClient }, { redisPersistence }) => {
  const redis = createClient({ url: process.env.REDIS_URL });
  redis.on('error', () => {});
  await redis.connect();
  const persistence = redisPersistence({ client: redis });
  const result = await scene(FBClient, { persistence });
  // Port 9 of loopback: nobody listens there.
  const absent = { streamingUrl: 'ws://127.0.0.1:9', disableEvents: true };
  const next = new FBClient({ ...settings, ...absent, persistence });
  await next.waitForInitialization(10_000);
  const found = `${next.status} ${next.variation('consumer', { key: 'ada' }, 'none')}`;
  if (found !== 'Stale on') throw new Error(`the next start: ${found}`);
  await next.close();
  await redis.close();
  return result;
};

/** Several environments in one process: one client each. Prints the flags that differ for a user. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const options = { streamingUrl: url, eventUrl: url, disableEvents: true };
const dev = new FBClient({ ...options, envSecret: process.env.FB_SECRET });
const production = new FBClient({ ...options, envSecret: process.env.FB_SECRET_PRODUCTION });
await Promise.all([dev, production].map((client) => client.waitForInitialization(5_000)));

const user = { key: 'user-1', country: 'NZ', age: 36 };
const here = dev.getAllLatestFlagVariations(user).toJSON().flags;
const there = production.getAllLatestFlagVariations(user).toJSON().flags;
for (const key of new Set([...Object.keys(here), ...Object.keys(there)])) {
  const [now, then] = [here[key]?.value ?? 'no such flag', there[key]?.value ?? 'no such flag'];
  if (now !== then) console.log(`${key}: ${now} in dev, ${then} in production`);
}

await Promise.all([dev.close(), production.close()]);

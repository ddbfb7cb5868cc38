/** Several environments in one process: one client each. Prints the flags that differ for a user. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const options = { streamingUrl: url, eventUrl: url, disableEvents: true };
const dev = new FBClient({ ...options, envSecret: process.env.FB_SECRET });
const production = new FBClient({ ...options, envSecret: process.env.FB_SECRET_PRODUCTION });
await Promise.all([dev, production].map((client) => client.waitForInitialization(5_000)));

const user = { key: 'user-1', country: 'NZ', age: 36 };
const here = textsOf(dev);
const there = textsOf(production);
for (const key of new Set([...here.keys(), ...there.keys()])) {
  const [now, then] = [here.get(key) ?? 'no such flag', there.get(key) ?? 'no such flag'];
  if (now !== then) console.log(`${key}: ${now} in dev, ${then} in production`);
}

/** What the user gets of every flag, as the server holds it. */
function textsOf(client: FBClient): Map<string, string> {
  return new Map([...client.getAllLatestFlagVariations(user)].map(({ flagKey, value }) => [flagKey, value]));
}

await Promise.all([dev.close(), production.close()]);

/** A service that decides with flags. Try: curl 'http://127.0.0.1:8080/?user=ada&country=NZ' */
import { createServer } from 'node:http';
import { consoleLogger, FBClient } from 'fbclient';

interface Flags {
  'new-checkout': boolean;
  'shop-theme': 'light' | 'dark' | 'festive';
  'max-items': number;
}

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const client = new FBClient<Flags>({
  envSecret: process.env.FB_SECRET,
  streamingUrl: url,
  eventUrl: url,
  logger: consoleLogger('warn'),
});
client.flagTracker.addFlagChangedListener(({ flagKey }) => console.log(`changed: ${flagKey}`));
// Whatever comes of it, the service starts: the defaults below are good enough until there are flags.
console.log(`flags: ${await client.waitForInitialization(5_000)}`);

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const user = { key: query.get('user') ?? 'anonymous', country: query.get('country') ?? undefined };
  const page = {
    theme: client.variation('shop-theme', user, 'light'),
    checkout: client.variation('new-checkout', user, false) ? 'new' : 'old',
    maxItems: client.variation('max-items', user, 10),
  };
  client.trackMetric(user, 'page-view');
  response.setHeader('Content-Type', 'application/json');
  response.end(`${JSON.stringify(page)}\n`);
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close();
    await client.close(); // the events of the last requests go out here
  });
}

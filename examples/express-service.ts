/** Express 5: one client for the process, the user of a request in its middleware. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
await flags.waitForInitialization(5_000);

const app = express();
app.use((request, response, next) => {
  response.locals.user = { key: String(request.query.user ?? 'anonymous') };
  next();
});
app.get('/', (_request, response) => {
  const { user } = response.locals as { user: { key: string } };
  response.json({
    theme: flags.variation('shop-theme', user, 'light'),
    checkout: flags.variation('new-checkout', user, false),
  });
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // First the requests that are under way, then the events that they have made.
  process.once(signal, () => server.close(() => void flags.close()));
}

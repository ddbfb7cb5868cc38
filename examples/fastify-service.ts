/** Fastify 5: one client for the server, a plugin that ends it with the server. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import Fastify from 'fastify';
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
await flags.waitForInitialization(5_000);

const app = Fastify();
app.get<{ Querystring: { user?: string } }>('/', ({ query }) => {
  const user = { key: query.user ?? 'anonymous' };
  return {
    theme: flags.variation('shop-theme', user, 'light'),
    checkout: flags.variation('new-checkout', user, false),
  };
});
// After the last answer: Fastify calls it when no request is under way any more.
app.addHook('onClose', () => flags.close());

console.log(`listening on ${await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 8080) })}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());

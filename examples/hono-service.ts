/** Hono on Node.js: the client in the context of a request. Try: curl 'http://127.0.0.1:8080/?user=ada' */
import { serve } from '@hono/node-server';
import { FBClient } from 'fbclient';
import { Hono } from 'hono';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const flags = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
await flags.waitForInitialization(5_000);

interface Variables {
  user: { key: string };
}
const app = new Hono<{ Variables: Variables }>();
app.use(async (context, next) => {
  context.set('user', { key: context.req.query('user') ?? 'anonymous' });
  await next();
});
app.get('/', (context) => {
  const user = context.get('user');
  return context.json({
    theme: flags.variation('shop-theme', user, 'light'),
    checkout: flags.variation('new-checkout', user, false),
  });
});

const server = serve(
  { fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 8080) },
  ({ port }) => {
    console.log(`listening on http://127.0.0.1:${port}`);
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => void flags.close()));
}

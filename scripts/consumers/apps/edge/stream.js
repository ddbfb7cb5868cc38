import { createServer } from 'node:http';
import { Miniflare } from 'miniflare';

/** Serves the Worker whose Durable Object streams. */
const { FB_URL, FB_SECRET } = process.env;
const miniflare = new Miniflare({
  modules: true,
  scriptPath: 'out/stream-worker.js',
  compatibilityDate: '2026-04-01',
  bindings: { FB_URL, FB_SECRET },
  durableObjects: { FLAGS: 'FlagStream' },
});
const server = createServer(async (_request, response) => {
  const answer = await miniflare.dispatchFetch('http://worker/');
  response.end(await answer.text());
}).listen(0, '127.0.0.1', () => console.log(`ready on http://127.0.0.1:${server.address().port}`));

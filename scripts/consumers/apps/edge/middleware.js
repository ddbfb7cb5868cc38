import { EdgeClient } from 'fbclient/edge';

const flags = new EdgeClient({ envSecret: FB_SECRET, pollingUrl: FB_URL, eventUrl: FB_URL });

addEventListener('fetch', (event) => {
  event.respondWith(answer(event.request));
  event.waitUntil(flags.flush());
});

async function answer(request) {
  await flags.load();
  if (new URL(request.url).pathname === '/refresh') await flags.refresh();
  const value = flags.variation('consumer', { key: 'ada' }, 'none');
  if (value === 'on') flags.trackMetric({ key: 'ada' }, 'seen');
  await flags.flush();
  return new Response(JSON.stringify({ value, status: flags.status }));
}

import { env } from 'cloudflare:workers';
import { EdgeClient } from 'fbclient/edge';

// In the scope of the module: nothing is opened before a request asks for it, and all requests of an isolate share it.
const flags = new EdgeClient({ envSecret: env.FB_SECRET, pollingUrl: env.FB_URL, eventUrl: env.FB_URL });

export default {
  async fetch(request, _env, ctx) {
    await flags.load();
    if (new URL(request.url).pathname === '/refresh') await flags.refresh();
    const user = { key: 'ada' };
    const value = flags.variation('consumer', user, 'none');
    if (value === 'on') flags.trackMetric(user, 'seen');
    // Behind the answer: the flags of the next requests, and the events of this one.
    ctx.waitUntil(Promise.all([flags.refresh(30_000), flags.flush()]));
    return Response.json({ value, status: flags.status });
  },
};

/** A function that is frozen between its calls, as on AWS Lambda: nothing may be left to the time between two of them. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
// Outside of the handler: one client for all calls of this instance. Polling: a socket would not survive a freeze.
const flags = new FBClient({
  envSecret: process.env.FB_SECRET,
  dataSyncMode: 'polling',
  pollingUrl: url,
  eventUrl: url,
  // Not in the background of a call, which is billed: by flushAndWait() at its end.
  eventsFlushInterval: 60_000,
});

/** What the runtime calls. */
export async function handler(event: { readonly user: string }): Promise<{ readonly theme: string }> {
  await flags.waitForInitialization(2_000); // the first call of an instance; later it is there at once
  const theme = flags.variation('shop-theme', { key: event.user }, 'light');
  flags.trackMetric({ key: event.user }, 'page-view');
  await flags.flushAndWait(1_000); // before the freeze: what is not sent now may never be
  return { theme };
}

// Here two calls play the runtime, and SIGTERM, which an instance gets before it goes.
console.log(JSON.stringify([await handler({ user: 'ada' }), await handler({ user: 'user-1' })]));
await flags.close();

/** One client for the process, however often this module is loaded: development servers load modules anew after a change. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
// A variable of the module would begin anew with it, and each time there would be one connection more. The global object stays.
const shared = globalThis as typeof globalThis & { shopFlags?: FBClient };

shared.shopFlags ??= new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });

/** For all modules: `import { flags } from './shared-client.js'`. Other options take effect with the next start. */
export const flags = shared.shopFlags;

await flags.waitForInitialization(5_000);
console.log(`shop-theme: ${flags.variation('shop-theme', { key: 'ada' }, 'light')}`);

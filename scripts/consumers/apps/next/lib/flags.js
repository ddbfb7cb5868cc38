import { FBClient } from 'fbclient';

// In development a module is loaded anew after every change, and Next.js bundles pages, routes and the proxy each with a copy of
// it. The global object is one for all of them, so there is one client, and one connection.
globalThis.flags ??= new FBClient({
  envSecret: process.env.FB_SECRET,
  streamingUrl: process.env.FB_URL,
  eventUrl: process.env.FB_URL,
});

export const flags = globalThis.flags;

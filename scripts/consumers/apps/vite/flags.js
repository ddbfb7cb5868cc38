import { FBClient } from 'fbclient';

// Loaded anew after every change; the global object stays.
globalThis.flags ??= new FBClient({
  envSecret: process.env.FB_SECRET,
  streamingUrl: process.env.FB_URL,
  eventUrl: process.env.FB_URL,
});

export const flags = globalThis.flags;

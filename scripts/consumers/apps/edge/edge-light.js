import { readFileSync } from 'node:fs';
import { EdgeRuntime } from 'edge-runtime';

const { FB_URL, FB_SECRET, FB_PUSH } = process.env;
const runtime = new EdgeRuntime({
  initialCode: readFileSync('out/middleware.js', 'utf8'),
  extend: (context) => Object.assign(context, { FB_URL, FB_SECRET }),
});
const ask = async (path) => (await runtime.dispatchFetch(`http://edge${path}`)).json();
const before = await ask('/');
await fetch(FB_PUSH);
const after = await ask('/refresh');
const ready = before.status === 'Ready' && after.status === 'Ready' ? 'ready' : after.status;
console.log(JSON.stringify({ ready, before: before.value, after: after.value, oneCopy: true }));

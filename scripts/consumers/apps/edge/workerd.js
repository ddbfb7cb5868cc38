import { Miniflare } from 'miniflare';

const { FB_URL, FB_SECRET, FB_PUSH } = process.env;
const miniflare = new Miniflare({
  modules: true,
  scriptPath: 'out/worker.js',
  compatibilityDate: '2026-04-01',
  bindings: { FB_URL, FB_SECRET },
});
try {
  const ask = async (path) => (await miniflare.dispatchFetch(`http://worker${path}`)).json();
  const before = await ask('/');
  await fetch(FB_PUSH);
  const after = await ask('/refresh');
  const ready = before.status === 'Ready' && after.status === 'Ready' ? 'ready' : after.status;
  console.log(JSON.stringify({ ready, before: before.value, after: after.value, oneCopy: true }));
} finally {
  await miniflare.dispose();
}

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'vite';

/** Loads the server's modules through Vite, changes one, and loads them again, as while developing. */
const vite = await createServer({ server: { middlewareMode: true }, appType: 'custom', logLevel: 'error' });
const load = () => vite.ssrLoadModule('/page.js');
const first = await load();
const ready = await first.flags.waitForInitialization();
const before = first.flags.variation('consumer', { key: 'ada' }, 'none');

const reloaded = new Promise((resolve) => {
  vite.watcher.on('change', (file) => file.endsWith('flags.js') && resolve());
});
writeFileSync('flags.js', `${readFileSync('flags.js', 'utf8')}// Changed.\n`);
await reloaded;
let second = await load();
// The module graph is told after the watcher.
for (let i = 0; second.loadedAt === first.loadedAt && i < 100; i++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  second = await load();
}
if (second.loadedAt === first.loadedAt) throw new Error('the module was not loaded anew');

const heard = new Promise((resolve) => {
  second.flags.flagTracker.addFlagChangedListener(resolve);
});
await fetch(process.env.FB_PUSH);
await heard;
const after = second.flags.variation('consumer', { key: 'ada' }, 'none');
second.flags.trackMetric({ key: 'ada' }, 'seen');
await second.flags.close();
await vite.close();
console.log(JSON.stringify({ ready, before, after, oneCopy: first.flags === second.flags }));

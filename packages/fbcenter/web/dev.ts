/**
 * `npm run dev:web`: the page from its sources, drawn anew at each change, with the shop of the tests behind it. FLAGS adds so
 * many made-up flags; FBCENTER_URL takes a center that runs already.
 */
import { startCenter } from 'fbcenter';
import { createServer } from 'vite';
import { seededEnvironments } from './test/support/seed.js';

const center =
  process.env.FBCENTER_URL === undefined
    ? await startCenter({ port: 0, environments: seededEnvironments(Number(process.env.FLAGS ?? 0)) })
    : undefined;
const server = await createServer({
  configFile: `${import.meta.dirname}/vite.config.ts`,
  server: { proxy: { '/api': center?.url ?? process.env.FBCENTER_URL ?? '' } },
});
await server.listen();
server.printUrls();
if (center !== undefined) console.log(`  access token: ${center.adminToken}`);
const stop = async () => {
  await server.close();
  await center?.close();
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());

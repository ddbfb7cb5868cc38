/** `npm run dev:web -- --shop`: a center in memory with the shop of the tests, to look at the page by hand. */
import { startCenter } from 'fbcenter';
import { seededEnvironments } from './seed.js';

const center = await startCenter({
  port: Number(process.env.PORT ?? 0),
  adminToken: process.env.TOKEN ?? 'a-token-for-looking',
  environments: seededEnvironments(Number(process.env.FLAGS ?? 0)),
});
console.log(`${center.url}  token: ${center.adminToken}`);
process.once('SIGINT', () => void center.close());
process.once('SIGTERM', () => void center.close());

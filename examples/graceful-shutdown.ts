/** The life of a service under an orchestrator: start, readiness, liveness, an orderly end. Try: curl -i localhost:8080/health/ready */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const client = new FBClient({
  envSecret: process.env.FB_SECRET,
  streamingUrl: url,
  eventUrl: url,
  closeTimeout: 3_000, // less than the orchestrator waits before it kills
});
client.updateStatusProvider.addListener(({ status, error }) => {
  console.log(`flags: ${status}${error === undefined ? '' : ` (${error.message})`}`);
});

let ending = false;
const server = createServer((request, response) => {
  switch (request.url) {
    case '/health/live':
      // Says nothing of the flags: a restart would not bring their server back.
      response.end('live\n');
      break;
    case '/health/ready':
      // Stale flags are flags: only a process that never had any is not ready.
      response.statusCode = client.initialized && !ending ? 200 : 503;
      response.end(`${ending ? 'ending' : client.status}\n`);
      break;
    case '/diagnostics':
      response.end(`${JSON.stringify(client.diagnostics())}\n`);
      break;
    default:
      response.end(client.variation('new-checkout', { key: 'user-1' }, false) ? 'new checkout\n' : 'old checkout\n');
  }
});
// Before there are flags: the probe has to be answered meanwhile.
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
await once(server, 'listening');
const address = server.address();
console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);

await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
ending = true; // 1. no new traffic
server.close(); // 2. finish what is under way
await once(server, 'close');
await client.close(); // 3. last, because those requests evaluated flags: send their events
console.log('ended'); // 4. nothing is left, the process exits by itself

/** An A/B test: visitors see one of two rankings, and the server learns who bought and for how much. */
import { FBClient } from 'fbclient';

const url = process.env.FB_URL ?? 'http://127.0.0.1:5100';
const client = new FBClient({ envSecret: process.env.FB_SECRET, streamingUrl: url, eventUrl: url });
await client.waitForInitialization(5_000);

const visitors = new Map<string, number>();
for (let number = 1; number <= 200; number++) {
  const visitor = { key: `visitor-${number}` };
  // First the evaluation, which reports what the visitor sees; then what the visitor does.
  const ranking = client.stringVariation('search-ranking', visitor, 'classic');
  visitors.set(ranking, (visitors.get(ranking) ?? 0) + 1);
  client.trackMetric(visitor, 'search'); // it happened: value 1
  if (number % 10 === 0) client.trackMetrics(visitor, { 'order-value': 25 + (number % 50), 'order-items': 2 });
}
for (const [ranking, count] of [...visitors].sort()) console.log(`${ranking}: ${count} visitors`);

console.log(`all sent: ${await client.flushAndWait(5_000)}`);
const { accepted, sent } = client.diagnostics().events ?? {};
console.log(`${accepted} events recorded, ${sent} sent`);
await client.close();

/** The two packages together, from their tarballs: a center in memory, a client that becomes ready on it, and statistics. */
import assert from 'node:assert/strict';
import { startCenter } from 'fbcenter';
import { compare } from 'fbcenter/statistics';
import { FBClient } from 'fbclient';

const center = await startCenter({ port: 0 });
const [environment] = center.environments;
assert.ok(environment !== undefined);
const client = new FBClient({ envSecret: environment.serverSecret, streamingUrl: center.url, eventUrl: center.url });
assert.equal(await client.waitForInitialization(10_000), 'ready');
await client.close();
await center.close();

const half = { n: 1_000, sum: 100, sumSquares: 100 };
assert.equal(compare({ control: half, treatment: { n: 1_000, sum: 200, sumSquares: 200 } }).status, 'ok');

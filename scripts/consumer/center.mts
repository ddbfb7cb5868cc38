/** The two packages together, from their tarballs: a center in memory, and a client that becomes ready on it. */
import assert from 'node:assert/strict';
import { startCenter } from 'fbcenter';
import { FBClient } from 'fbclient';

const center = await startCenter({ port: 0 });
const [environment] = center.environments;
assert.ok(environment !== undefined);
const client = new FBClient({ envSecret: environment.serverSecret, streamingUrl: center.url, eventUrl: center.url });
assert.equal(await client.waitForInitialization(10_000), 'ready');
await client.close();
await center.close();

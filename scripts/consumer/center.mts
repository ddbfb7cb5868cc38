/** The two packages together, from their tarballs: a center in memory with its page, a client that becomes ready on it, and statistics. */
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

const page = await (await fetch(center.url)).text();
const [, script] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? [];
assert.ok(script !== undefined, 'the page has no script');
const sent = await fetch(center.url + script);
assert.equal(sent.status, 200);
assert.match(sent.headers.get('content-encoding') ?? '', /^(?:br|gzip)$/);
await center.close();

const half = { n: 1_000, sum: 100, sumSquares: 100 };
assert.equal(compare({ control: half, treatment: { n: 1_000, sum: 200, sumSquares: 200 } }).status, 'ok');

/** An application in ES modules, with typed flags and `await using`. */
import assert from 'node:assert/strict';
import { FBClient, InvalidConfigError } from 'fbclient';
import { EdgeClient } from 'fbclient/edge';
import { redisPersistence } from 'fbclient/redis';
import { TestFlags } from 'fbclient/testing';

interface Flags {
  'new-checkout': boolean;
  theme: string;
}

const { error } = FBClient.create({});
assert.ok(error instanceof InvalidConfigError);

await using client = new FBClient<Flags>({ offline: true });
assert.equal(await client.waitForInitialization(), 'ready');
const user = { key: 'ada', plan: 'pro', seats: 3 };
const theme: string = client.variation('theme', user, 'light');
const checkout: boolean = client.boolVariation('new-checkout', user, true);
assert.deepEqual([theme, checkout], ['light', true]);
// @ts-expect-error not a flag of this application
client.boolVariation('old-checkout', user, true);
// @ts-expect-error a flag of another type
client.boolVariation('theme', user, true);

const flags = new TestFlags(client, { theme: 'dark' });
await flags.set({ 'new-checkout': true });
await flags.setFor('ada', { 'new-checkout': false });
assert.deepEqual([client.boolVariation('new-checkout', user), client.stringVariation('theme', user)], [false, 'dark']);
// @ts-expect-error a flag of another type
await flags.set({ 'new-checkout': true, theme: true });

const edge = new EdgeClient<Flags>({ load: () => null, disableEvents: true });
assert.equal(await edge.load(), false);
assert.equal(edge.variation('theme', user, 'light'), 'light');
const kept = new Map<string, string>();
const redis = {
  get: async (key: string) => kept.get(key) ?? null,
  set: async (key: string, text: string) => kept.set(key, text),
};
await redisPersistence({ client: redis }).save('environment', 'text');
assert.deepEqual([...kept], [['fbclient:environment', 'text']]);

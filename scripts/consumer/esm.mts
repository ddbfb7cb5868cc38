/** An application in ES modules, with typed flags and `await using`. */
import assert from 'node:assert/strict';
import { FBClient, InvalidConfigError } from 'fbclient';
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

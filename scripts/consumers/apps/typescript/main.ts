import { FBClient, InvalidConfigError, type Options } from 'fbclient';
import { parseDecimal } from 'fbclient/core';
import { TestFlags } from 'fbclient/testing';

interface Flags {
  'new-checkout': boolean;
  theme: 'light' | 'dark';
}

const options: Options = { offline: true, logger: console };
const client = new FBClient<Flags>(options);
const theme: 'light' | 'dark' = client.variation('theme', { key: 'ada', plan: 'pro', seats: 3 }, 'light');
const checkout: boolean = client.boolVariation('new-checkout', { key: 'ada' }, true);
const { error } = FBClient.create({});
if (error instanceof InvalidConfigError) console.log(error.problems, theme, checkout, parseDecimal('1'));
const flags: TestFlags<Flags> = new TestFlags(client, { theme: 'dark' });
void flags.set({ 'new-checkout': true });
// @ts-expect-error not a flag of this application
client.variation('old-checkout', { key: 'ada' }, true);

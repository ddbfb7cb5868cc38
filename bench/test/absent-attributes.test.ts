import { readFileSync } from 'node:fs';
import { FBClient } from 'fbclient';
import { describe, expect, it } from 'vitest';
import { sdk as fbclient } from '../src/adapters/fbclient.js';
import { FbclientClient } from '../src/adapters/fbclient-build.js';
import { sdk as featbit } from '../src/adapters/featbit.js';
import { sdk as flagd } from '../src/adapters/flagd.js';
import { sdk as growthbook } from '../src/adapters/growthbook.js';
import { sdk as launchdarkly } from '../src/adapters/launchdarkly.js';
import type { Sdk } from '../src/adapters/sdk.js';
import { sdk as unleash } from '../src/adapters/unleash.js';
import { type Condition, switchFlag } from '../src/environment/model.js';

/** Conditions in the words of the page, each as a condition that all SDKs have, and the way to its opposite. */
const IS: Condition = { test: 'equals', attribute: 'country', value: 'NZ' };
const ONE_OF: Condition = { test: 'one-of', attribute: 'country', values: ['NZ'] };
const IS_EMPTY: Condition = { test: 'equals', attribute: 'country', value: '' };

/** How each SDK's format says the opposite: what to replace in its text. */
type Opposite = readonly (readonly [RegExp, string])[];

interface Peer {
  readonly sdk: Sdk;
  readonly opposite: Opposite;
  /** FeatBit's users have a list of attributes: one that is not in it is absent, otherwise it would be `undefined`. */
  readonly withoutCountry?: (subject: unknown) => unknown;
}

const FEATBIT: Opposite = [
  [/"Equal","value":"NZ"/, '"NotEqual","value":"NZ"'],
  [/"IsOneOf"/, '"NotOneOf"'],
];

const emptyString: Sdk = {
  ...fbclient,
  open: async (text) =>
    new FbclientClient(new FBClient({ offline: true, bootstrap: text, missingAttribute: 'empty-string' })),
};

const PEERS: Readonly<Record<string, Peer>> = {
  fbclient: { sdk: fbclient, opposite: FEATBIT },
  "fbclient, `'empty-string'`, and FeatBit's evaluation API": { sdk: emptyString, opposite: FEATBIT },
  '@featbit/node-server-sdk 1.3.0': {
    sdk: featbit,
    opposite: FEATBIT,
    withoutCountry: (user) => {
      const { customizedProperties } = user as { customizedProperties: { name: string }[] };
      return {
        ...(user as object),
        customizedProperties: customizedProperties.filter(({ name }) => name !== 'country'),
      };
    },
  },
  '@launchdarkly/node-server-sdk 9.13.7': { sdk: launchdarkly, opposite: [[/"negate":false/, '"negate":true']] },
  'unleash-client 6.12.1 (`IN`, `NOT_IN`)': { sdk: unleash, opposite: [[/"operator":"IN"/, '"operator":"NOT_IN"']] },
  '@growthbook/growthbook 1.8.0': {
    sdk: growthbook,
    opposite: [
      [/"country":"NZ"/, '"country":{"$ne":"NZ"}'],
      [/"\$in":/, '"$nin":'],
    ],
  },
  '@openfeature/flagd-core 4.0.1': {
    sdk: flagd,
    opposite: [
      [/"==":/, '"!=":'],
      [/\{"in":(\[\{"var":"country"\},\[[^\]]*\]\])\}/, '{"!":{"in":$1}}'],
    ],
  },
};

const USER = { key: 'ada', name: 'Ada', plan: 'pro', age: 36, email: 'ada@example.com' };
const COUNTRIES = [undefined, null, ''] as const;

/** Whether a condition holds for the three users, in the words of the page. */
async function answers({ sdk, opposite, withoutCountry }: Peer, condition: Condition, negated: boolean) {
  const plain = sdk.encode({ flags: [switchFlag('f', { rules: [[condition]], share: 0 })], segments: [] });
  const text = negated ? opposite.reduce((all, [from, to]) => all.replace(from, to), plain) : plain;
  if (negated && text === plain) throw new Error(`nothing was replaced in ${plain}`);
  const client = await sdk.open(text);
  const found: string[] = [];
  for (const country of COUNTRIES) {
    const made = client.prepare({ ...USER, country: country as never });
    const subject = country === undefined && withoutCountry !== undefined ? withoutCountry(made) : made;
    found.push((await client.isOn('f', subject)) ? 'yes' : 'no');
  }
  // A user who has the country shows that the condition is what it should be.
  const right = await client.isOn('f', client.prepare({ ...USER, country: condition === IS_EMPTY ? 'AU' : 'NZ' }));
  expect(right).toBe(condition !== IS_EMPTY && !negated);
  await client.close();
  return found.join(', ');
}

describe('what an absent, a null and an empty attribute mean to conditions', () => {
  const page = readFileSync(new URL('../../docs/evaluation.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('### Beside other SDKs'));

  it.each(Object.entries(PEERS))('%s: as docs/evaluation.md says', async (name, peer) => {
    const row = table.split('\n').find((line) => line.startsWith(`| ${name} |`));
    const cells = row
      ?.replaceAll('*', '')
      .split('|')
      .map((cell) => cell.trim());
    const [is, isNot, isNoneOf, isEmpty] = [
      await answers(peer, IS, false),
      await answers(peer, IS, true),
      await answers(peer, ONE_OF, true),
      await answers(peer, IS_EMPTY, false),
    ];
    expect(isNoneOf).toBe(isNot);
    expect([is, isNot, isEmpty]).toEqual(cells?.slice(2, 5));
  });
});

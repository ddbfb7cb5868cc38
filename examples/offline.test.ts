/** Unit tests of code that uses flags: no server, no mocks. Run by Node.js's own test runner. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FBClient } from 'fbclient';

interface Flags {
  'new-checkout': boolean;
  'max-items': number;
}

/** The code under test takes the client that it uses. */
function checkout(client: FBClient<Flags>, customer: { key: string; age: number }, items: number): string {
  if (items > client.variation('max-items', customer, 10)) return 'too many items';
  return client.variation('new-checkout', customer, false) ? 'one page' : 'three steps';
}

/** What the environment had when somebody saved it; the real rules. */
const saved = readFileSync(new URL('flags.json', import.meta.url), 'utf8');

const tests = [
  test('without flags the defaults decide', () => {
    const client = new FBClient<Flags>({ offline: true });
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 3), 'three steps');
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 11), 'too many items');
  }),

  test('with the rules of the environment', () => {
    const client = new FBClient<Flags>({ offline: true, bootstrap: saved });
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 11), 'three steps');
    assert.equal(checkout(client, { key: 'user-1', age: 17 }, 11), 'too many items');
    assert.equal(checkout(client, { key: 'ada', age: 36 }, 3), 'one page');
  }),

  test('with one flag turned off', () => {
    const changed = JSON.parse(saved);
    for (const flag of changed.data.featureFlags) if (flag.key === 'new-checkout') flag.isEnabled = false;
    const client = new FBClient<Flags>({ offline: true, bootstrap: changed });
    assert.equal(checkout(client, { key: 'ada', age: 36 }, 3), 'three steps');
  }),
];
await Promise.all(tests);

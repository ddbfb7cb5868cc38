/** Unit tests of code that uses flags: no server, no mocks. Run by Node.js's own test runner. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FBClient } from 'fbclient';
import { TestFlags } from 'fbclient/testing';

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

  test('with flags of the test', async () => {
    const client = new FBClient<Flags>({ offline: true });
    const flags = new TestFlags(client, { 'new-checkout': false, 'max-items': 2 });
    await flags.setFor('ada', { 'new-checkout': true });
    assert.equal(checkout(client, { key: 'ada', age: 36 }, 2), 'one page');
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 2), 'three steps');
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 3), 'too many items');
  }),

  test('with the rules of the environment', () => {
    const client = new FBClient<Flags>({ offline: true, bootstrap: saved });
    assert.equal(checkout(client, { key: 'user-1', age: 36 }, 11), 'three steps');
    assert.equal(checkout(client, { key: 'user-1', age: 17 }, 11), 'too many items');
    assert.equal(checkout(client, { key: 'ada', age: 36 }, 3), 'one page');
  }),

  test('with those rules, but for one flag', () => {
    const client = new FBClient<Flags>({ offline: true, bootstrap: saved });
    new TestFlags(client, { 'new-checkout': false });
    assert.equal(checkout(client, { key: 'ada', age: 36 }, 11), 'three steps');
    assert.equal(checkout(client, { key: 'user-1', age: 17 }, 11), 'too many items');
  }),
];
await Promise.all(tests);

/** An application in CommonJS. */
import assert = require('node:assert/strict');
import fbclient = require('fbclient');
import testing = require('fbclient/testing');

async function main(): Promise<void> {
  const client = new fbclient.FBClient({ offline: true });
  assert.equal(await client.waitForInitialization({ timeout: 1_000 }), 'ready');
  const limit: number = client.numberVariation('limit', { key: 'ada' }, 10);
  assert.equal(limit, 10);
  const { reason }: fbclient.EvalDetail<string> = client.stringVariationDetail('theme', { key: 'ada' }, 'light');
  assert.equal(reason, 'Error');
  await new testing.TestFlags(client).set({ limit: 20 });
  assert.equal(client.numberVariation('limit', { key: 'ada' }), 20);
  await client.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/** OpenFeature and OpenTelemetry, in ES modules. */
import assert from 'node:assert/strict';
import { OpenFeature } from '@openfeature/server-sdk';
import { type EvaluationResult, FBClient, type Hook } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import { FBProvider } from 'fbclient-openfeature';
import { evaluationEvents, evaluationMetrics, observeClient } from 'fbclient-otel';

interface Flags {
  theme: string;
}

const results: EvaluationResult[] = [];
const recorder: Hook = { name: 'recorder', afterEvaluation: (_series, result) => void results.push(result) };
const client = new FBClient<Flags>({
  offline: true,
  hooks: [recorder, evaluationEvents({ signal: 'both' }), evaluationMetrics()],
});
const stop = observeClient(client);
await new TestFlags(client, { theme: 'dark' }).set({ theme: 'light' });
await OpenFeature.setProviderAndWait(new FBProvider(client, { flagSetId: 'test' }));
const features = OpenFeature.getClient();
assert.equal(await features.getStringValue('theme', 'd', { targetingKey: 'ada' }), 'light');
assert.equal((await features.getNumberDetails('theme', 1, { targetingKey: 'ada' })).errorCode, 'TYPE_MISMATCH');
assert.deepEqual(
  results.map(({ failure, value }) => [failure, value]),
  [
    [undefined, 'light'],
    [undefined, 'light'],
  ],
);
stop();
await OpenFeature.close();
assert.equal(client.status, 'Closed');

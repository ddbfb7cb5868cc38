/** OpenFeature and OpenTelemetry, in CommonJS. */
import assert = require('node:assert/strict');

import { OpenFeature } from '@openfeature/server-sdk';
import { FBClient } from 'fbclient';
import { TestFlags } from 'fbclient/testing';
import { FBProvider } from 'fbclient-openfeature';
import { evaluationMetrics } from 'fbclient-otel';

async function main(): Promise<void> {
  const client = new FBClient({ offline: true, hooks: [evaluationMetrics()] });
  await new TestFlags(client).set({ theme: 'dark' });
  await OpenFeature.setProviderAndWait(new FBProvider(client));
  const value = await OpenFeature.getClient().getStringValue('theme', 'd', { targetingKey: 'ada' });
  assert.equal(value, 'dark');
  await OpenFeature.close();
}

void main();

import { OpenFeature } from '@openfeature/server-sdk';
import { type EvaluationResult, FBClient, type Hook } from 'fbclient';
import { EdgeClient, type LoadFlags } from 'fbclient/edge';
import { type RedisClient, redisPersistence } from 'fbclient/redis';
import { FBProvider, type FBProviderOptions } from 'fbclient-openfeature';
import { type EvaluationEventsOptions, evaluationEvents, evaluationMetrics, observeClient } from 'fbclient-otel';

interface Flags {
  theme: 'light' | 'dark';
}

const results: EvaluationResult[] = [];
const recorder: Hook = { name: 'recorder', afterEvaluation: (_series, result) => void results.push(result) };
const events: EvaluationEventsOptions = { signal: 'both', flagSetId: 'shop' };
const kept = new Map<string, string>();
const redis: RedisClient = {
  get: async (key: string) => kept.get(key) ?? null,
  set: async (key: string, text: string) => kept.set(key, text),
};
const client = new FBClient<Flags>({
  envSecret: 'secret',
  streamingUrl: 'ws://127.0.0.1:9',
  disableEvents: true,
  hooks: [recorder, evaluationEvents(events), evaluationMetrics()],
  persistence: redisPersistence({ client: redis }),
});
const stop: () => void = observeClient(client);
const options: FBProviderOptions = { flagSetId: 'shop', errorAfterStale: 60_000 };
OpenFeature.setProvider(new FBProvider(client, options));
const value: Promise<string> = OpenFeature.getClient().getStringValue('theme', 'light', { targetingKey: 'ada' });

const load: LoadFlags = async () => null;
const edge = new EdgeClient<Flags>({ load, disableEvents: true });
const theme: 'light' | 'dark' = edge.variation('theme', { key: 'ada' }, 'light');
// @ts-expect-error not a value of this flag
edge.variation('theme', { key: 'ada' }, 'pink');
void value.then(() => stop(), console.error);
console.log(theme, results);

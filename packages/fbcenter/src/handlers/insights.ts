import type { InsightsBody } from '../api/answers.js';
import type { EvaluationsBody, UsageBody } from '../api/usage.js';
import type { LatestUsers } from '../evaluation/latest-users.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, empty, json, longJson } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { UnknownFlag, UnknownFlags } from '../insights/unknown-flags.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { Usages } from '../live/usage.js';
import { BUCKET_UNITS, BUCKETS, type BucketUnit, bucketAt, oldestBucket } from '../model/buckets.js';
import { Refusal } from '../model/refusal.js';
import type { BucketCount, InsightReport } from '../model/tally.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import { authorship, parameter, timeIn } from './parameters.js';

interface InsightParts {
  readonly storage: Pick<Storage, 'insights' | 'transact'>;
  readonly live: LiveEnvironments;
  readonly usages: Usages;
  readonly unknownFlags: UnknownFlags;
  readonly latestUsers?: LatestUsers | undefined;
  readonly experiments: Pick<ExperimentService, 'reach'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** What insights have arrived. */
export function insightHandlers({
  storage,
  live,
  usages,
  unknownFlags,
  latestUsers,
  experiments,
  clock,
}: InsightParts) {
  const unknownIn = async (environmentId: string): Promise<readonly UnknownFlag[]> => {
    if (unknownFlags.isEmpty(environmentId)) return [];
    const { facts } = await live.of(environmentId).flags.current();
    return unknownFlags.of(environmentId, (key) => facts.has(key));
  };
  return {
    get: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<InsightsBody>(present(await storage.insights.report(environment.id))),
    /** Begins anew with nothing. */
    reset: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { id, key } = exchange.environment;
      const { by: actor, note } = authorship(exchange);
      await storage.transact(async ({ insights, audit }) => {
        await insights.forget(id);
        await audit.append({ ...note, actor, action: 'reset', subject: { kind: 'insights', key, environment: key } });
      });
      usages.reset(id);
      unknownFlags.forget(id);
      latestUsers?.forget(id);
      experiments.reach.forget(id);
      return empty(204);
    },
    /** How flags are used, in short: what lists show. */
    usage: async ({ environment }: EnvironmentExchange): Promise<Answer> => {
      return longJson<UsageBody>({
        items: await usages.of(environment.id).current(),
        unknown: (await unknownIn(environment.id)).map(({ lastAt, ...flag }) => ({
          ...flag,
          lastAt: new Date(lastAt).toISOString(),
        })),
      });
    },
    /** Evaluations of a flag by `bucket`, from `from` to `to`; as long as they are kept unless those are given. */
    evaluations: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, query } = exchange;
      const flagKey = parameter(exchange, 'key');
      const { facts } = await live.of(environment.id).flags.current();
      if (!facts.has(flagKey)) throw new Refusal('not-found', 'There is no such flag.');
      const unit = BUCKET_UNITS.find((one) => one === (query.get('bucket') ?? 'hour'));
      if (unit === undefined) throw new Refusal('invalid-request', 'bucket must be minute, hour or day.');
      const now = clock.now();
      const to = Math.min(bucketAt(unit, timeIn(exchange, 'to') ?? now), bucketAt(unit, now));
      const from = Math.max(bucketAt(unit, timeIn(exchange, 'from') ?? 0), oldestBucket(unit, now));
      const counts = await storage.insights.history(environment.id, flagKey, unit, from, to);
      return json<EvaluationsBody>(presentHistory(unit, from, to, counts));
    },
  };
}

type Variation = InsightsBody['flags'][number]['variations'][number];

function present({ evaluations, metrics, identifications, rejected, overflow }: InsightReport): InsightsBody {
  const flags = new Map<string, { key: string; count: number; variations: Variation[] }>();
  for (const { flagKey, variationId, count, experimentCount, lastAt } of evaluations) {
    const flag = flags.get(flagKey) ?? { key: flagKey, count: 0, variations: [] };
    flags.set(flagKey, flag);
    flag.count += count;
    flag.variations.push({ id: variationId, count, experimentCount, lastAt: new Date(lastAt).toISOString() });
  }
  return {
    flags: [...flags.values()],
    metrics: metrics.map(({ lastAt, ...metric }) => ({ ...metric, lastAt: new Date(lastAt).toISOString() })),
    identifications,
    rejected,
    overflow,
  };
}

function presentHistory(unit: BucketUnit, from: number, to: number, counts: readonly BucketCount[]): EvaluationsBody {
  const { length } = BUCKETS[unit];
  const variations = new Map<string, number[]>();
  for (const { variationId, bucket, count } of counts) {
    const own = variations.get(variationId) ?? new Array<number>(Math.max(0, to - from + 1)).fill(0);
    variations.set(variationId, own);
    own[bucket - from] = count;
  }
  return {
    bucket: unit,
    from: new Date(from * length).toISOString(),
    length,
    variations: [...variations].map(([id, own]) => ({ id, counts: own })),
  };
}

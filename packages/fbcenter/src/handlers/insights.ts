import type { InsightsBody } from '../api/answers.js';
import type { LatestUsers } from '../evaluation/latest-users.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { InsightReport } from '../model/tally.js';
import type { Storage } from '../storage/storage.js';
import { authorship } from './parameters.js';

/** What insights have arrived. */
export function insightHandlers(storage: Pick<Storage, 'insights' | 'transact'>, latestUsers: LatestUsers | undefined) {
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
      latestUsers?.forget(id);
      return empty(204);
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

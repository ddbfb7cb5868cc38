import type { InsightsBody } from '../api/answers.js';
import type { LatestUsers } from '../evaluation/latest-users.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { InsightReport } from '../model/tally.js';
import type { Insights } from '../storage/insights.js';

/** What insights have arrived. */
export function insightHandlers(insights: Pick<Insights, 'report' | 'forget'>, latestUsers: LatestUsers | undefined) {
  return {
    get: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<InsightsBody>(present(await insights.report(environment.id))),
    /** Begins anew with nothing. */
    reset: async ({ environment }: EnvironmentExchange): Promise<Answer> => {
      await insights.forget(environment.id);
      latestUsers?.forget(environment.id);
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

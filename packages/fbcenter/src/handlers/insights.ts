import type { Answer, Exchange } from '../http/exchange.js';
import type { InsightReport } from '../model/tally.js';
import type { Storage } from '../storage/storage.js';
import { environmentIn } from './parameters.js';

/** What insights have arrived. */
export function insightHandlers({ environments, insights }: Storage) {
  return {
    get: async (exchange: Exchange): Promise<Answer> => {
      const environment = await environmentIn(exchange, environments);
      return { status: 200, body: present(await insights.report(environment.id)) };
    },
  };
}

function present({ evaluations, metrics, identifications, rejected, overflow }: InsightReport) {
  const flags = new Map<string, { key: string; count: number; variations: unknown[] }>();
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

import type { MetricListBody } from '../api/metrics.js';
import { readMetric } from '../experiments/metric-definition.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { MetricDefinition } from '../model/experiment.js';
import type { Storage } from '../storage/storage.js';
import { authorship, parameter } from './parameters.js';

/** Management of what an environment measures. */
export function metricHandlers(service: ExperimentService, { experiments, insights }: Storage) {
  return {
    /** With the events that have arrived and that no metric counts. */
    list: async ({ environment }: EnvironmentExchange): Promise<Answer> => {
      const items = await experiments.metrics(environment.id);
      const counted = new Set(
        items.flatMap(({ event, denominator }) => [event, ...(denominator ? [denominator.event] : [])]),
      );
      const { metrics: seen } = await insights.report(environment.id);
      const offered = seen
        .filter(({ eventName }) => !counted.has(eventName))
        .map(({ eventName, count, lastAt }) => ({ event: eventName, count, lastAt: new Date(lastAt).toISOString() }));
      return json<MetricListBody>({ items, offered });
    },
    put: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const metric = readMetric(exchange.body, parameter(exchange, 'key'));
      const outcome = await service.saveMetric({ environment: exchange.environment, ...authorship(exchange) }, metric);
      return json<MetricDefinition>(metric, outcome === 'created' ? 201 : 200);
    },
    delete: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const author = { environment: exchange.environment, ...authorship(exchange) };
      await service.deleteMetric(author, parameter(exchange, 'key'));
      return empty(204);
    },
  };
}

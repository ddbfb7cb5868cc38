import { describe, expect, it, onTestFinished } from 'vitest';
import { neededEvents } from '../../src/experiments/needed-events.js';
import type { Experiment, ExperimentState, Iteration, MetricDefinition } from '../../src/model/experiment.js';
import { openSqliteStorage } from '../../src/storage/sqlite/open.js';
import { anEnvironment } from '../support/environments.js';
import { someSettings } from '../support/experiment-situation.js';
import { aMetric, anIteration, aPlan, SOMEBODY } from '../support/experiments.js';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

interface Kept {
  readonly state: ExperimentState;
  readonly days: number | null;
  /** The keys of its metrics. */
  readonly metrics: readonly string[];
}

const METRICS: readonly MetricDefinition[] = [
  aMetric(),
  aMetric({ key: 'revenue', type: 'sum', event: 'order' }),
  aMetric({ key: 'ratio', type: 'ratio', event: 'visit', denominator: { event: 'page', aggregation: 'count' } }),
];

async function needed(experiments: readonly Kept[], open: readonly Iteration[] = []) {
  const storage = openSqliteStorage();
  onTestFinished(() => storage.close());
  const environment = anEnvironment();
  await storage.environments.create(environment, []);
  for (const metric of METRICS) await storage.experiments.saveMetric(environment.id, metric);
  for (const [index, { state, days, metrics }] of experiments.entries()) {
    const uses = metrics.map((key) => ({ key, role: 'goal' as const, margin: null, plannedEffect: null }));
    const experiment: Experiment = {
      ...{ key: `e${index}`, revision: 1, state, decision: null, createdAt: 1, createdBy: SOMEBODY, updatedAt: 1 },
      settings: someSettings({ covariateDays: days, metrics: uses }),
    };
    await storage.experiments.save(environment.id, experiment, 0);
  }
  const kept = {
    list: (environmentId: string) => storage.experiments.list(environmentId),
    metrics: (environmentId: string) => storage.experiments.metrics(environmentId),
    openIterations: async () => open.map((iteration) => ({ environmentId: environment.id, iteration })),
  };
  return Object.fromEntries(await neededEvents({ experiments: kept }, environment.id, NOW));
}

const running = (start: number, covariateDays: number | null, metrics = [aMetric()]): Iteration => ({
  ...anIteration(start, aPlan(metrics, { covariateDays })),
  ...{ id: start, number: 1 },
});

describe('the single events that experiments need', () => {
  it.each<[string, readonly Kept[], Readonly<Record<string, number>>]>([
    ['none without experiments', [], {}],
    ['none of one that subtracts nothing', [{ state: 'draft', days: null, metrics: ['purchases'] }], {}],
    ['those of a draft, three days longer', [{ state: 'draft', days: 7, metrics: ['purchases'] }], { purchase: 990 }],
    [
      'those of one that was stopped, which may begin again',
      [{ state: 'stopped', days: 28, metrics: ['revenue'] }],
      { order: 969 },
    ],
    ['none of one that runs, whose iteration says it', [{ state: 'running', days: 7, metrics: ['purchases'] }], {}],
    ['none of one that is paused', [{ state: 'paused', days: 7, metrics: ['purchases'] }], {}],
    ['none of one that was put away', [{ state: 'archived', days: 7, metrics: ['purchases'] }], {}],
    ['none of a ratio, which has a denominator', [{ state: 'draft', days: 7, metrics: ['ratio'] }], {}],
    ['none of a metric that is gone', [{ state: 'draft', days: 7, metrics: ['gone', 'purchases'] }], { purchase: 990 }],
    [
      'as long as the one that looks back the furthest',
      [
        { state: 'draft', days: 7, metrics: ['purchases', 'revenue'] },
        { state: 'stopped', days: 14, metrics: ['purchases'] },
        { state: 'draft', days: 1, metrics: ['purchases'] },
      ],
      { purchase: 983, order: 990 },
    ],
  ])('are %s', async (_, experiments, expected) => {
    const days = Object.entries(await needed(experiments)).map(([event, since]) => [event, since / DAY]);
    expect(Object.fromEntries(days)).toEqual(expected);
  });

  it.each<[string, readonly Iteration[], Readonly<Record<string, number>>]>([
    ['its start', [running(900 * DAY, null)], { purchase: 900 }],
    ['as long before as it looks back', [running(900 * DAY, 14)], { purchase: 886 }],
    ['the earlier of two', [running(900 * DAY, null), running(890 * DAY, null)], { purchase: 890 }],
    ['its start for both events of a ratio', [running(900 * DAY, 14, METRICS.slice(2))], { visit: 900, page: 900 }],
  ])('of an iteration that is open are those from %s on', async (_, open, expected) => {
    const days = Object.entries(await needed([], open)).map(([event, since]) => [event, since / DAY]);
    expect(Object.fromEntries(days)).toEqual(expected);
  });

  it('of a draft and of an iteration are those of both, from the earlier time on', async () => {
    const draft: Kept = { state: 'draft', days: 7, metrics: ['purchases'] };
    expect(await needed([draft], [running(999 * DAY, null)])).toEqual({ purchase: 990 * DAY });
    expect(await needed([draft], [running(900 * DAY, null)])).toEqual({ purchase: 900 * DAY });
  });
});

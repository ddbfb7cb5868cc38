import type { ExperimentService } from './experiments/service.js';
import type { InsightRecorder } from './insights/recorder.js';
import type { ServiceMetrics } from './metrics/service-metrics.js';
import type { Storage } from './storage/storage.js';
import type { StreamingHub } from './streaming/hub.js';

const VERSION_HELP =
  'The greatest version of an environment, in Unix milliseconds: the same in every center once they agree.';

interface MeasuredCenter {
  readonly storage: Pick<Storage, 'environments' | 'changes'>;
  readonly hub: Pick<StreamingHub, 'list'>;
  readonly recorder: Pick<InsightRecorder, 'waiting'>;
  readonly experiments: { readonly intake: Pick<ExperimentService['intake'], 'waiting'> };
}

/** Has a center's changes counted, and what it is like read whenever somebody asks. */
export function measureCenter(
  metrics: Pick<ServiceMetrics, 'changed' | 'watch'>,
  { storage, hub, recorder, experiments }: MeasuredCenter,
): void {
  storage.changes.watch(({ environmentKey, kind, isForeign }) => {
    // Each center counts its own: the sum over all is then the number of changes.
    if (isForeign !== true) metrics.changed(environmentKey, kind);
  });
  metrics.watch({
    connections: async () => {
      const keys = new Map((await storage.environments.list()).map(({ id, key }) => [id, key]));
      return [...hub.list.counts()].flatMap(({ environmentId, ...count }) => {
        const environment = keys.get(environmentId);
        return environment === undefined ? [] : [{ environment, ...count }];
      });
    },
    byEnvironment: {
      fbcenter_environment_version: { help: VERSION_HELP, read: () => storage.environments.versions() },
    },
    numbers: {
      fbcenter_insights_waiting: {
        type: 'gauge',
        help: 'Insights that have arrived and wait to be written: entries of counts, and events of experiments.',
        read: () => recorder.waiting + experiments.intake.waiting,
      },
    },
  });
}

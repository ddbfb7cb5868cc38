import type { ChangeEventBody, ExperimentEventBody } from '../api/answers.js';
import type { ConnectionsEventBody } from '../api/connections.js';
import type { UsageEventBody } from '../api/usage.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, events } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { Usages } from '../live/usage.js';
import type { ChangeLog } from '../model/change-log.js';

/** Who hears that SDKs have come or gone. */
interface WatchedConnections {
  countOf(environmentId: string): number;
  watch(environmentId: string, watcher: () => void): () => void;
}

interface EventParts {
  readonly changes: Pick<ChangeLog, 'watch'>;
  readonly usages: Pick<Usages, 'of'>;
  readonly connections: WatchedConnections;
  readonly experiments: Pick<ExperimentService, 'onChange'>;
}

/** What is happening in an environment, as it happens. */
export function eventHandlers({ changes, usages, connections, experiments }: EventParts) {
  return {
    /**
     * An event `change` for each flag and segment that is changed from now on, and `experiment` for each experiment that is changed or
     * has other results: a reason to read it again, not the thing itself. `usage` for flags that were evaluated, at most twice a
     * second, and `connections` when SDKs have come or gone, at most once a second.
     */
    events: async ({ environment: { id } }: EnvironmentExchange): Promise<Answer> =>
      events((send) => {
        const ends = [
          changes.watch(({ environmentId, kind, key, version }) => {
            if (environmentId !== id) return;
            const data: ChangeEventBody = { kind, key, version };
            send({ id: String(version), event: 'change', data });
          }),
          experiments.onChange(({ environmentId, key }) => {
            if (environmentId !== id) return;
            const data: ExperimentEventBody = { key };
            send({ event: 'experiment', data });
          }),
          usages.of(id).watch((items) => {
            const data: UsageEventBody = { items: items ?? [], isPartial: items === undefined };
            send({ event: 'usage', data });
          }),
          connections.watch(id, () => {
            const data: ConnectionsEventBody = { count: connections.countOf(id) };
            send({ event: 'connections', data });
          }),
        ];
        return () => {
          for (const end of ends) end();
        };
      }),
  };
}

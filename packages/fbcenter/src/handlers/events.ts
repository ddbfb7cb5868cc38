import type { ChangeEventBody } from '../api/answers.js';
import type { ConnectionsEventBody } from '../api/connections.js';
import type { UsageEventBody } from '../api/usage.js';
import { type Answer, events } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { Usages } from '../live/usage.js';
import type { ChangeLog } from '../model/change-log.js';

/** Who hears that SDKs have come or gone. */
export interface WatchedConnections {
  countOf(environmentId: string): number;
  watch(environmentId: string, watcher: () => void): () => void;
}

/** What is happening in an environment, as it happens. */
export function eventHandlers(
  changes: Pick<ChangeLog, 'watch'>,
  usages: Pick<Usages, 'of'>,
  connections: WatchedConnections,
) {
  return {
    /**
     * An event `change` for each flag and segment that is changed from now on: a reason to read it again, not the thing itself. `usage` for
     * flags that were evaluated and `connections` when SDKs have come or gone, each at most once a second.
     */
    events: async ({ environment: { id } }: EnvironmentExchange): Promise<Answer> =>
      events((send) => {
        const ends = [
          changes.watch(({ environmentId, kind, key, version }) => {
            if (environmentId !== id) return;
            const data: ChangeEventBody = { kind, key, version };
            send({ id: String(version), event: 'change', data });
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

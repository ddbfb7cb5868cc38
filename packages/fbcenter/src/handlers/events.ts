import type { ChangeEventBody, ExperimentEventBody } from '../api/answers.js';
import type { ConnectionsEventBody } from '../api/connections.js';
import type { TriggersEventBody } from '../api/triggers.js';
import type { UsageEventBody } from '../api/usage.js';
import type { WebhooksEventBody } from '../api/webhooks.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, events } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { Usages } from '../live/usage.js';
import type { ChangeLog } from '../model/change-log.js';
import type { GatheredChanges } from '../runtime/gathered-changes.js';

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
  readonly webhooks: { readonly changes: Pick<GatheredChanges, 'watch'> };
  readonly triggers: { readonly changes: Pick<GatheredChanges, 'watch'> };
}

/** What is happening in an environment, as it happens. */
export function eventHandlers(parts: EventParts) {
  const { changes, usages, connections, experiments, webhooks, triggers } = parts;
  return {
    /**
     * An event `change` for each flag and segment that is changed from now on, and `experiment` for each experiment that is changed or
     * has other results: a reason to read it again, not the thing itself. `usage` for flags that were evaluated, at most twice a
     * second, `connections` when SDKs have come or gone, `webhooks` when one has changed or something came of its messages, and `triggers`
     * when those of a flag have changed or were used, at most once a second each.
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
          webhooks.changes.watch(id, (ids) => {
            const data: WebhooksEventBody = { ids };
            send({ event: 'webhooks', data });
          }),
          triggers.changes.watch(id, (flags) => {
            const data: TriggersEventBody = { flags };
            send({ event: 'triggers', data });
          }),
        ];
        return () => {
          for (const end of ends) end();
        };
      }),
  };
}

import type { SecretKind } from '../model/environment.js';
import { type HealthParts, relayState } from './relay-health.js';

interface RelayMetricParts {
  readonly health: HealthParts;
  /** How many connections of each kind the environments have. */
  counts(): Iterable<{ readonly environmentId: string; readonly kind: SecretKind; readonly count: number }>;
  /** The greatest version that is served; `undefined` without data. */
  versionOf(environmentId: string): number | undefined;
}

/** What is read of a relay whenever somebody asks for metrics. */
export function relayMetrics({ health, counts, versionOf }: RelayMetricParts) {
  const { environments } = health;
  const total = (help: string, read: () => number) => ({ help, type: 'counter' as const, read });
  return {
    connections: async () =>
      [...counts()].flatMap(({ environmentId, ...count }) => {
        const environment = environments.byId(environmentId)?.key;
        return environment === undefined ? [] : [{ environment, ...count }];
      }),
    byEnvironment: {
      fbcenter_environment_version: {
        help: 'The greatest version that is served of an environment, in Unix milliseconds: that of upstream once it has come.',
        read: async () =>
          environments.all.flatMap(({ id, key }) => {
            const version = versionOf(id);
            return version === undefined ? [] : [[key, version] as const];
          }),
      },
      fbcenter_relay_age_seconds: {
        help: 'Seconds since what is served was last known to be what upstream has; 0 while changes arrive at once.',
        read: async () =>
          relayState(health).environments.flatMap(({ key, ageSeconds }) =>
            ageSeconds === null ? [] : [[key, ageSeconds] as const],
          ),
      },
    },
    numbers: {
      fbcenter_relay_insights_waiting_bytes: {
        help: 'Insights that wait for upstream, in bytes.',
        type: 'gauge' as const,
        read: () => health.insights().waitingBytes,
      },
      fbcenter_relay_insights_sent_total: total('Bodies that upstream has taken.', () => health.insights().sent),
      fbcenter_relay_insights_refused_total: total(
        'Bodies that upstream does not take.',
        () => health.insights().refused,
      ),
      fbcenter_relay_insights_unanswered_total: total(
        'Bodies that were sent, and nobody knows whether upstream has counted them.',
        () => health.insights().unanswered,
      ),
      fbcenter_relay_insights_turned_away_total: total(
        'Requests of SDKs that were not taken because too much waits.',
        () => health.insights().turnedAway,
      ),
    },
  };
}

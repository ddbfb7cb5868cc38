import { isoTimeOrNull } from '../handlers/answer-parts.js';
import { refuseStopping } from '../handlers/health.js';
import { type Answer, json } from '../http/answer.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import type { Stopping } from '../runtime/stopping.js';
import type { SyncState } from './freshness.js';
import type { InsightState } from './insight-relay.js';
import type { RelayedEnvironments } from './relayed-environments.js';

/** How an environment of a relay stands. */
export interface RelayedEnvironmentState {
  readonly key: string;
  readonly state: SyncState;
  /** Seconds since what is served was last known to be what upstream has; 0 while what changes arrives at once, `null` without data. */
  readonly ageSeconds: number | null;
  /** When that was. */
  readonly lastSyncedAt: string | null;
  readonly hasData: boolean;
  readonly flags: number;
  readonly segments: number;
  /** Streaming connections of SDKs. */
  readonly connections: number;
  /** Whether a snapshot is kept, and could be written the last time. */
  readonly snapshot: 'kept' | 'failing' | 'none';
}

/** How a relay stands. */
export interface RelayState {
  /** `Healthy`: every environment is live. `Stale`: everything is served, and some of it may be old. `NoData`: there is an environment of which nothing is known. */
  readonly status: 'Healthy' | 'Stale' | 'NoData';
  /** Of the environment whose data is oldest; `null` when there is one without data. */
  readonly ageSeconds: number | null;
  readonly environments: readonly RelayedEnvironmentState[];
  readonly insights: InsightState;
}

export interface HealthParts {
  readonly environments: RelayedEnvironments;
  readonly clock: Pick<Clock, 'now'>;
  readonly stopping: Pick<Stopping, 'isAnnounced'>;
  connectionsOf(environmentId: string): number;
  snapshotOf(environmentId: string): RelayedEnvironmentState['snapshot'];
  insights(): InsightState;
}

export function relayState({ environments, clock, ...parts }: HealthParts): RelayState {
  const now = clock.now();
  const states = environments.all.map(({ id, key, replica, freshness }): RelayedEnvironmentState => {
    const age = replica.isFilled ? freshness.age(now) : undefined;
    return {
      key,
      state: freshness.state,
      ageSeconds: age === undefined ? null : secondsOf(age),
      lastSyncedAt: isoTimeOrNull(freshness.answeredAt),
      hasData: replica.isFilled,
      ...replica.counts,
      connections: parts.connectionsOf(id),
      snapshot: parts.snapshotOf(id),
    };
  });
  const hasAll = states.length > 0 && states.every(({ hasData }) => hasData);
  const isLive = states.every(({ state }) => state === 'live');
  return {
    status: hasAll ? (isLive ? 'Healthy' : 'Stale') : 'NoData',
    ageSeconds: hasAll ? Math.max(...states.map(({ ageSeconds }) => ageSeconds ?? 0)) : null,
    environments: states,
    insights: parts.insights(),
  };
}

/** For load balancers, orchestrators and people. */
export function relayHealthHandlers(parts: HealthParts) {
  return {
    /** The process answers. */
    liveness: async (): Promise<Answer> => json({ status: 'Healthy' as const }),
    /** Every environment can be served, from whatever time its data is. */
    readiness: async (): Promise<Answer> => {
      refuseStopping(parts.stopping);
      const { status, ageSeconds } = relayState(parts);
      if (status === 'NoData') {
        throw new Refusal(
          'busy',
          'There is no data of some environment yet: the server behind this relay was not reached.',
        );
      }
      return json({ status: 'Healthy' as const, ageSeconds });
    },
    /** Everything about how it stands. */
    state: async (): Promise<Answer> => json<RelayState>(relayState(parts)),
  };
}

/** The value of the header `Age`, which says how old what is answered may be. */
export function secondsOf(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}

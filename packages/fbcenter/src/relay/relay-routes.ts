import type { ClientFlags } from '../evaluation/client-flags.js';
import { clientSdkHandlers } from '../handlers/client-sdk.js';
import { manifestHandlers } from '../handlers/manifest.js';
import { ofrepHandlers } from '../handlers/ofrep.js';
import { servingHandlers } from '../handlers/sdk.js';
import { empty } from '../http/answer.js';
import type { EnvironmentExchange, Route } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import { Refusal } from '../model/refusal.js';
import type { ByteBudget } from '../runtime/byte-budget.js';
import type { Clock } from '../runtime/clock.js';
import { sdkRoutes } from '../sdk-routes.js';
import type { InsightRelay } from './insight-relay.js';
import { type HealthParts, relayHealthHandlers, secondsOf } from './relay-health.js';
import type { RelayedChanges } from './relayed-changes.js';
import type { RelayedEnvironments } from './relayed-environments.js';

export interface RelayRouteParts {
  readonly live: LiveEnvironments;
  readonly changes: RelayedChanges;
  readonly environments: RelayedEnvironments;
  readonly insights: Pick<InsightRelay, 'take'>;
  readonly health: HealthParts;
  readonly budget: ByteBudget;
  readonly clientFlags: ClientFlags;
  readonly clock: Clock;
}

/** The HTTP surface of a relay: what SDKs call of a center, and how it stands. */
export function relayRoutes(parts: RelayRouteParts): readonly Route[] {
  const { live, changes, environments, insights, budget, clientFlags, clock } = parts;
  const health = relayHealthHandlers(parts.health);
  const serving = servingHandlers({ live, budget, clientFlags, unknownFlags: { note: () => {} } });
  const routes = sdkRoutes({
    health,
    sdk: {
      ...serving,
      track: async ({ caller, body }: EnvironmentExchange) => {
        if (!Array.isArray(body)) throw new Refusal('invalid-request', 'Send a JSON array of insights.');
        if (caller.kind === 'sdk') await insights.take(caller.secretId, body);
        return empty();
      },
    },
    clientSdk: clientSdkHandlers({ live, budget, clientFlags }),
    ofrep: ofrepHandlers({ live, storage: environments, budget, clock }),
    manifest: manifestHandlers({
      list: async (id, kind, { archived }) => {
        const { documents } = changes.filled(id).everything();
        return documents
          .filter((document) => document.kind === kind && document.isArchived === (archived ?? document.isArchived))
          .sort((a, b) => (a.key < b.key ? -1 : 1));
      },
    }),
  });
  return [
    ...routes.map((route) => withAge(route, environments, clock)),
    { method: 'GET', path: '/health', access: 'anybody', handler: health.state, isUnlimited: true },
  ];
}

/** Says with each answer about an environment how old its data may be, as caches do. */
function withAge(route: Route, environments: RelayedEnvironments, clock: Pick<Clock, 'now'>): Route {
  if (route.about === undefined) return route;
  const { handler } = route;
  return {
    ...route,
    handler: async (exchange: EnvironmentExchange) => {
      const answer = await handler(exchange);
      const age = environments.byId(exchange.environment.id)?.freshness.age(clock.now());
      if (age === undefined) return answer;
      return { ...answer, headers: { ...answer.headers, age: String(secondsOf(age)) } };
    },
  };
}

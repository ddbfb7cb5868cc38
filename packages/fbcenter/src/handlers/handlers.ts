import type { Usages } from '../live/usage.js';
import type { BuiltPage } from '../page/built-page.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import type { ConnectionList } from '../streaming/connection-list.js';
import { connectionHandlers } from './connections.js';
import { documentHandlers, flagHandlers } from './documents.js';
import { environmentHandlers } from './environments.js';
import { eventHandlers } from './events.js';
import { explainHandlers } from './explain.js';
import { healthHandlers } from './health.js';
import { insightHandlers } from './insights.js';
import { pageHandlers } from './page.js';
import { type SdkParts, sdkHandlers } from './sdk.js';
import { type SecretConnections, secretHandlers } from './secrets.js';

export interface HandlerParts extends SdkParts {
  readonly storage: Storage;
  readonly page: BuiltPage;
  readonly connections: SecretConnections & { readonly list: ConnectionList };
  readonly usages: Usages;
  readonly clock: Clock;
}

/** Everything that the table of routes can point to. */
export function createHandlers(parts: HandlerParts) {
  const { storage, live, usages } = parts;
  return {
    page: pageHandlers(parts.page),
    health: healthHandlers(storage),
    sdk: sdkHandlers(parts),
    environments: environmentHandlers(storage.environments, live),
    events: eventHandlers(storage.changes, usages, parts.connections.list),
    connections: connectionHandlers(parts.connections.list),
    secrets: secretHandlers(storage.secrets, parts.connections),
    flags: flagHandlers(storage, live),
    segments: documentHandlers('segment', storage),
    explain: explainHandlers(live, parts.latestUsers),
    insights: insightHandlers({ ...parts, insights: storage.insights }),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

import type { BuiltPage } from '../page/built-page.js';
import type { Storage } from '../storage/storage.js';
import { documentHandlers, flagHandlers } from './documents.js';
import { environmentHandlers } from './environments.js';
import { experimentHandlers } from './experiments.js';
import { explainHandlers } from './explain.js';
import { healthHandlers } from './health.js';
import { insightHandlers } from './insights.js';
import { metricHandlers } from './metrics.js';
import { pageHandlers } from './page.js';
import { type SdkParts, sdkHandlers } from './sdk.js';
import { type SecretConnections, secretHandlers } from './secrets.js';

export interface HandlerParts extends SdkParts {
  readonly storage: Storage;
  readonly page: BuiltPage;
  readonly connections: SecretConnections;
}

/** Everything that the table of routes can point to. */
export function createHandlers(parts: HandlerParts) {
  const { storage, live } = parts;
  return {
    page: pageHandlers(parts.page),
    health: healthHandlers(storage),
    sdk: sdkHandlers(parts),
    environments: environmentHandlers(storage.environments, live, storage.changes, parts.experiments),
    secrets: secretHandlers(storage.secrets, parts.connections),
    flags: flagHandlers(storage, live),
    segments: documentHandlers('segment', storage),
    explain: explainHandlers(live, parts.latestUsers),
    experiments: experimentHandlers(parts.experiments, storage),
    metrics: metricHandlers(parts.experiments, storage),
    insights: insightHandlers(storage.insights, parts.latestUsers),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

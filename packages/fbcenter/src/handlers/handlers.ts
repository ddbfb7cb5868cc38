import type { BuiltPage } from '../page/built-page.js';
import type { Clock } from '../runtime/clock.js';
import type { Storage } from '../storage/storage.js';
import { auditHandlers } from './audit.js';
import { documentHandlers, flagHandlers } from './documents.js';
import { environmentHandlers } from './environments.js';
import { healthHandlers } from './health.js';
import { insightHandlers } from './insights.js';
import { openApiHandlers } from './openapi.js';
import { pageHandlers } from './page.js';
import { type SdkParts, sdkHandlers } from './sdk.js';
import { type SecretConnections, secretHandlers } from './secrets.js';
import { transferHandlers } from './transfer.js';

export interface HandlerParts extends SdkParts {
  readonly storage: Storage;
  readonly page: BuiltPage;
  readonly connections: SecretConnections;
  readonly clock: Pick<Clock, 'now'>;
}

/** Everything that the table of routes can point to. */
export function createHandlers(parts: HandlerParts) {
  const { storage, live } = parts;
  return {
    page: pageHandlers(parts.page),
    health: healthHandlers(storage),
    sdk: sdkHandlers(parts),
    environments: environmentHandlers(storage, live),
    secrets: secretHandlers(storage, parts.connections),
    flags: flagHandlers(storage, live),
    segments: documentHandlers('segment', storage),
    insights: insightHandlers(storage),
    audit: auditHandlers(storage.audit),
    transfer: transferHandlers(storage, parts.clock),
    openApi: openApiHandlers(),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

import type { Catalog } from '../documents/catalog.js';
import type { Storage } from '../storage/storage.js';
import { documentHandlers, flagHandlers } from './documents.js';
import { environmentHandlers } from './environments.js';
import { healthHandlers } from './health.js';
import { insightHandlers } from './insights.js';
import { type SdkParts, sdkHandlers } from './sdk.js';

export interface HandlerParts extends SdkParts {
  readonly storage: Storage;
  readonly catalog: Catalog;
}

/** Everything that the table of routes can point to. */
export function createHandlers(parts: HandlerParts) {
  const { storage, catalog, live } = parts;
  return {
    health: healthHandlers(storage),
    sdk: sdkHandlers(parts),
    environments: environmentHandlers(storage.environments, live),
    flags: flagHandlers(catalog),
    segments: documentHandlers('segment', catalog),
    insights: insightHandlers(storage.insights),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

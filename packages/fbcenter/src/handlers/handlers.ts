import type { Access } from '../access/access.js';
import type { IdentityProvider } from '../access/identity-provider.js';
import type { ClientFlags } from '../evaluation/client-flags.js';
import { FilePlaces } from '../http/room.js';
import type { UnknownFlags } from '../insights/unknown-flags.js';
import type { Usages } from '../live/usage.js';
import type { BuiltPage } from '../page/built-page.js';
import type { Clock } from '../runtime/clock.js';
import type { Stopping } from '../runtime/stopping.js';
import type { Storage } from '../storage/storage.js';
import type { ConnectionList } from '../streaming/connection-list.js';
import type { FlagTriggers } from '../triggers/flag-triggers.js';
import type { WebhookManagement } from '../webhooks/webhooks.js';
import { auditHandlers } from './audit.js';
import { clientSdkHandlers } from './client-sdk.js';
import { connectionHandlers } from './connections.js';
import { documentHandlers, flagHandlers } from './documents.js';
import { environmentHandlers } from './environments.js';
import { eventHandlers } from './events.js';
import { experimentHandlers } from './experiments.js';
import { explainHandlers } from './explain.js';
import { healthHandlers } from './health.js';
import { insightHandlers } from './insights.js';
import { manifestHandlers } from './manifest.js';
import { metricHandlers } from './metrics.js';
import { ofrepHandlers } from './ofrep.js';
import { oidcHandlers } from './oidc.js';
import { openApiHandlers } from './openapi.js';
import { pageHandlers } from './page.js';
import { type SdkParts, sdkHandlers } from './sdk.js';
import { type SecretConnections, secretHandlers } from './secrets.js';
import { sessionHandlers } from './sessions.js';
import { tokenHandlers } from './tokens.js';
import { transferHandlers } from './transfer.js';
import { triggerHandlers } from './triggers.js';
import { userHandlers } from './users.js';
import { webhookHandlers } from './webhooks.js';

export interface HandlerParts extends SdkParts {
  readonly storage: Storage;
  readonly page: BuiltPage;
  readonly clientFlags: ClientFlags;
  readonly connections: SecretConnections & { readonly list: ConnectionList };
  readonly usages: Usages;
  readonly unknownFlags: UnknownFlags;
  readonly access: Pick<Access, 'signIns' | 'accounts' | 'tokens'>;
  readonly clock: Clock;
  readonly identityProvider: IdentityProvider | undefined;
  readonly webhooks: WebhookManagement;
  /** Whether webhooks may be of private networks. */
  readonly webhooksToPrivate: boolean;
  readonly triggers: FlagTriggers;
  readonly stopping: Stopping;
}

/** Everything that the table of routes can point to. */
export function createHandlers(parts: HandlerParts) {
  const { storage, live, usages, access, clock, identityProvider } = parts;
  const { accounts, signIns, tokens } = access;
  const { environments, users, sessions } = storage;
  const files = new FilePlaces();
  return {
    page: pageHandlers(parts.page),
    health: healthHandlers(storage, parts.stopping),
    sdk: sdkHandlers(parts),
    clientSdk: clientSdkHandlers(parts),
    ofrep: ofrepHandlers(parts),
    manifest: manifestHandlers(storage.documents),
    environments: environmentHandlers(storage, live),
    events: eventHandlers({
      changes: storage.changes,
      usages,
      connections: parts.connections.list,
      experiments: parts.experiments,
      webhooks: parts.webhooks,
      triggers: parts.triggers,
    }),
    connections: connectionHandlers(parts.connections.list),
    sessions: sessionHandlers({ signIns, accounts, environments, users, sessions, identityProvider }),
    oidc: oidcHandlers(identityProvider, signIns),
    users: userHandlers({ accounts, signIns, environments, users, sessions }),
    tokens: tokenHandlers({ tokens, environments, clock }),
    secrets: secretHandlers(storage, parts.connections),
    flags: flagHandlers(storage, live),
    segments: documentHandlers('segment', storage),
    explain: explainHandlers(live, parts.latestUsers),
    insights: insightHandlers(parts),
    experiments: experimentHandlers(parts.experiments, storage),
    metrics: metricHandlers(parts.experiments, storage),
    audit: auditHandlers(storage.audit, files),
    transfer: transferHandlers(storage, clock, files),
    webhooks: webhookHandlers(parts.webhooks, parts.webhooksToPrivate),
    triggers: triggerHandlers(parts.triggers),
    openApi: openApiHandlers(),
  };
}

export type Handlers = ReturnType<typeof createHandlers>;

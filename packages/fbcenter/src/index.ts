/** fbcenter: an embedded flag center that speaks FeatBit's server protocol in one process. */

export type { GroupRole, OidcOptions } from './access/oidc-options.js';
export { type Center, startCenter } from './center.js';
export type { CommitEvent, InsightsEvent } from './center-events.js';
export type { EnvironmentOptions } from './environment-options.js';
export { CenterError, type CenterErrorCode, type ConfigProblem, InvalidConfigError } from './errors.js';
export type { DocumentKind } from './model/document.js';
export type { Environment } from './model/environment.js';
export type { Role } from './model/role.js';
export type { OperatingOptions } from './operating-options.js';
export type { CenterOptions } from './options.js';
export type { SyncState } from './relay/freshness.js';
export type { InsightState } from './relay/insight-relay.js';
export type { RelayedEnvironmentState, RelayState } from './relay/relay-health.js';
export type { RelayedEnvironmentOptions, RelayOptions } from './relay/relay-options.js';
export { type Relay, startRelay } from './relay.js';
export { LOG_LEVELS, type Logger, type LogLevel, lineLogger } from './runtime/log.js';
export { VERSION } from './version.js';

/** fbcenter: an embedded flag center that speaks FeatBit's server protocol in one process. */

export { type Center, type CommitEvent, type InsightsEvent, startCenter } from './center.js';
export { CenterError, type CenterErrorCode, type ConfigProblem, InvalidConfigError } from './errors.js';
export { LOG_LEVELS, type Logger, type LogLevel, lineLogger } from './log.js';
export type { CenterOptions, EnvironmentOptions } from './options.js';
export type { DocumentKind, Environment } from './storage/storage.js';
export { VERSION } from './version.js';

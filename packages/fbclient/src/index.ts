/** fbclient: the whole public API. */

export type { Diagnostics } from './diagnostics.js';
// State
export type { SyncError } from './errors.js';
export { InvalidConfigError, NotConfiguredError, type OptionProblem } from './errors.js';
export type { AllFlagStates, AllFlagStatesJson, FlagStateJson } from './evaluation/all-flag-states.js';
// Evaluation
export type { EvalDetail, Reason } from './evaluation/detail.js';
export type { EvaluationMethod, EvaluationSeries } from './evaluation/hooked-evaluator.js';
export type { EvaluatedFlag, EvaluationResult } from './evaluation/result.js';
export type { AnyFlags, DeepReadonly, FBUser, UserAttribute, UserOf } from './evaluation/types.js';
export type { DropReason, EventCounters } from './events/ledger.js';
export type { MissingAttribute } from './flags/attributes.js';
export type { FailureCode } from './flags/failure.js';
export type { JsonValue, ValueType } from './flags/variation.js';
export type { Hook } from './hooks/hook.js';
export { type FilePersistenceOptions, filePersistence } from './node/file-persistence.js';
export { type FileDataSourceOptions, fileDataSource } from './node/file-source.js';
// The client
export { FBClient } from './node-client.js';
export type { Options } from './options.js';
// Logging
export { consoleLogger, type Logger, type LogLevel } from './runtime/log.js';
export type { Wait } from './runtime/wait.js';
export { get, setConfig } from './singleton.js';
export type {
  InitializationResult,
  Status,
  StatusListener,
  UpdateState,
  UpdateStatusProvider,
} from './status.js';
// Where data comes from, and where it is kept
export type { DataSink, DataSource, SourceError } from './sync/data-source.js';
export type { Persistence } from './sync/persistence.js';
// Listening to changes
export type {
  FlagChangedListener,
  FlagTracker,
  FlagValueChangedListener,
  FlagValueMaybeChangedListener,
} from './tracker/flag-tracker.js';

/** fbclient-otel: the whole public API. */

export type { AttributeSettings, EvaluationAttributes } from './attributes.js';
// Events
export {
  type EvaluationEventsOptions,
  type EvaluationRecord,
  type EventLogger,
  type EventLoggerProvider,
  evaluationEvents,
} from './evaluation-events.js';
// Metrics
export {
  type EvaluationMetricsOptions,
  evaluationMetrics,
  type MetricsOptions,
  type ObservedClient,
  observeClient,
} from './metrics.js';

import * as api from '@opentelemetry/api';
import type { Hook } from 'fbclient';
import { type AttributeSettings, attributesOf, EVENT_NAME, type EvaluationAttributes } from './attributes.js';

/** A log record, as both Logs APIs take it. */
export interface EvaluationRecord {
  readonly eventName: string;
  readonly severityNumber: number;
  readonly attributes: EvaluationAttributes;
}

/** A logger of either Logs API: that of `@opentelemetry/api` from 1.10, or `@opentelemetry/api-logs`. */
export interface EventLogger {
  emit(record: EvaluationRecord): void;
  enabled?(options?: { readonly eventName?: string; readonly severityNumber?: number }): boolean;
}

/** Where loggers come from, in either Logs API. */
export interface EventLoggerProvider {
  getLogger(name: string): EventLogger;
}

export interface EvaluationEventsOptions extends AttributeSettings {
  /** A log event each evaluation, an event on the active span, or both. @default 'log' */
  readonly signal?: 'log' | 'span-event' | 'both' | undefined;
  /**
   * The provider of loggers. Needed with SDK 2, whose logs are another API, `@opentelemetry/api-logs`: what goes to the one does not
   * arrive at the other. @default the global one of `@opentelemetry/api` from 1.10
   */
  readonly loggerProvider?: EventLoggerProvider | undefined;
}

/** INFO, in both Logs APIs. */
const SEVERITY = 9;

/**
 * A hook that reports evaluations as the event `feature_flag.evaluation` of OpenTelemetry's conventions.
 *
 * @throws TypeError when log events are asked for and there is nowhere to log to.
 */
export function evaluationEvents(options: EvaluationEventsOptions = {}): Hook {
  const { signal = 'log' } = options;
  const logger = signal === 'span-event' ? undefined : loggerOf(options.loggerProvider);
  const onSpans = signal !== 'log';
  return {
    name: 'opentelemetry-events',
    afterEvaluation(series, result) {
      const logs = logger !== undefined && isEnabled(logger);
      const span = onSpans ? api.trace.getActiveSpan() : undefined;
      const traces = span?.isRecording() === true;
      if (!logs && !traces) return;
      const attributes = attributesOf(series, result, options);
      if (logs) logger.emit({ eventName: EVENT_NAME, severityNumber: SEVERITY, attributes });
      if (traces) span.addEvent(EVENT_NAME, attributes);
    },
  };
}

/** Asked first: without an SDK nothing is put together. */
function isEnabled(logger: EventLogger): boolean {
  return logger.enabled?.({ eventName: EVENT_NAME, severityNumber: SEVERITY }) ?? true;
}

function loggerOf(given: EventLoggerProvider | undefined): EventLogger {
  const provider = given ?? globalProvider();
  if (provider === undefined) {
    throw new TypeError(
      "@opentelemetry/api has logs from version 1.10 only: pass a loggerProvider, or use the signal 'span-event'",
    );
  }
  return provider.getLogger('fbclient-otel');
}

/** Looked for, not imported by name: an older version of the API does not have it. */
function globalProvider(): EventLoggerProvider | undefined {
  const found: unknown = Reflect.get(api, 'logs');
  return typeof found === 'object' && found !== null && 'getLogger' in found
    ? (found as EventLoggerProvider)
    : undefined;
}

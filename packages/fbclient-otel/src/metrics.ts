import { type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Diagnostics, Hook } from 'fbclient';
import { KEY, labelsOf } from './attributes.js';

export interface MetricsOptions {
  /** @default the global one */
  readonly meterProvider?: MeterProvider | undefined;
}

export interface EvaluationMetricsOptions extends MetricsOptions {
  /** Different sets of labels that are counted each for itself; those beyond have the flag key `_other`. @default 1_000 */
  readonly maxSeries?: number | undefined;
}

const OTHER = { [KEY]: '_other' };

/**
 * A hook that counts evaluations: `fbclient.evaluations`, by flag, variation and reason. How many series that makes is bounded,
 * whatever flag keys the application asks for.
 */
export function evaluationMetrics({ meterProvider, maxSeries = 1_000 }: EvaluationMetricsOptions = {}): Hook {
  const counter = meterOf(meterProvider).createCounter('fbclient.evaluations', {
    description: 'Evaluations of feature flags',
    unit: '{evaluation}',
  });
  const series = new Set<string>();
  return {
    name: 'opentelemetry-metrics',
    afterEvaluation(_, result) {
      const labels = labelsOf(result);
      const id = JSON.stringify(labels);
      const isKnown = series.has(id) || series.size < maxSeries;
      if (isKnown) series.add(id);
      counter.add(1, isKnown ? labels : OTHER);
    },
  };
}

/** What is observed of an `FBClient`. */
export interface ObservedClient {
  diagnostics(): Diagnostics;
}

/**
 * Reports the state of a client as metrics, whenever they are collected: whether it is in sync, the age of its data, flags, segments, interruptions, and
 * what became of its events.
 *
 * @returns ends that.
 */
export function observeClient(client: ObservedClient, { meterProvider }: MetricsOptions = {}): () => void {
  const meter = meterOf(meterProvider);
  const gauge = (name: string, description: string, unit = '1') =>
    meter.createObservableGauge(`fbclient.${name}`, { description, unit });
  const counter = (name: string, description: string, unit: string) =>
    meter.createObservableCounter(`fbclient.${name}`, { description, unit });
  const inSync = gauge('in_sync', '1 while the data is what the server has, otherwise 0');
  const dataAge = gauge('data.age', 'Since the server last answered a request for data', 's');
  const flags = gauge('flags', 'Active flags that are held', '{flag}');
  const segments = gauge('segments', 'Active segments that are held', '{segment}');
  const queued = gauge('events.queued', 'Events that wait to be sent', '{event}');
  const interruptions = counter('interruptions', 'How often synchronization was interrupted', '{interruption}');
  const repaired = counter('repaired', 'Flags and segments that the server had not pushed', '{document}');
  const sent = counter('events.sent', 'Events that the server has taken', '{event}');
  const failed = counter('events.failed', 'Events that were given up', '{event}');
  const dropped = counter('events.dropped', 'Events that were not taken in or could not be sent', '{event}');
  const all = [inSync, dataAge, flags, segments, queued, interruptions, repaired, sent, failed, dropped];
  const observe: Parameters<Meter['addBatchObservableCallback']>[0] = (observer) => {
    const { status, dataAge: age, data, interruptions: interrupted, healing, events } = client.diagnostics();
    observer.observe(inSync, status === 'Ready' ? 1 : 0);
    if (age !== undefined) observer.observe(dataAge, age / 1_000);
    observer.observe(flags, data.flags);
    observer.observe(segments, data.segments);
    observer.observe(interruptions, interrupted);
    observer.observe(repaired, healing.repaired);
    if (events === undefined) return;
    observer.observe(queued, events.queued);
    observer.observe(sent, events.sent);
    observer.observe(failed, events.failed);
    for (const [reason, count] of Object.entries(events.dropped)) observer.observe(dropped, count, { reason });
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

function meterOf(provider: MeterProvider | undefined): Meter {
  return (provider ?? metrics).getMeter('fbclient-otel');
}

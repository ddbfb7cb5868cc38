import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AccessLog } from './http/access-log.js';
import { bytes } from './http/answer.js';
import type { AnsweredRequest } from './http/answered.js';
import type { Route } from './http/exchange.js';
import type { BeginTrace } from './http/traced.js';
import { measuredStorage } from './metrics/measured-storage.js';
import { type MetricsServer, startMetricsServer } from './metrics/metrics-server.js';
import type { ServiceMetrics } from './metrics/service-metrics.js';
import type { ChangeLog } from './model/change-log.js';
import type { ResolvedOperating } from './operating-options.js';
import type { Clock } from './runtime/clock.js';
import type { Logger } from './runtime/log.js';
import type { Storage } from './storage/storage.js';
import { Tracing } from './tracing/tracing.js';

interface MonitoringOptions extends ResolvedOperating {
  readonly host: string;
  readonly logger: Logger;
}

/** How a center or a relay is watched while it runs: metrics, the access log and traces, each if it is wanted. What is not wanted costs nothing. */
export class Monitoring {
  /** Absent = nobody asks for them. */
  readonly metrics: ServiceMetrics | undefined;
  readonly onAnswered: ((request: AnsweredRequest) => void) | undefined;
  readonly onPushed: ((committedAt: number) => void) | undefined;
  readonly trace: BeginTrace | undefined;
  readonly #options: MonitoringOptions;
  readonly #accessLog: AccessLog | undefined;
  readonly #tracing: Tracing | undefined;
  #server: MetricsServer | undefined;

  private constructor(
    options: MonitoringOptions,
    clock: Clock,
    metrics: ServiceMetrics | undefined,
    tracing: Tracing | undefined,
  ) {
    const log = options.accessLog ? new AccessLog(options.logger) : undefined;
    this.#options = options;
    this.#accessLog = log;
    this.metrics = metrics;
    this.#tracing = tracing;
    this.trace = tracing && ((request) => tracing.request(request));
    const arePushesWatched = metrics !== undefined || tracing !== undefined;
    this.onPushed = arePushesWatched
      ? (committedAt) => {
          metrics?.pushed(clock.precise() - committedAt);
          tracing?.pushed(committedAt);
        }
      : undefined;
    const isWatched = metrics !== undefined || log !== undefined;
    this.onAnswered = isWatched
      ? (request) => {
          metrics?.answered(request);
          log?.request(request);
        }
      : undefined;
  }

  static async create(options: MonitoringOptions, clock: Clock): Promise<Monitoring> {
    const tracing = await Tracing.load(clock);
    if (options.metrics === undefined) return new Monitoring(options, clock, undefined, tracing);
    // Loaded by those alone who want it.
    const { ServiceMetrics } = await import('./metrics/service-metrics.js');
    return new Monitoring(options, clock, new ServiceMetrics(), tracing);
  }

  /** Has changes traced; call it before anybody follows them who would push them. */
  traceChanges(changes: Pick<ChangeLog, 'watch'>): void {
    const tracing = this.#tracing;
    if (tracing !== undefined) changes.watch((commit) => tracing.changed(commit));
  }

  /** The storage, measured if somebody asks for that. */
  measured(storage: Storage): Storage {
    const { metrics } = this;
    if (metrics === undefined) return storage;
    return measuredStorage(storage, (repository, result, ms) => metrics.stored(repository, result, ms));
  }

  /** What `GET /metrics` of the main port has to be asked with; absent = it is not there. */
  get tokenOnMainPort(): string | undefined {
    const { metrics } = this.#options;
    return metrics?.port === undefined ? metrics?.token : undefined;
  }

  get routes(): readonly Route[] {
    const { metrics } = this;
    if (metrics === undefined || this.tokenOnMainPort === undefined) return [];
    const handler = async () => {
      const { type, text } = await metrics.text();
      return bytes(Buffer.from(text), type);
    };
    return [{ method: 'GET', path: '/metrics', access: 'metrics-token', handler, isUnlimited: true }];
  }

  /** Takes note of a connection that asks for an upgrade. */
  upgraded(request: IncomingMessage, socket: Duplex): void {
    this.#accessLog?.stream(request, socket);
  }

  /** Listens on the port of the metrics, if they have one. @returns where. @throws CenterError when it cannot be used. */
  async listen(): Promise<string | undefined> {
    const { metrics } = this;
    const { host, metrics: wanted } = this.#options;
    if (metrics === undefined || wanted?.port === undefined) return undefined;
    const { port, token } = wanted;
    this.#server = await startMetricsServer({ host, port, token, text: () => metrics.text() });
    return this.#server.url;
  }

  async close(): Promise<void> {
    this.#tracing?.close();
    await this.#server?.close();
  }
}

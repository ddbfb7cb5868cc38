import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SecretKind } from '../model/environment.js';
import { VERSION } from '../version.js';
import { EnvironmentLabels, OTHERS } from './environment-labels.js';
import { processMetrics } from './process-metrics.js';

/** What is read when somebody asks, by the names of the metrics. What cannot be read is left out of the answer. */
interface MetricSources {
  /** By the key of the environment. */
  connections(): Promise<Iterable<{ readonly environment: string; readonly kind: SecretKind; readonly count: number }>>;
  readonly byEnvironment: Readonly<Record<string, EnvironmentSource>>;
  readonly numbers: Readonly<Record<string, NumberSource>>;
}

interface EnvironmentSource {
  readonly help: string;
  read(): Promise<Iterable<readonly [environment: string, value: number]>>;
}

interface NumberSource {
  readonly help: string;
  /** A counter only grows. */
  readonly type: 'gauge' | 'counter';
  read(): number;
}

/** A request that was answered. */
interface MeasuredRequest {
  readonly method: string;
  /** As the table of routes has it; absent = there is nothing at its address. */
  readonly route: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
}

/** What became of insights. */
type InsightResult = 'accepted' | 'rejected';

/** In seconds: pushes take milliseconds, and a large environment on a busy machine a second. */
const PUSH_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const REQUEST_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
const STORAGE_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/**
 * What Prometheus is told of a center or a relay. Labels are environments, names of the code and statuses: never anything that an SDK or a user
 * has sent, so neither their number nor what they say is up to strangers.
 */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #environments = new EnvironmentLabels();
  readonly #pushes: Histogram;
  readonly #changes: Counter;
  readonly #insights: Counter;
  readonly #requests: Counter;
  readonly #requestTimes: Histogram;
  readonly #storage: Histogram;
  readonly #deliveries: Counter;

  constructor() {
    const registers = [this.#registry];
    const own = { registers };
    this.#pushes = new Histogram({
      ...own,
      name: 'fbcenter_push_seconds',
      help: 'From the commit of a change until it was written to a streaming connection.',
      buckets: PUSH_BUCKETS,
    });
    this.#changes = new Counter({
      ...own,
      name: 'fbcenter_changes_total',
      help: 'Flags and segments that were changed.',
      labelNames: ['environment', 'kind'],
    });
    this.#insights = new Counter({
      ...own,
      name: 'fbcenter_insights_total',
      help: 'Events of SDKs that were accepted, and such as could not be understood.',
      labelNames: ['environment', 'result'],
    });
    this.#requests = new Counter({
      ...own,
      name: 'fbcenter_http_requests_total',
      help: 'HTTP requests that were answered.',
      labelNames: ['method', 'route', 'status'],
    });
    this.#requestTimes = new Histogram({
      ...own,
      name: 'fbcenter_http_request_seconds',
      help: 'From the head of a request until its answer was written.',
      labelNames: ['method', 'route'],
      buckets: REQUEST_BUCKETS,
    });
    this.#storage = new Histogram({
      ...own,
      name: 'fbcenter_storage_seconds',
      help: 'How long the storage took for a call.',
      labelNames: ['repository', 'result'],
      buckets: STORAGE_BUCKETS,
    });
    this.#deliveries = new Counter({
      ...own,
      name: 'fbcenter_webhook_attempts_total',
      help: 'Attempts to deliver messages to webhooks: delivered, failed and to be tried again, or given up.',
      labelNames: ['result'],
    });
    new Gauge({
      ...own,
      name: 'fbcenter_build_info',
      help: 'The version of fbcenter; always 1.',
      labelNames: ['version'],
    }).set({ version: VERSION }, 1);
  }

  /** A push was written, so many milliseconds after its commit. */
  pushed(milliseconds: number): void {
    this.#pushes.observe(Math.max(0, milliseconds) / 1_000);
  }

  changed(environment: string, kind: string): void {
    this.#changes.inc({ environment: this.#environments.of(environment), kind });
  }

  insights(environment: string, result: InsightResult, count: number): void {
    if (count > 0) this.#insights.inc({ environment: this.#environments.of(environment), result }, count);
  }

  answered({ method, route = 'none', status, milliseconds }: MeasuredRequest): void {
    // Whoever asks for what is not there may make methods up, too.
    const name = route === 'none' ? 'any' : method;
    this.#requests.inc({ method: name, route, status: String(status) });
    this.#requestTimes.observe({ method: name, route }, milliseconds / 1_000);
  }

  stored(repository: string, result: 'done' | 'failed', milliseconds: number): void {
    this.#storage.observe({ repository, result }, milliseconds / 1_000);
  }

  /** An attempt to deliver a message to a webhook was made. */
  readonly delivered = (result: 'delivered' | 'failed' | 'dead'): void => this.#deliveries.inc({ result });

  /** Everything as Prometheus reads it, and the media type of that. */
  async text(): Promise<{ readonly type: string; readonly text: string }> {
    const registries = [this.#registry, processMetrics()];
    const texts = await Promise.all(registries.map((registry) => registry.metrics()));
    return { type: this.#registry.contentType, text: texts.join('\n') };
  }

  /** What is read from now on whenever somebody asks. */
  watch({ connections, byEnvironment, numbers }: MetricSources): void {
    const registers = [this.#registry];
    const environments = this.#environments;
    new Gauge({
      registers,
      name: 'fbcenter_connections',
      help: 'Streaming connections of SDKs.',
      labelNames: ['environment', 'kind'],
      async collect() {
        this.reset();
        for (const { environment, kind, count } of await orNothing(connections)) {
          this.inc({ environment: environments.of(environment), kind }, count);
        }
      },
    });
    for (const [name, { help, read }] of Object.entries(byEnvironment)) {
      new Gauge({
        registers,
        name,
        help,
        labelNames: ['environment'],
        async collect() {
          this.reset();
          for (const [key, value] of await orNothing(read)) {
            const environment = environments.of(key);
            // Versions and ages of several together say nothing.
            if (environment !== OTHERS) this.set({ environment }, value);
          }
        },
      });
    }
    for (const [name, { help, type, read }] of Object.entries(numbers)) {
      const collect = function (this: Gauge | Counter) {
        this.reset();
        this.inc(read());
      };
      if (type === 'gauge') new Gauge({ registers, name, help, collect });
      else new Counter({ registers, name, help, collect });
    }
  }
}

/** One thing that cannot be read keeps nobody from the rest. */
async function orNothing<T>(read: () => Promise<Iterable<T>>): Promise<Iterable<T>> {
  try {
    return await read();
  } catch {
    return [];
  }
}

import type * as OpenTelemetry from '@opentelemetry/api';
import type { Commit } from '../model/change-log.js';
import type { Clock } from '../runtime/clock.js';
import { VERSION } from '../version.js';

/** A request, before anything is done about it. */
export interface TraceableRequest {
  readonly method: string;
  /** As the table of routes has it: keys and ids that somebody has put into its variable parts would be names without a bound. */
  readonly route: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The span of a request. */
export interface RequestSpan {
  /** Does something as a part of the request. */
  within(work: () => void): void;
  end(status: number): void;
}

/** A change whose pushes are awaited. */
interface Pushing {
  readonly span: OpenTelemetry.Span;
  pushes: number;
  /** When the last one was written to a connection, in Unix milliseconds. */
  last: number;
  timer: NodeJS.Timeout | undefined;
}

/** A change is over when it was pushed to nobody for so long, in milliseconds. */
const SETTLED = 1_000;

/** Changes that are awaited at once; of more, the oldest is over. */
const MOST_PUSHING = 1_000;

/** What people and programs do here; what SDKs ask for all the time would be most of all spans, and say nothing. */
const TRACED = /^\/api\/v1\/(?!.*\/events$)|\/insight\/track$/;

/** The spans of a center, for the OpenTelemetry SDK of its process. They have no user's data, no secret and no address in them. */
export class Tracing {
  readonly #api: typeof OpenTelemetry;
  readonly #clock: Clock;
  readonly #tracer: OpenTelemetry.Tracer;
  /** By the times of their commits. */
  readonly #pushing = new Map<number, Pushing>();

  constructor(api: typeof OpenTelemetry, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
    this.#tracer = api.trace.getTracer('fbcenter', VERSION);
  }

  /** @returns `undefined` when no SDK in this process takes spans. */
  static async load(clock: Clock): Promise<Tracing | undefined> {
    if (!isWanted()) return undefined;
    const api = await import('@opentelemetry/api').catch(() => undefined);
    return api && new Tracing(api, clock);
  }

  /** Begins the span of a request, as a part of the trace that its headers name. @returns `undefined` for what is not traced. */
  request({ method, route, headers }: TraceableRequest): RequestSpan | undefined {
    if (!TRACED.test(route)) return undefined;
    const { context, propagation, trace, ROOT_CONTEXT, SpanKind, SpanStatusCode } = this.#api;
    const active = context.active();
    // Somebody else may have begun one for the same request: an instrumentation of node:http.
    const isOuter = trace.getSpan(active) === undefined;
    const span = this.#tracer.startSpan(
      `${method} ${route}`,
      {
        kind: isOuter ? SpanKind.SERVER : SpanKind.INTERNAL,
        attributes: { 'http.request.method': method, 'http.route': route },
      },
      isOuter ? propagation.extract(ROOT_CONTEXT, headers) : active,
    );
    const inside = trace.setSpan(active, span);
    return {
      within: (work) => context.with(inside, work),
      end: (status) => {
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status));
        span.end();
      },
    };
  }

  /** Begins the span of a change: from its commit until it was pushed to everybody who is connected here. */
  changed({ kind, key, environmentKey, committedAt, isForeign = false }: Commit): void {
    // What is changed in one transaction may be of the same moment.
    if (this.#pushing.has(committedAt)) return;
    const { context, ROOT_CONTEXT } = this.#api;
    const attributes = {
      'fbcenter.environment': environmentKey,
      [kind === 'flag' ? 'feature_flag.key' : 'fbcenter.segment.key']: key,
      'fbcenter.change.is_foreign': isForeign,
    };
    // A change that another center has made belongs to nothing that is done here.
    const parent = isForeign ? ROOT_CONTEXT : context.active();
    const span = this.#tracer.startSpan(`push ${kind}`, { startTime: committedAt, attributes }, parent);
    if (!span.isRecording()) return;
    const pushing: Pushing = { span, pushes: 0, last: committedAt, timer: undefined };
    this.#pushing.set(committedAt, pushing);
    this.#await(committedAt, pushing);
    const [oldest] = this.#pushing.keys();
    if (this.#pushing.size > MOST_PUSHING && oldest !== undefined) this.#end(oldest);
  }

  /** A change was written to a connection. */
  pushed(committedAt: number): void {
    const pushing = this.#pushing.get(committedAt);
    if (pushing === undefined) return;
    pushing.pushes += 1;
    pushing.last = this.#clock.precise();
  }

  /** Ends what has begun. */
  close(): void {
    for (const committedAt of [...this.#pushing.keys()]) this.#end(committedAt);
  }

  #await(committedAt: number, pushing: Pushing): void {
    const { pushes } = pushing;
    pushing.timer = setTimeout(() => {
      if (pushing.pushes === pushes) this.#end(committedAt);
      else this.#await(committedAt, pushing);
    }, SETTLED).unref();
  }

  #end(committedAt: number): void {
    const pushing = this.#pushing.get(committedAt);
    if (pushing === undefined) return;
    this.#pushing.delete(committedAt);
    clearTimeout(pushing.timer);
    pushing.span.setAttribute('fbcenter.pushes', pushing.pushes);
    pushing.span.end(pushing.last);
  }
}

/** Whether an SDK has said that it takes spans. Every copy of the API in the process looks here, and without one it is not worth being loaded. */
function isWanted(): boolean {
  const registered: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
  return typeof registered === 'object' && registered !== null && 'trace' in registered;
}

import type { ConfigProblem } from './errors.js';
import type { TlsPaths } from './http/tls-files.js';
import type { DrainTimes } from './runtime/stopping.js';

const MAX_DRAIN = 300_000;

/** How a center or a relay is operated: the options that both have. */
export interface OperatingOptions {
  /**
   * A port of its own for `GET /metrics`, which Prometheus asks, 0 to 65,535; 0 is any free one. It listens on the same address as everything
   * else. @default absent: with a {@link metricsToken} the main port has them, without one nobody
   */
  readonly metricsPort?: number | undefined;
  /**
   * What `GET /metrics` has to be asked with, as `Authorization: Bearer TOKEN`; at least 20 characters without spaces.
   * @default absent: on the port of their own anybody may ask
   */
  readonly metricsToken?: string | undefined;
  /**
   * HTTP requests that each secret, token or user may send from each address in a minute, 1 to 10,000,000; more are answered 429 with `Retry-After`. Streams and
   * health are not limited. @default as many as they like
   */
  readonly rateLimit?: number | undefined;
  /**
   * A PEM file with the certificate to show, those between it and its authority behind it: HTTPS and WebSocket over it, and nothing else on the port. It is
   * read anew when it changes. Goes with {@link tlsKey}. @default absent: plain HTTP
   */
  readonly tlsCert?: string | undefined;
  /** A PEM file with the key of {@link tlsCert}, without a passphrase. */
  readonly tlsKey?: string | undefined;
  /** Write a line at the level `info` for each HTTP request that was answered and each stream that has ended. @default false */
  readonly accessLog?: boolean | undefined;
  /**
   * When it is closed, how long it goes on with a red readiness before it lets nobody in any more, in milliseconds, 0 to 300,000: as long as a load
   * balancer takes to notice. @default 0
   */
  readonly drainDelay?: number | undefined;
  /**
   * Over how long streaming connections and streams of events are then ended, in milliseconds, 0 to 300,000, so that those who come back do not
   * come all at once. Fifty are ended at once. @default 0
   */
  readonly drainTime?: number | undefined;
}

/** {@link OperatingOptions} with every default filled in. */
export interface ResolvedOperating {
  /** `undefined` = nobody asks. */
  readonly metrics: { readonly port: number | undefined; readonly token: string | undefined } | undefined;
  readonly accessLog: boolean;
  readonly drain: DrainTimes;
  readonly tls: TlsPaths | undefined;
  readonly rateLimit: number | undefined;
}

type Check = (value: unknown) => string | undefined;

/** Says why a value cannot be used for an option; not called for absent values. */
export const OPERATING_CHECKS: Readonly<Record<keyof OperatingOptions, Check>> = {
  metricsPort: (value) => wholeProblem(value, 0, 65_535),
  metricsToken: tokenProblem,
  rateLimit: (value) => wholeProblem(value, 1, 10_000_000),
  tlsCert: fileProblem,
  tlsKey: fileProblem,
  accessLog: truthProblem,
  drainDelay: (value) => wholeProblem(value, 0, MAX_DRAIN),
  drainTime: (value) => wholeProblem(value, 0, MAX_DRAIN),
};

/** @throws nothing: what cannot be used has been refused before. */
export function resolveOperating(options: OperatingOptions): ResolvedOperating {
  const { metricsPort: port, metricsToken: token, tlsCert: cert, tlsKey: key } = options;
  return {
    metrics: port === undefined && token === undefined ? undefined : { port, token },
    accessLog: options.accessLog ?? false,
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    rateLimit: options.rateLimit,
    drain: { delay: options.drainDelay ?? 0, time: options.drainTime ?? 0 },
  };
}

/** What is wrong with options together that are right one by one. */
export function operatingProblems(options: OperatingOptions, port: number): readonly ConfigProblem[] {
  const { metricsPort, tlsCert, tlsKey } = options;
  const problems: ConfigProblem[] = [];
  if (metricsPort !== undefined && metricsPort !== 0 && metricsPort === port) {
    problems.push({ option: 'metricsPort', message: 'must be another one than port' });
  }
  if (tlsCert !== undefined && tlsKey === undefined) problems.push({ option: 'tlsKey', message: 'goes with tlsCert' });
  if (tlsKey !== undefined && tlsCert === undefined) problems.push({ option: 'tlsCert', message: 'goes with tlsKey' });
  return problems;
}

function fileProblem(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? undefined : 'must be the path of a PEM file';
}

export function tokenProblem(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{20,512}$/.test(value)
    ? undefined
    : 'must be 20 to 512 visible ASCII characters without spaces, such as openssl rand -base64 33 makes';
}

export function truthProblem(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'must be true or false';
}

export function wholeProblem(value: unknown, min: number, max: number): string | undefined {
  const isGood = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return isGood ? undefined : `must be a whole number from ${min} to ${max}`;
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Environment } from '../model/environment.js';

/** An HTTP request as handlers see it: nothing of the framework is in it. */
export interface Exchange {
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON, whatever its content type says; `undefined` when there is none. */
  readonly body: unknown;
}

/** A request that bears the secret of an environment. */
export interface SdkExchange extends Exchange {
  readonly environment: Environment;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON; a buffer is JSON already; `undefined` = an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Handler = (exchange: Exchange) => Promise<Answer>;
type SdkHandler = (exchange: SdkExchange) => Promise<Answer>;

/** One entry of the HTTP surface. What it demands of the caller decides what its handler gets. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** With variable parts as `:name`. */
  readonly path: string;
  /** Largest body taken, in bytes. */
  readonly bodyLimit?: number;
} & (
  | {
      /** `none`: anybody; `admin`: the access token of the management API. */
      readonly auth: 'none' | 'admin';
      readonly handler: Handler;
    }
  | {
      /** The secret of an environment in `Authorization`, as it is: a server secret, or one of either kind. */
      readonly auth: 'server-secret' | 'any-secret';
      readonly handler: SdkHandler;
    }
);

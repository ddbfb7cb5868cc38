import type { IncomingHttpHeaders } from 'node:http';
import type { Demand } from '../access/demands.js';
import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import type { Answer } from './answer.js';
import type { Site } from './site.js';

/** An HTTP request as handlers see it: nothing of the framework is in it. */
export interface Exchange {
  /** As it was sent, without the query. */
  readonly path: string;
  /** The variable parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body as JSON, whatever its content type says; `undefined` when it is empty. */
  readonly body: unknown;
  /** The body as it was sent; empty on routes that do not ask for it. */
  readonly text: string;
  /** Who asks; has the access that the route demands. */
  readonly caller: Caller;
  /** The center as the caller's browser sees it. */
  readonly site: Site;
  /** Where the request comes from. */
  readonly address: string | undefined;
  /** Whether the client has left without an answer. */
  isGone(): boolean;
}

/** A request about one environment. */
export interface EnvironmentExchange extends Exchange {
  readonly environment: Environment;
}

/** One entry of the HTTP surface. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With variable parts as `:name`. */
  readonly path: string;
  readonly access: Demand;
  /** Whether it may take access away from somebody: streams that go on are judged anew before it is answered. */
  readonly changesAccess?: boolean;
  /** Largest body taken, in bytes. */
  readonly bodyLimit?: number;
  /** Where the secret of an SDK is: in `Authorization` as it is, or there as a bearer token or in `X-API-Key`. @default 'raw' */
  readonly secretIn?: 'raw' | 'bearer-or-key';
  /** Whether it is answered however often it is asked for. @default false */
  readonly isUnlimited?: boolean;
  /** Whether whatever comes as a body is no part of what is asked for. @default false */
  readonly ignoresBody?: boolean;
  /** Whether the body is wanted as it was sent, too: it takes memory for as long as the request lasts. @default false */
  readonly wantsText?: boolean;
  /** Takes bodies only that say that they are JSON. @default any body that is JSON */
  readonly demandsJson?: boolean;
  /** The status of an answer to a body that is too large. @default 413 */
  readonly tooLarge?: (headers: IncomingHttpHeaders) => number;
  /** Gives an error of ours the form that callers read. @param path as it was sent. @default our own */
  readonly presentError?: (error: Answer, path: string) => Answer;
  /** The same for whoever bears a client secret, which is in every browser. @default bodyLimit */
  readonly clientBodyLimit?: number;
} & (
  | { readonly about?: undefined; readonly handler: (exchange: Exchange) => Promise<Answer> }
  | {
      /** The environment that the caller's secret opens or, for other callers, that the path names as `:environment`. */
      readonly about: 'environment';
      readonly handler: (exchange: EnvironmentExchange) => Promise<Answer>;
    }
);

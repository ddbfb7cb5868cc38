import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { errorText } from '../runtime/log.js';
import { VERSION } from '../version.js';
import { guardedLookup, isPrivateAddress, literalAddress, PrivateAddressError } from './address-guard.js';

/** How an attempt to deliver a message went. */
export type Attempt =
  | { readonly kind: 'delivered'; readonly status: number }
  | {
      readonly kind: 'failed';
      readonly status: number | undefined;
      /** In a few words, without what the receiver has said: it may be anything. */
      readonly problem: string;
      readonly retryAfter: string | undefined;
      /** It will not be otherwise the next time. */
      readonly isFinal: boolean;
    };

interface SenderOptions {
  /** Whether addresses of private networks are sent something, too. */
  readonly toPrivate: boolean;
  /** The longest that a receiver may take, in milliseconds. @default 15_000 */
  readonly timeout?: number;
  /** PEM certificates to trust instead of the well-known ones. */
  readonly ca?: string;
  readonly lookup?: ReturnType<typeof guardedLookup>;
}

const TIMEOUT = 15_000;

/** Posts messages to receivers, one request each: nothing is followed that a receiver points to. */
export class WebhookSender {
  readonly #options: SenderOptions;
  readonly #lookup: ReturnType<typeof guardedLookup>;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#lookup = options.lookup ?? guardedLookup();
  }

  /** Never rejects. @param signal ends the attempt; it counts as one that failed. */
  async post(url: string, body: string, headers: object, signal?: AbortSignal): Promise<Attempt> {
    const { toPrivate, timeout = TIMEOUT } = this.#options;
    try {
      const target = new URL(url);
      const literal = literalAddress(target.hostname);
      if (!toPrivate && literal !== undefined && isPrivateAddress(literal)) throw new PrivateAddressError();
      const limit = AbortSignal.timeout(timeout);
      const { statusCode: status = 0, headers: answered } = await this.#request(
        target,
        body,
        headers,
        signal === undefined ? limit : AbortSignal.any([limit, signal]),
      );
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      return { ...failed(problemOf(status)), status, retryAfter: answered['retry-after'], isFinal: status === 410 };
    } catch (error) {
      if (error instanceof PrivateAddressError) return failed('address-refused');
      if (signal?.aborted === true) return failed('stopped');
      return failed(isTimeout(error) ? 'timeout' : `unreachable: ${reasonOf(error)}`);
    }
  }

  #request(target: URL, body: string, headers: object, signal: AbortSignal): Promise<IncomingMessage> {
    const { toPrivate, ca } = this.#options;
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const request = send(
        target,
        {
          method: 'POST',
          // A connection for each message: receivers are many, and messages few.
          agent: false,
          signal,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': `fbcenter/${VERSION}`,
          },
          ...(toPrivate ? {} : { lookup: this.#lookup }),
          ...(ca === undefined ? {} : { ca }),
        },
        (response) => {
          // What it says is of no interest, and may be endless: the time-out ends that, too.
          response.on('error', () => {});
          response.resume();
          resolve(response);
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }
}

function failed(problem: string): Extract<Attempt, { readonly kind: 'failed' }> {
  return { kind: 'failed', status: undefined, problem, retryAfter: undefined, isFinal: false };
}

function problemOf(status: number): string {
  if (status === 410) return 'gone';
  return status >= 300 && status < 400 ? 'redirect' : 'status';
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** A code where there is one: sentences of the system may repeat the address, which may hold a credential. */
function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : errorText(error).slice(0, 100);
}

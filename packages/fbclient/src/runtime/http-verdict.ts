import type { HttpOutcome } from './platform.js';
import { proxyProblem } from './proxy-problem.js';
import { parseRetryAfter } from './retry-after.js';

/** Why the server did not do what a request asked for. What follows from it, the sender decides. */
export type RefusalKind =
  /** The server got nothing: there was no connection, or a proxy did not let the request through. */
  | 'unreachable'
  /** The connection ended when the request had gone out; the server may have done what was asked. */
  | 'cut'
  /** The request went out, and no answer came in time that could be read; the server may still be doing what was asked. */
  | 'unanswered'
  /** 408, 429, 5xx: the same request may succeed later. */
  | 'busy'
  /** 401, 403: the server, or something in front of it, does not accept the secret. */
  | 'unauthorized'
  /** 400: something in the request cannot be used. */
  | 'malformed'
  /** 413: the request is larger than the server, or a proxy, lets it be. */
  | 'too-large'
  /** 3xx but 304: the resource is elsewhere; redirects are not followed, because they would take the secret along. */
  | 'redirected'
  /** Any other status. */
  | 'rejected';

export interface HttpRefusal {
  readonly kind: RefusalKind;
  /** What happened and, where there is something to do, what. It holds neither a secret nor what the server wrote. */
  readonly problem: string;
  /** What the server asked for with `Retry-After`, in milliseconds. */
  readonly retryAfter: number | undefined;
}

/** What the outcome of an HTTP request means: the answer to a poll, to a batch of events, or to an upgrade that was refused. */
export type HttpVerdict =
  | { readonly kind: 'done'; readonly body: string | Uint8Array; readonly retryAfter: number | undefined }
  | HttpRefusal;

/** @param now Unix milliseconds, for a `Retry-After` that is a date. */
export function judgeHttp(outcome: HttpOutcome, now: number): HttpVerdict {
  if (outcome.kind !== 'response') {
    const kind = outcome.kind === 'failed' ? 'unreachable' : outcome.kind;
    return { kind, problem: outcome.problem, retryAfter: undefined };
  }
  const { status, body, location } = outcome;
  const retryAfter = parseRetryAfter(outcome.retryAfter, now);
  if (status >= 200 && status < 300) return { kind: 'done', body, retryAfter };
  const kind = refusalKind(status);
  return { kind, problem: problemOf(kind, status, location), retryAfter };
}

function refusalKind(status: number): RefusalKind {
  if (status >= 500) return 'busy';
  if (status >= 300 && status < 400 && status !== 304) return 'redirected';
  switch (status) {
    case 400:
      return 'malformed';
    case 401:
    case 403:
      return 'unauthorized';
    // Always a proxy's, never the server's.
    case 407:
      return 'unreachable';
    case 408:
    case 429:
      return 'busy';
    case 413:
      return 'too-large';
    default:
      return 'rejected';
  }
}

function problemOf(kind: RefusalKind, status: number, location: string | undefined): string {
  const plain = `HTTP status ${status}`;
  if (kind === 'redirected') return `${plain}, a redirect${targetOf(location)}: give the address that it leads to`;
  if (status === 502 || status === 504) return `${plain}, a gateway's: it did not reach the server behind it`;
  return proxyProblem(status) ?? plain;
}

/** Where a redirect leads, without what may be a credential: its query, user and password are left out. */
function targetOf(location: string | undefined): string {
  // Most targets are whole addresses; the others are paths, whose host is the one that was asked.
  if (location === undefined || !URL.canParse(location, ASKED)) return '';
  const { origin, pathname } = new URL(location, ASKED);
  const path = pathname.slice(0, MAX_PATH);
  if (origin === 'null') return '';
  return ` to ${origin === ASKED ? '' : origin}${path}`;
}

/** Stands for the host that was asked, which is not known here. */
const ASKED = 'http://asked.invalid';
/** The most of a redirect's path that is shown, in characters. */
const MAX_PATH = 100;

/**
 * What to report about a plain HTTP answer to the upgrade to a WebSocket: a server that does not know the path gives one, but
 * more often a proxy has not passed the upgrade on.
 */
export function upgradeProblem(verdict: HttpVerdict, status: number): string {
  switch (verdict.kind) {
    case 'unreachable':
      return verdict.problem;
    case 'busy':
    case 'redirected':
      return `the server answered the upgrade with ${verdict.problem}`;
    default:
      return `the server answered the upgrade with HTTP status ${status} instead of a WebSocket: ${UPGRADE_REMEDY}`;
  }
}

const UPGRADE_REMEDY =
  'check streamingUrl, and that every proxy on the way passes the upgrade on (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"); dataSyncMode "polling" needs no WebSocket';

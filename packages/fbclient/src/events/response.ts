import type { HttpOutcome } from '../runtime/platform.js';
import { proxyProblem } from '../runtime/proxy-problem.js';
import { parseRetryAfter } from '../runtime/retry-after.js';

/** What the outcome of a request means for the events in it. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Try again, after what the server asked for if it did, in milliseconds. */
  | { readonly kind: 'retry'; readonly after: number | undefined; readonly problem: string }
  /** It will never work: the server does not want this client's events. */
  | { readonly kind: 'stop'; readonly problem: string };

/** @param now Unix milliseconds, for a `Retry-After` that is a date. */
export function judge(outcome: HttpOutcome, now: number): Verdict {
  if (outcome.kind !== 'response') return { kind: 'retry', after: undefined, problem: outcome.problem };
  const { status } = outcome;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const proxy = proxyProblem(status);
  const problem = proxy ?? `HTTP status ${status}`;
  const permanent = status >= 400 && status < 500 && status !== 400 && status !== 408 && status !== 429;
  return permanent && proxy === undefined
    ? { kind: 'stop', problem }
    : { kind: 'retry', after: parseRetryAfter(outcome.retryAfter, now), problem };
}

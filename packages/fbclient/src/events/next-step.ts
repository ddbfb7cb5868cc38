import { type HttpRefusal, judgeHttp } from '../runtime/http-verdict.js';
import type { HttpOutcome } from '../runtime/platform.js';

/** The longest wait before a retry, unless the interval itself is longer, in milliseconds. */
const MAX_RETRY_WAIT = 15_000;
/**
 * The shortest wait after a request that was not answered, in milliseconds. The server may have kept its events, or still
 * be working on them: sent again at once they would double, and add to what keeps it busy.
 */
const UNANSWERED_WAIT = 30_000;

/** What was tried with a batch so far. The halves of a batch go on where it stopped, with two retries at least. */
export interface Attempts {
  readonly retries: number;
  /** Its connection was cut once, and it was sent again soon. */
  readonly cut: boolean;
  /** It was sent, and no answer came in time, or its connection was cut for the second time. */
  readonly unanswered: boolean;
  /** It was a single event, and was refused. */
  readonly refused: boolean;
  /** It is part of a batch that had few retries left when it was divided, and has {@link PART_RETRIES} of its own. */
  readonly isPart: boolean;
}

export const NO_ATTEMPTS: Attempts = { retries: 0, cut: false, unanswered: false, refused: false, isPart: false };

/** What a part may need at least, so that a fault that passes does not cost the events that the server takes. */
const PART_RETRIES = 2;

/** The request whose outcome it is. */
export interface Sent {
  /** How many it carried. */
  readonly events: number;
  readonly attempts: Attempts;
  /** The client is being closed: nothing is sent a second time. */
  readonly isLast: boolean;
}

export interface RetryRules {
  readonly maxRetries: number;
  /** The longest wait before the first retry, in milliseconds. */
  readonly retryInterval: number;
}

/** What happens next with the events of a request. */
export type NextStep =
  | { readonly kind: 'sent' }
  /** They are sent again after so many milliseconds. `isUnanswered`: the server may be working on them meanwhile. */
  | { readonly kind: 'retry'; readonly wait: number; readonly isUnanswered: boolean; readonly attempts: Attempts }
  /** Something in them is refused, or they are too large together: each half is sent by itself. */
  | { readonly kind: 'halve'; readonly tooLarge: boolean; readonly attempts: Attempts }
  /** It is a single event, which the server does not take. */
  | { readonly kind: 'drop'; readonly fate: 'failed' | 'tooLarge' }
  | { readonly kind: 'give-up'; readonly fate: 'failed' | 'unanswered' }
  /** The server takes no events of this client now, whatever is in them. At least so many milliseconds must pass. */
  | { readonly kind: 'pause'; readonly atLeast: number };

export interface Answered {
  readonly step: NextStep;
  /** Why the request did not succeed. */
  readonly problem: string | undefined;
}

/**
 * Decides what follows from the outcome of a request.
 *
 * @param now Unix milliseconds, for a `Retry-After` that is a date.
 * @param random from 0 (included) to 1 (excluded), for jitter.
 */
export function nextStep(outcome: HttpOutcome, sent: Sent, rules: RetryRules, now: number, random: number): Answered {
  const verdict = judgeHttp(outcome, now);
  if (verdict.kind === 'done') return { step: { kind: 'sent' }, problem: undefined };
  const status = outcome.kind === 'response' ? outcome.status : undefined;
  return { step: afterRefusal(verdict, status, sent, rules, random), problem: verdict.problem };
}

function afterRefusal(
  { kind, retryAfter = 0 }: HttpRefusal,
  status: number | undefined,
  { events, attempts, isLast }: Sent,
  { maxRetries, retryInterval }: RetryRules,
  random: number,
): NextStep {
  const mostRetries = attempts.isPart ? Math.min(PART_RETRIES, maxRetries) : maxRetries;
  const mayRetry = !isLast && attempts.retries < mostRetries;
  const retry = (wait: number, changed: Partial<Attempts> = {}): NextStep => ({
    kind: 'retry',
    wait: Math.max(wait, retryAfter),
    isUnanswered: changed.unanswered === true,
    attempts: { ...attempts, retries: attempts.retries + 1, ...changed },
  });
  const backoff = halfJitter(backoffCeiling(attempts.retries, retryInterval), random);
  const halve = (tooLarge: boolean): NextStep => {
    const hasFew = mostRetries - attempts.retries < PART_RETRIES;
    return { kind: 'halve', tooLarge, attempts: hasFew ? { ...attempts, retries: 0, isPart: true } : attempts };
  };
  const refused: NextStep = events > 1 ? halve(false) : { kind: 'drop', fate: 'failed' };
  // A server that was stopped is back soon. Where the next request is cut as well, somebody cuts what takes long.
  if (kind === 'cut' && mayRetry && !attempts.cut && !attempts.unanswered) return retry(backoff, { cut: true });
  // After 504 the server behind the gateway may have the events, as after a request of ours that timed out.
  if (kind === 'cut' || kind === 'unanswered' || status === 504) {
    return mayRetry && !attempts.unanswered
      ? retry(UNANSWERED_WAIT * (1 + random), { unanswered: true })
      : { kind: 'give-up', fate: 'unanswered' };
  }
  switch (kind) {
    case 'unreachable':
    case 'busy':
      // A part of what was refused with 500 to the last: it is divided on, not tried again.
      if (status === 500 && (attempts.isPart || !mayRetry)) return refused;
      if (mayRetry) return retry(backoff);
      return { kind: 'give-up', fate: attempts.unanswered ? 'unanswered' : 'failed' };
    case 'malformed':
      // A single event has a second chance: not every 400 is about the events.
      return mayRetry && events === 1 && !attempts.refused ? retry(backoff, { refused: true }) : refused;
    case 'too-large':
      return events > 1 ? halve(true) : { kind: 'drop', fate: 'tooLarge' };
    case 'unauthorized':
    case 'redirected':
    case 'rejected':
      return { kind: 'pause', atLeast: retryAfter };
  }
}

/** Half of a wait and up to the other half: what failed together does not come back together. */
export function halfJitter(ceiling: number, random: number): number {
  return ceiling * (1 - random / 2);
}

function backoffCeiling(retries: number, interval: number): number {
  return Math.min(interval * 2 ** retries, Math.max(interval, MAX_RETRY_WAIT));
}

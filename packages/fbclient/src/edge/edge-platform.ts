import type { Clock } from '../runtime/clock.js';
import type { HttpOutcome, HttpRequest, Network, Platform } from '../runtime/platform.js';
import { VERSION } from '../version.js';

/** A clock that starts nothing of its own: an edge runtime has no background, and no timers outside of a request. */
const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  // Never: what is due is done by the next request that asks for it.
  background: () => () => undefined,
  awaited: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  // By a promise: a timer would end with the request that has set it, and everything behind it would wait for ever.
  nextTurn: (callback) => void Promise.resolve().then(callback),
};

/** What every edge runtime has: `fetch`, and the timers of a request. */
export const edgePlatform: Platform = {
  clock,
  random: Math.random,
  network: (): Network => ({
    openSocket: () => {
      throw new TypeError('edge runtimes keep no sockets');
    },
    request: (request, done) => {
      const abandon = new AbortController();
      let cancelled = false;
      void answerOf(request, abandon).then((outcome) => {
        if (!cancelled) done(outcome);
      });
      return () => {
        cancelled = true;
        abandon.abort();
      };
    },
    close: () => undefined,
  }),
};

/** Sends a request. Never rejects. */
async function answerOf(request: HttpRequest, abandon: AbortController): Promise<HttpOutcome> {
  const { method, url, headers, body, timeout, maxBody } = request;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    abandon.abort();
  }, timeout);
  try {
    const response = await fetch(url, {
      method,
      headers: { 'User-Agent': `fbclient-edge/${VERSION}`, ...headers },
      ...(body === undefined ? {} : { body }),
      // It would take the secret along.
      redirect: 'manual',
      signal: abandon.signal,
    });
    const text = await response.text();
    if (text.length > maxBody) return { kind: 'unanswered', problem: `the answer is longer than ${maxBody} bytes` };
    return {
      kind: 'response',
      status: response.status,
      retryAfter: response.headers.get('retry-after') ?? undefined,
      location: response.headers.get('location') ?? undefined,
      body: text,
    };
  } catch {
    // What `fetch` says differs from runtime to runtime, and may quote the URL.
    return isLate
      ? { kind: 'unanswered', problem: `no answer within ${timeout} ms` }
      : { kind: 'cut', problem: 'the request failed' };
  } finally {
    clearTimeout(timer);
  }
}

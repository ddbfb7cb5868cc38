import { describe, expect, it } from 'vitest';
import { type Attempts, type NextStep, NO_ATTEMPTS, nextStep, type Sent } from '../../src/events/next-step.js';
import type { HttpOutcome } from '../../src/runtime/platform.js';

const RULES = { maxRetries: 3, retryInterval: 200 };
const SENT: Sent = { events: 50, attempts: NO_ATTEMPTS, isLast: false };
const LONE: Sent = { ...SENT, events: 1 };

const REFUSED_BY_NETWORK: HttpOutcome = { kind: 'failed', problem: 'ECONNREFUSED' };
const TIMED_OUT: HttpOutcome = { kind: 'unanswered', problem: 'no complete answer in 60000 ms' };
const CUT: HttpOutcome = { kind: 'cut', problem: 'ECONNRESET' };

function answer(status: number, retryAfter?: string): HttpOutcome {
  return { kind: 'response', status, retryAfter, body: '' };
}

function step(outcome: HttpOutcome, sent: Sent = SENT, random = 0): NextStep {
  return nextStep(outcome, sent, RULES, 0, random).step;
}

function after(attempts: Partial<Attempts>, sent: Sent = SENT): Sent {
  return { ...sent, attempts: { ...NO_ATTEMPTS, ...attempts } };
}

const halve = (attempts: Partial<Attempts> = {}): NextStep => {
  return { kind: 'halve', tooLarge: false, attempts: { ...NO_ATTEMPTS, ...attempts } };
};
const HALVE = halve();
const retry = (wait: number, attempts: Partial<Attempts> = {}): NextStep => {
  return {
    kind: 'retry',
    wait,
    isUnanswered: attempts.unanswered === true,
    attempts: { ...NO_ATTEMPTS, retries: 1, ...attempts },
  };
};

describe('what follows from the outcome of a request', () => {
  it.each([200, 201, 202, 204, 299])('%d: the events are sent', (status) => {
    expect(nextStep(answer(status), SENT, RULES, 0, 0)).toEqual({ step: { kind: 'sent' }, problem: undefined });
  });

  it.each([408, 429, 500, 501, 502, 503, 507, 599])('%d: they are sent again', (status) => {
    expect(nextStep(answer(status), SENT, RULES, 0, 0)).toEqual({
      step: retry(200),
      problem: expect.stringContaining(`HTTP status ${status}`),
    });
  });

  it('no connection: they are sent again', () => {
    expect(nextStep(REFUSED_BY_NETWORK, SENT, RULES, 0, 0)).toEqual({ step: retry(200), problem: 'ECONNREFUSED' });
  });

  it('407: they are sent again, with what to do about the proxy', () => {
    const { step: next, problem } = nextStep(answer(407), SENT, RULES, 0, 0);
    expect(next).toEqual(retry(200));
    expect(problem).toMatch(/^the proxy refused \(HTTP status 407\): check .*option proxy.*HTTPS_PROXY/);
  });

  it.each([401, 402, 403, 404, 405, 406, 409, 410, 411, 415, 417, 422, 425, 426, 428, 431, 451])(
    '%d: delivery pauses, for as long as the server asks at least',
    (status) => {
      expect(step(answer(status))).toEqual({ kind: 'pause', atLeast: 0 });
      expect(step(answer(status, '300'))).toEqual({ kind: 'pause', atLeast: 300_000 });
    },
  );

  it.each([300, 301, 302, 303, 307, 308])('%d: delivery pauses, and the problem names the target', (status) => {
    const location = 'https://user:password@flags.example.com/api/public/insight/track?token=secret';
    const outcome: HttpOutcome = { kind: 'response', status, retryAfter: undefined, location, body: '' };
    const { step: next, problem } = nextStep(outcome, SENT, RULES, 0, 0);
    expect(next).toEqual({ kind: 'pause', atLeast: 0 });
    expect(problem).toContain('https://flags.example.com/api/public/insight/track');
    expect(problem).not.toMatch(/password|secret/);
  });

  it.each<[string, HttpOutcome]>([
    ['a time-out', TIMED_OUT],
    ['504, the time-out of a gateway', answer(504)],
  ])(
    '%s: the server may have them, or be working on them, so they are sent again once, after 30 s at least',
    (_name, outcome) => {
      expect(step(outcome, SENT, 0)).toEqual(retry(30_000, { unanswered: true }));
      expect(step(outcome, SENT, 0.999_999)).toMatchObject({ wait: expect.closeTo(60_000, 0) });
      const again = after({ retries: 1, unanswered: true });
      expect(step(outcome, again)).toEqual({ kind: 'give-up', fate: 'unanswered' });
    },
  );

  it('a connection that is cut once the request is on its way: they are sent again soon, and the next time late', () => {
    expect(step(CUT, SENT)).toEqual(retry(200, { cut: true }));
    const again = after({ retries: 1, cut: true });
    expect(step(CUT, again, 0)).toMatchObject({
      kind: 'retry',
      wait: 30_000,
      attempts: { cut: true, unanswered: true },
    });
    expect(step(TIMED_OUT, again, 0)).toMatchObject({ kind: 'retry', wait: 30_000 });
    expect(step(CUT, after({ retries: 2, cut: true, unanswered: true }))).toEqual({
      kind: 'give-up',
      fate: 'unanswered',
    });
    expect(step(CUT, after({ retries: 1, unanswered: true }))).toEqual({ kind: 'give-up', fate: 'unanswered' });
  });

  it('an outage after a time-out: they are sent again, and given up as unanswered', () => {
    const next = step(answer(503), after({ retries: 1, unanswered: true }));
    expect(next).toMatchObject({ kind: 'retry', isUnanswered: false, attempts: { unanswered: true } });
    const exhausted = after({ retries: 3, unanswered: true });
    expect(step(answer(503), exhausted)).toEqual({ kind: 'give-up', fate: 'unanswered' });
  });

  it.each<[string, NextStep, HttpOutcome, Sent]>([
    ['400 for several', HALVE, answer(400), SENT],
    ['400 for one, the first time', retry(200, { refused: true }), answer(400), LONE],
    ['400 for one, again', { kind: 'drop', fate: 'failed' }, answer(400), after({ retries: 1, refused: true }, LONE)],
    ['500 for several, at the last try', halve({ isPart: true }), answer(500), after({ retries: 3 })],
    ['400 for several, with few retries left', halve({ isPart: true }), answer(400), after({ retries: 2 })],
    ['400 for several, with retries left', halve({ retries: 1 }), answer(400), after({ retries: 1 })],
    ['500 for a part, the first time', halve({ isPart: true, retries: 0 }), answer(500), after({ isPart: true })],
    ['503 for a part', retry(200, { isPart: true }), answer(503), after({ isPart: true })],
    ['500 for a part, the third time', halve({ isPart: true }), answer(500), after({ retries: 2, isPart: true })],
    ['500 for one, at the last try', { kind: 'drop', fate: 'failed' }, answer(500), after({ retries: 3 }, LONE)],
    ['413 for several', { kind: 'halve', tooLarge: true, attempts: NO_ATTEMPTS }, answer(413), SENT],
    ['413 for one', { kind: 'drop', fate: 'tooLarge' }, answer(413), LONE],
  ])('%s: what is refused is found, and only that is lost', (_name, expected, outcome, sent) => {
    expect(step(outcome, sent)).toEqual(expected);
  });

  it.each<[string, HttpOutcome]>([
    ['503', answer(503)],
    ['429', answer(429)],
    ['no connection', REFUSED_BY_NETWORK],
  ])('%s at the last try: they are given up', (_name, outcome) => {
    expect(step(outcome, after({ retries: 3 }))).toEqual({ kind: 'give-up', fate: 'failed' });
  });

  it.each<[string, NextStep, HttpOutcome]>([
    ['503', { kind: 'give-up', fate: 'failed' }, answer(503)],
    ['a time-out', { kind: 'give-up', fate: 'unanswered' }, TIMED_OUT],
    ['a cut', { kind: 'give-up', fate: 'unanswered' }, CUT],
    ['400', HALVE, answer(400)],
    ['413', { kind: 'halve', tooLarge: true, attempts: NO_ATTEMPTS }, answer(413)],
    ['401', { kind: 'pause', atLeast: 0 }, answer(401)],
  ])('%s while the client is being closed: nothing is sent a second time', (_name, expected, outcome) => {
    expect(step(outcome, { ...SENT, isLast: true })).toEqual(expected);
  });
});

describe('the wait before a retry', () => {
  it.each([
    [0, 0, 200],
    [0, 0.5, 150],
    [0, 0.999_999, 100],
    [1, 0, 400],
    [2, 0.5, 600],
  ])(
    'after %d retries, random %d: half of the interval and up to the other half, doubled each time',
    (retries, random, wait) => {
      expect(step(answer(503), after({ retries }), random)).toMatchObject({ wait: expect.closeTo(wait, 0) });
    },
  );

  const endless = { maxRetries: 100, retryInterval: 200 };
  const waitOf = (retries: number, rules = endless, random = 0): number => {
    const next = nextStep(answer(503), after({ retries }), rules, 0, random).step;
    return next.kind === 'retry' ? next.wait : Number.NaN;
  };

  it('is 15 s at most, or the interval where that is longer', () => {
    expect([6, 7, 20, 99].map((retries) => waitOf(retries))).toEqual([12_800, 15_000, 15_000, 15_000]);
    expect(waitOf(0, { maxRetries: 3, retryInterval: 40_000 })).toBe(40_000);
    expect(waitOf(2, { maxRetries: 3, retryInterval: 40_000 })).toBe(40_000);
  });

  it('grows so that the default number of retries outlasts a minute, whatever the jitter', () => {
    const total = (random: number): number =>
      Array.from({ length: 15 }, (_, retries) => waitOf(retries, endless, random)).reduce((sum, wait) => sum + wait);
    expect(total(0.999_999)).toBeGreaterThan(70_000);
    expect(total(0)).toBeLessThan(150_000);
  });

  it.each([
    ['7', 7_000],
    ['100000', 300_000],
    // So that an ailing server that says so is not asked 15 times at once.
    ['0', 200],
  ])('is what the server asks for, if that is longer: Retry-After %s', (retryAfter, wait) => {
    expect(step(answer(503, retryAfter))).toMatchObject({ kind: 'retry', wait });
    expect(step(answer(429, retryAfter))).toMatchObject({ kind: 'retry', wait });
  });
});

import { describe, expect, it } from 'vitest';
import { judgeHttp, type RefusalKind } from '../../src/runtime/http-verdict.js';

function answer(status: number, { retryAfter, location }: { retryAfter?: string; location?: string } = {}) {
  return judgeHttp({ kind: 'response', status, retryAfter, location, body: 'what the server wrote' }, 0);
}

describe('the answer to an HTTP request', () => {
  it.each([200, 201, 202, 204, 299])('%d: done', (status) => {
    expect(answer(status)).toEqual({ kind: 'done', body: 'what the server wrote', retryAfter: undefined });
  });

  it.each<[RefusalKind, readonly number[]]>([
    ['busy', [408, 429, 500, 501, 502, 503, 504, 599]],
    ['unauthorized', [401, 403]],
    ['malformed', [400]],
    ['too-large', [413]],
    ['redirected', [300, 301, 302, 303, 307, 308]],
    ['rejected', [0, 101, 304, 402, 404, 405, 409, 410, 415, 422, 425, 426, 451]],
  ])('is %s for %j', (kind, statuses) => {
    for (const status of statuses) {
      expect(answer(status)).toMatchObject({ kind, problem: expect.stringContaining(`HTTP status ${status}`) });
    }
  });

  it('407 comes from a proxy: the server was not reached, and the problem says what to do', () => {
    const problem = expect.stringMatching(/^the proxy refused \(HTTP status 407\): check .*option proxy.*HTTPS_PROXY/);
    expect(answer(407)).toEqual({ kind: 'unreachable', problem, retryAfter: undefined });
  });

  it.each([502, 504])('%d comes from a gateway that did not reach the server', (status) => {
    expect(answer(status)).toMatchObject({ kind: 'busy', problem: expect.stringContaining('gateway') });
  });

  it('can say when to ask again, whatever its status', () => {
    for (const status of [200, 401, 413, 429, 503]) {
      expect(answer(status, { retryAfter: '7' })).toMatchObject({ retryAfter: 7_000 });
    }
    expect(answer(503, { retryAfter: '0' })).toMatchObject({ retryAfter: 0 });
    expect(answer(503, { retryAfter: 'soon' })).toMatchObject({ retryAfter: undefined });
  });

  it.each<[string | undefined, string]>([
    ['https://flags.example.com/api', ' to https://flags.example.com/api'],
    ['https://user:password@flags.example.com/api?token=abc#part', ' to https://flags.example.com/api'],
    [`https://flags.example.com/${'a'.repeat(500)}`, ` to https://flags.example.com/${'a'.repeat(99)}`],
    ['/login?next=%2F', ' to /login'],
    ['//flags.example.com/api', ' to http://flags.example.com/api'],
    ['http://[', ''],
    ['javascript:alert(1)', ''],
    [undefined, ''],
  ])('that redirects to %j names the target without what may be a credential', (location, target) => {
    const problem = `HTTP status 302, a redirect${target}: give the address that it leads to`;
    expect(answer(302, location === undefined ? {} : { location })).toMatchObject({ kind: 'redirected', problem });
  });

  it('may not come, or not in time', () => {
    expect(judgeHttp({ kind: 'failed', problem: 'ECONNREFUSED' }, 0)).toEqual({
      kind: 'unreachable',
      problem: 'ECONNREFUSED',
      retryAfter: undefined,
    });
    expect(judgeHttp({ kind: 'unanswered', problem: 'no complete answer in 20 ms' }, 0)).toEqual({
      kind: 'unanswered',
      problem: 'no complete answer in 20 ms',
      retryAfter: undefined,
    });
  });
});

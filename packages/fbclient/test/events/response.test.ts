import { describe, expect, it } from 'vitest';
import { judge } from '../../src/events/response.js';

function verdict(status: number, retryAfter?: string): unknown {
  return judge({ kind: 'response', status, retryAfter, body: 'whatever' }, 0);
}

describe('the answer to a batch', () => {
  it.each([200, 201, 202, 204, 299])('%d: it is delivered', (status) => {
    expect(verdict(status)).toEqual({ kind: 'delivered' });
  });

  it.each([400, 408, 429, 500, 501, 502, 503, 504, 599])('%d: it is tried again', (status) => {
    expect(verdict(status)).toEqual({ kind: 'retry', after: undefined, problem: `HTTP status ${status}` });
  });

  it.each([401, 402, 403, 404, 405, 410, 413, 415, 422, 451])('%d: nothing will ever be delivered', (status) => {
    expect(verdict(status, '5')).toEqual({ kind: 'stop', problem: `HTTP status ${status}` });
  });

  it('407: it is tried again, with what to do about it: a proxy answers so, no event server does', () => {
    expect(verdict(407)).toEqual({
      kind: 'retry',
      after: undefined,
      problem: expect.stringMatching(/^the proxy refused \(HTTP status 407\): check .*option proxy.*HTTPS_PROXY/),
    });
  });

  it.each([0, 301, 302, 304, 307])('%d, which no event server answers: it is tried again', (status) => {
    expect(verdict(status)).toMatchObject({ kind: 'retry' });
  });

  it('can say when to try again', () => {
    expect(verdict(429, '7')).toMatchObject({ kind: 'retry', after: 7_000 });
    expect(verdict(503, '0')).toMatchObject({ kind: 'retry', after: 0 });
    expect(verdict(503, 'soon')).toMatchObject({ kind: 'retry', after: undefined });
  });

  it('may not come: it is tried again', () => {
    expect(judge({ kind: 'failed', problem: 'ECONNREFUSED' }, 0)).toEqual({
      kind: 'retry',
      after: undefined,
      problem: 'ECONNREFUSED',
    });
  });
});

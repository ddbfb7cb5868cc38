import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { admit } from '../../src/access/admission.js';
import { newSecret } from '../../src/access/secrets.js';
import { callersWith } from '../support/callers.js';
import { anEnvironment } from '../support/environments.js';
import { FakeClock } from '../support/fake-clock.js';

const clock = new FakeClock();
const environment = anEnvironment('dev');
const callers = callersWith('admin-token', {
  byValue: async (secret) => {
    if (secret === environment.serverSecret) return { environment, kind: 'server', id: 's1' };
    return secret === environment.clientSecret ? { environment, kind: 'client', id: 'c1' } : undefined;
  },
});

const tokenOf = (secret: string, skew = 0) => encodeConnectionToken(secret, clock.time + skew, 0.5);
const TOKEN = tokenOf(environment.serverSecret);
const ask = (query: Record<string, string>) => admit(new URLSearchParams(query), callers, clock);

describe('a streaming request', () => {
  it.each<[string, Record<string, string>]>([
    ['without a version', { type: 'server', token: TOKEN }],
    ['of version 1', { type: 'server', version: '1', token: TOKEN }],
    ['of version 2', { type: 'server', version: '2', token: TOKEN }],
    ['of an empty version', { type: 'server', version: '', token: TOKEN }],
    ['with something else in its query', { type: 'server', token: TOKEN, colour: 'red' }],
    ['whose token is 30 s old', { type: 'server', token: tokenOf(environment.serverSecret, -30_000) }],
    ['whose token is 30 s ahead', { type: 'server', token: tokenOf(environment.serverSecret, 30_000) }],
  ])('%s is let in, as the SDK that bears the secret', async (_, query) => {
    expect(await ask(query)).toEqual({
      ok: true,
      caller: { kind: 'sdk', secret: 'server', secretId: 's1', environment },
    });
  });

  it('of a client is let in by a client secret, as that client', async () => {
    expect(await ask({ type: 'client', token: tokenOf(environment.clientSecret) })).toEqual({
      ok: true,
      caller: { kind: 'sdk', secret: 'client', secretId: 'c1', environment },
    });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['without a type', { token: TOKEN }, /type/],
    ['of type client with a server secret', { type: 'client', token: TOKEN }, /not a client secret/],
    ['of type relay-proxy', { type: 'relay-proxy', token: TOKEN }, /type/],
    ['of type toString', { type: 'toString', token: TOKEN }, /type/],
    ['of type Server', { type: 'Server', token: TOKEN }, /type/],
    ['of version 3', { type: 'server', version: '3', token: TOKEN }, /version/],
    ['without a token', { type: 'server' }, /malformed/],
    ['with a token of nonsense', { type: 'server', token: 'nonsense' }, /malformed/],
    ['with a bare secret', { type: 'server', token: environment.serverSecret }, /malformed/],
    ['with a token that is cut off', { type: 'server', token: TOKEN.slice(0, -1) }, /malformed|unknown/],
    ['of an unknown secret, at a wrong time', { type: 'server', token: tokenOf('a'.repeat(44), -60_000) }, /unknown/],
    [
      'of a client secret, at a wrong time',
      { type: 'server', token: tokenOf(environment.clientSecret, 60_000) },
      /not a/,
    ],
    ['of an unknown secret', { type: 'server', token: tokenOf(newSecret('0'.repeat(32))) }, /unknown/],
    ['of a client secret', { type: 'server', token: tokenOf(environment.clientSecret) }, /not a server secret/],
  ])('%s is refused for good, with the reason', async (_, query, reason) => {
    const admission = await ask(query);
    expect(admission).toEqual({ ok: false, because: 'not-let-in', reason: expect.stringMatching(reason) });
    // A close reason has at most 123 bytes.
    if (!admission.ok) expect(Buffer.byteLength(admission.reason)).toBeLessThanOrEqual(123);
  });

  it.each<[string, number, string]>([
    ['just too old', -30_001, 'this clock is 30.0 s behind'],
    ['just too new', 30_001, 'this clock is 30.0 s ahead of'],
    ['a minute and a half old', -90_400, 'this clock is 90.4 s behind'],
    ['ten minutes old', -600_000, 'this clock is 10 min behind'],
    ['an hour ahead, as at a change of summer time', 3_600_000, 'this clock is 60 min ahead of'],
    ['seven hours ahead, as of another time zone', 7 * 3_600_000, 'this clock is 7 h ahead of'],
    ['of the year 1970', -Date.UTC(2025, 0, 1), 'this clock is 20089 days behind'],
  ])('whose token is %s is sent away for a while, with how far the clocks are apart', async (_, skew, reason) => {
    const admission = await ask({ type: 'server', token: tokenOf(environment.serverSecret, skew) });
    expect(admission).toMatchObject({ ok: false, because: 'clock-off', skew, caller: { environment } });
    if (admission.ok) throw new Error('let in');
    expect(admission.reason).toMatch(new RegExp(`^${reason} the server's`));
    expect(Buffer.byteLength(admission.reason)).toBeLessThanOrEqual(123);
  });

  it('is neither let in nor refused while secrets cannot be looked up', async () => {
    const down = callersWith('admin-token', { byValue: () => Promise.reject(new Error('on purpose')) });
    await expect(admit(new URLSearchParams({ type: 'server', token: TOKEN }), down, clock)).rejects.toThrow();
  });
});

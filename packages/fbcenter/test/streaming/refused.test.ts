import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf } from '../../src/access/sdk-reactions.js';
import type { SdkCaller } from '../../src/model/caller.js';
import {
  answerToRefused,
  closeRefused,
  logRefused,
  REVOKED,
  type Refused,
  refuseUpgrade,
} from '../../src/streaming/refused.js';
import { anEnvironment } from '../support/environments.js';
import { FakeSocket } from '../support/fake-socket.js';

const callerWith = (secret: SdkCaller['secret']): SdkCaller => ({
  kind: 'sdk',
  secret,
  secretId: 'id',
  environment: anEnvironment('dev'),
});

const clockOff = (secret: SdkCaller['secret']): Refused =>
  ({ ok: false, because: 'clock-off', reason: 'the clock is off', skew: 90, caller: callerWith(secret) }) as Refused;

/** The warnings that are written of it. */
function logged(refused: Refused): readonly unknown[] {
  const lines: unknown[] = [];
  const never = () => expect.unreachable();
  logRefused(refused, {
    debug: never,
    info: never,
    error: never,
    warn: (message, fields) => void lines.push([message, fields]),
  });
  return lines;
}

const NODE = { 'user-agent': 'fb-node-server-sdk' };

describe('what is answered to who is not let in', () => {
  it('is what its SDK understands best, and for a browser what browsers do, whatever it calls itself', () => {
    const asBrowser = answerToRefused(clockOff('client'), { 'user-agent': 'Mozilla/5.0' });
    expect(answerToRefused(clockOff('client'), NODE)).toBe(asBrowser);
    expect(answerToRefused(clockOff('client'), {})).toBe(asBrowser);
  });

  it('has a code for each reason', () => {
    for (const refused of [clockOff('server'), clockOff('client'), REVOKED]) {
      expect(codeOf(answerToRefused(refused, {}))).toBeGreaterThan(0);
    }
  });
});

describe('what is logged of it', () => {
  it('says how far a clock is off, and of which environment, but no secret', () => {
    const refused = clockOff('server');
    const lines = logged(refused);
    expect(lines).toEqual([
      [
        'a streaming connection was sent away because of its clock',
        { reason: 'the clock is off', skew: 90, environment: 'dev' },
      ],
    ]);
    const secret = refused.because === 'clock-off' ? refused.caller.environment.serverSecret : '';
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('says why, of anything else', () => {
    expect(logged(REVOKED)).toEqual([['a streaming connection was refused', { reason: 'the secret was revoked' }]]);
  });
});

describe('a connection that was opened only to be closed', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is closed at once with the code and the reason', () => {
    const socket = new FakeSocket();
    closeRefused(socket.asWebSocket, REVOKED, 4003, 5_000);
    expect(socket.closed).toEqual({ code: 4003, reason: 'the secret was revoked' });
  });

  it("is told FeatBit's words, then which of the reasons it is, where it is not let in", () => {
    const socket = new FakeSocket();
    const refused: Refused = { ok: false, because: 'not-let-in', reason: 'the secret is unknown' };
    closeRefused(socket.asWebSocket, refused, 4003, 5_000);
    expect(socket.closed).toEqual({
      code: 4003,
      reason: 'invalid request, close by server: the secret is unknown',
    });
  });

  it('is held for a while where it may come back, so that it does not come back at once', () => {
    const socket = new FakeSocket();
    closeRefused(socket.asWebSocket, clockOff('server'), 1001, 5_000);
    vi.advanceTimersByTime(4_999);
    expect(socket.closed).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(socket.closed).toEqual({ code: 1001, reason: 'the clock is off' });
  });

  it('leaves no timer behind when the peer goes first', () => {
    const socket = new FakeSocket();
    closeRefused(socket.asWebSocket, clockOff('server'), 1001, 5_000);
    expect(vi.getTimerCount()).toBe(1);
    socket.terminate();
    expect(vi.getTimerCount()).toBe(0);
    expect(socket.closed).toBeUndefined();
  });
});

describe('an upgrade that is refused', () => {
  it.each([
    [404, 'HTTP/1.1 404 Not Found'],
    [503, 'HTTP/1.1 503 Service Unavailable'],
  ])('is answered %i, without a body, and the connection is let go', async (status, line) => {
    const socket = new PassThrough();
    const gone = new Promise((resolve) => socket.once('close', resolve));
    refuseUpgrade(socket, status);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await gone;
    expect(String(Buffer.concat(chunks))).toBe(`${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    expect(socket.destroyed).toBe(true);
  });
});

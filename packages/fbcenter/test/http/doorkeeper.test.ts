import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { credentialsFor, type Demand } from '../../src/access/demands.js';
import { LOGIN_LIMITS } from '../../src/access/login-limit.js';
import { Doorkeeper, denial } from '../../src/http/doorkeeper.js';
import { SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { Caller } from '../../src/model/caller.js';
import { ALL_GRANTS } from '../../src/model/role.js';

const ADMIN: Caller = { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS };

/** A doorkeeper and what it logs, each line with its address. */
function aDoor() {
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const door = new Doorkeeper(log);
  const knock = (
    access: Demand,
    { authorization, caller, address = '10.0.0.1' }: { authorization?: string; caller?: Caller; address?: string },
  ) => {
    const headers = authorization === undefined ? {} : { authorization };
    const request = { headers, raw: { socket: { remoteAddress: address } } } as unknown as FastifyRequest;
    const answer = door.refusalOf(request, caller, access);
    if (answer === undefined) return 'in';
    return answer.body.kind === 'json' ? [answer.status, answer.headers ?? {}, answer.body.value] : 'another body';
  };
  return { knock, lines };
}

const wrong = { authorization: 'Bearer wrong' };
const right = { authorization: 'Bearer right', caller: ADMIN };
const denied = (access: Demand) => [
  401,
  access === 'admin' ? { 'www-authenticate': 'Bearer' } : {},
  { code: 'unauthorized', message: credentialsFor(access) },
];
const tooMany = (seconds: number) => [
  429,
  { 'retry-after': String(seconds) },
  { code: 'too-many-attempts', message: expect.stringContaining(`wait ${seconds} seconds`) },
];

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('who is known', () => {
  it.each<[Demand, Caller]>([
    ['anybody', { kind: 'anybody' }],
    ['admin', ADMIN],
  ])('comes in: %s', (access, caller) => {
    const { knock, lines } = aDoor();
    expect(knock(access, { caller })).toBe('in');
    expect(lines).toEqual([]);
  });
});

describe('who is not known', () => {
  it.each<Demand>(['admin', 'server-secret', 'any-secret'])('is answered what %s takes', (access) => {
    const { knock } = aDoor();
    expect(knock(access, {})).toEqual(denied(access));
    expect(knock(access, { authorization: 'wrong' })).toEqual(denied(access));
    expect(denial(access).status).toBe(401);
  });

  it('and shows a secret is noted with its address and without the secret', () => {
    const { knock, lines } = aDoor();
    knock('server-secret', { authorization: 'a-wrong-secret' });
    expect(lines).toEqual(['warn a request with an unknown secret was refused {"address":"10.0.0.1"}']);
    knock('server-secret', {});
    expect(lines).toHaveLength(1);
  });

  it.each(['', 'Basic YTpi', 'Bearer', 'Bearer ', 'token'])('and sends %j has made no attempt at the token', (text) => {
    const { knock, lines } = aDoor();
    for (let count = 0; count < 2 * LOGIN_LIMITS.failures; count++) knock('admin', { authorization: text });
    expect(lines.filter((line) => line.includes('token'))).toEqual([]);
    expect(knock('admin', right)).toBe('in');
  });
});

describe('who sends wrong tokens', () => {
  const knockOften = (knock: ReturnType<typeof aDoor>['knock'], count: number, address?: string) => {
    const answers = [];
    for (let index = 0; index < count; index++) {
      answers.push(knock('admin', address === undefined ? wrong : { ...wrong, address }));
    }
    return answers;
  };

  it('is denied twenty times in a minute, and then told to wait', () => {
    const { knock } = aDoor();
    expect(knockOften(knock, 20)).toEqual(Array(20).fill(denied('admin')));
    expect(knock('admin', wrong)).toEqual(tooMany(60));
    vi.advanceTimersByTime(20_500);
    expect(knock('admin', wrong)).toEqual(tooMany(40));
    vi.advanceTimersByTime(39_500);
    expect(knock('admin', wrong)).toEqual(denied('admin'));
  });

  it('is noted the first time and the last, and not in between or after', () => {
    const { knock, lines } = aDoor();
    knockOften(knock, 50);
    expect(lines).toEqual([
      'warn a wrong access token was sent {"address":"10.0.0.1"}',
      'warn too many wrong access tokens were sent: the address is not answered for a while {"address":"10.0.0.1"}',
    ]);
  });

  it('gets no more in with the right one, unless it was in before', () => {
    const { knock } = aDoor();
    knockOften(knock, 20);
    expect(knock('admin', right)).toEqual(tooMany(60));
    expect(knock('admin', { ...right, address: '10.0.0.2' })).toBe('in');
    knockOften(knock, 30, '10.0.0.2');
    expect(knock('admin', { ...right, address: '10.0.0.2' })).toBe('in');
    expect(knock('admin', { ...wrong, address: '10.0.0.2' })).toEqual(tooMany(60));
  });

  it('keeps nobody else out, and no SDK behind the same address', () => {
    const { knock } = aDoor();
    knockOften(knock, 30);
    expect(knock('admin', { ...wrong, address: '10.0.0.2' })).toEqual(denied('admin'));
    expect(knock('anybody', { ...wrong, caller: { kind: 'anybody' } })).toBe('in');
    expect(knock('any-secret', wrong)).toEqual(denied('any-secret'));
  });

  it('in whatever case the scheme is written is one of them', () => {
    const { knock } = aDoor();
    for (const scheme of ['bearer', 'BEARER', 'Bearer   ']) {
      for (let count = 0; count < 7; count++) knock('admin', { authorization: `${scheme} wrong` });
    }
    expect(knock('admin', wrong)).toEqual(tooMany(60));
  });
});

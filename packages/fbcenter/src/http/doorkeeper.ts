import type { FastifyRequest } from 'fastify';
import { credentialsFor, type Demand, isManaged } from '../access/demands.js';
import { LOGIN_LIMITS, LoginLimit } from '../access/login-limit.js';
import type { Caller } from '../model/caller.js';
import type { Logger } from '../runtime/log.js';
import type { Answer } from './answer.js';
import { errorAnswer } from './refusals.js';

/** Answers who has no access, or has tried too often to get it. */
export class Doorkeeper {
  readonly #log: Logger;
  readonly #logins = new LoginLimit();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @returns `undefined` when the caller may come in. */
  refusalOf({ id, headers, raw }: FastifyRequest, caller: Caller | undefined, access: Demand): Answer | undefined {
    const address = raw.socket.remoteAddress;
    // Only a bearer token is an attempt to guess it.
    if (!isManaged(access) || !/^Bearer +\S/i.test(headers.authorization ?? '')) {
      if (caller !== undefined) return undefined;
      if (headers.authorization !== undefined)
        this.#log.warn('a request with an unknown secret was refused', { address, request: id });
      return denial(access);
    }
    const verdict = this.#logins.judge(address, caller !== undefined);
    if (verdict.kind === 'accepted') return undefined;
    if (verdict.kind === 'too-many')
      return tooManyAttempts('Too many wrong access tokens came from this address', verdict.retryAfter);
    // Its first and its last one are worth a line, thousands in between are not.
    if (verdict.failures === 1) this.#log.warn('a wrong access token was sent', { address, request: id });
    else if (verdict.failures === LOGIN_LIMITS.failures)
      this.#log.warn('too many wrong access tokens were sent: the address is not answered for a while', {
        address,
        request: id,
      });
    return denial(access);
  }
}

/** For those who have no access. */
export function denial(access: Demand): Answer {
  const answer = errorAnswer(401, 'unauthorized', credentialsFor(access));
  return isManaged(access) ? { ...answer, headers: { 'www-authenticate': 'Bearer' } } : answer;
}

/** For those who have been wrong too often. */
export function tooManyAttempts(what: string, seconds: number): Answer {
  const answer = errorAnswer(429, 'too-many-attempts', `${what}: wait ${seconds} seconds.`);
  return { ...answer, headers: { 'retry-after': String(seconds) } };
}

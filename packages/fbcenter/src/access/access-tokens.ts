import type { Actor } from '../model/actor.js';
import { Refusal } from '../model/refusal.js';
import type { AccessToken } from '../model/user.js';
import type { Clock } from '../runtime/clock.js';
import type { Tokens } from '../storage/tokens.js';
import type { RecordAccess } from './access-event.js';
import { digestOf, newAccessToken, startOf } from './credentials.js';

/** One for each program that manages flags is a handful. */
const MAX_TOKENS = 500;

export interface AccessTokenParts {
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly record: RecordAccess;
}

/** The access tokens that were made. */
export class AccessTokens {
  readonly #parts: AccessTokenParts;

  constructor(parts: AccessTokenParts) {
    this.#parts = parts;
  }

  list(): Promise<readonly AccessToken[]> {
    return this.#parts.tokens.list();
  }

  /** @returns the token itself, which is kept nowhere, and what is kept of it. @throws Refusal `limit-reached` */
  async make(
    wanted: Pick<AccessToken, 'name' | 'grants' | 'expiresAt'>,
    by: Actor,
  ): Promise<{ readonly token: string; readonly made: AccessToken }> {
    const { tokens, clock, record } = this.#parts;
    if ((await tokens.list()).length >= MAX_TOKENS) {
      throw new Refusal('limit-reached', `A center takes ${MAX_TOKENS} access tokens: revoke one first.`);
    }
    const token = newAccessToken();
    const made = await tokens.add({ ...wanted, start: startOf(token), createdBy: by.name }, digestOf(token));
    await record({ actor: by, at: clock.now(), action: 'token-made', subject: subjectOf(made), after: shown(made) });
    return { token, made };
  }

  /** From now on nobody gets in with it. @returns `false` when there is no such token. */
  async revoke(id: string, by: Actor): Promise<boolean> {
    const { tokens, clock, record } = this.#parts;
    const token = (await tokens.list()).find((one) => one.id === id);
    if (token === undefined || !(await tokens.remove(id))) return false;
    const subject = subjectOf(token);
    await record({ actor: by, at: clock.now(), action: 'token-revoked', subject, before: shown(token) });
    return true;
  }
}

function subjectOf({ id, name }: AccessToken) {
  return { kind: 'token', id, name } as const;
}

function shown({ start, grants, expiresAt }: AccessToken): object {
  return { start, grants, expiresAt };
}

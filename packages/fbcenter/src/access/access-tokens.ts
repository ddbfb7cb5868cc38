import type { Actor } from '../model/actor.js';
import type { ChangeNote } from '../model/audit.js';
import { Refusal } from '../model/refusal.js';
import type { AccessToken } from '../model/user.js';
import type { Storage } from '../storage/storage.js';
import { tokenState, writeDown } from './audit-notes.js';
import { digestOf, newAccessToken, startOf } from './credentials.js';

/** One for each program that manages flags is a handful. */
const MAX_TOKENS = 500;

/** The access tokens that were made. */
export class AccessTokens {
  readonly #storage: Pick<Storage, 'tokens' | 'transact'>;

  constructor(storage: Pick<Storage, 'tokens' | 'transact'>) {
    this.#storage = storage;
  }

  list(): Promise<readonly AccessToken[]> {
    return this.#storage.tokens.list();
  }

  /** @returns the token itself, which is kept nowhere, and what is kept of it. @throws Refusal `limit-reached` */
  async make(
    wanted: Pick<AccessToken, 'name' | 'grants' | 'expiresAt'>,
    by: Actor,
    note?: ChangeNote,
  ): Promise<{ readonly token: string; readonly made: AccessToken }> {
    return this.#storage.transact(async (transaction) => {
      const { tokens } = transaction;
      if ((await tokens.list()).length >= MAX_TOKENS) {
        throw new Refusal('limit-reached', `A center takes ${MAX_TOKENS} access tokens: revoke one first.`);
      }
      const token = newAccessToken();
      const made = await tokens.add({ ...wanted, start: startOf(token), createdBy: by.name }, digestOf(token));
      const after = tokenState(made);
      await writeDown(transaction, { actor: by, note, action: 'create', kind: 'token', name: made.name, after });
      return { token, made };
    });
  }

  /** From now on nobody gets in with it. @returns `false` when there is no such token. */
  async revoke(id: string, by: Actor, note?: ChangeNote): Promise<boolean> {
    return this.#storage.transact(async (transaction) => {
      const token = (await transaction.tokens.list()).find((one) => one.id === id);
      if (token === undefined) return false;
      await transaction.tokens.remove(id);
      const before = tokenState(token);
      await writeDown(transaction, { actor: by, note, action: 'revoke', kind: 'token', name: token.name, before });
      return true;
    });
  }
}

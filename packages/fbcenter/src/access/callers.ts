import { createHash, timingSafeEqual } from 'node:crypto';
import { SETTINGS_TOKEN } from '../model/actor.js';
import type { Caller, SdkCaller } from '../model/caller.js';
import type { Secrets } from '../storage/secrets.js';

/** What something demands of its caller: the access token of the management API, or the secret of an environment. */
export type Access = 'anybody' | 'admin' | 'server-secret' | 'client-secret' | 'any-secret';

/** What a caller has to send, for messages to those who have not. */
export const CREDENTIALS: Readonly<Record<Access, string>> = {
  anybody: 'No credentials are needed.',
  admin: 'Send the access token of this center as "Authorization: Bearer TOKEN".',
  'server-secret': 'Send a server secret of this center in Authorization, as it is.',
  'client-secret': 'Send a client secret of this center in Authorization, as it is.',
  'any-secret': 'Send a secret of this center in Authorization, as it is.',
};

/** Tells who a caller is by its credentials: the one place where tokens and secrets are checked. */
export class Callers {
  readonly #adminToken: Buffer;
  readonly #secrets: Pick<Secrets, 'byValue'>;
  readonly #used: (secretId: string) => void;

  /** @param used called for each secret that somebody came with. */
  constructor(adminToken: string, secrets: Pick<Secrets, 'byValue'>, used: (secretId: string) => void = () => {}) {
    this.#adminToken = digest(adminToken);
    this.#secrets = secrets;
    this.#used = used;
  }

  /**
   * Who a request comes from, as far as what it asks for demands to know.
   *
   * @param authorization the header of that name.
   * @returns `undefined` when the credentials do not give the access.
   * @throws StorageError
   */
  async identify(authorization: string | undefined, access: Access): Promise<Caller | undefined> {
    if (access === 'anybody') return { kind: 'anybody' };
    if (access === 'admin')
      return this.#bearsToken(authorization) ? { kind: 'admin', actor: SETTINGS_TOKEN } : undefined;
    const caller = authorization === undefined ? undefined : await this.bySecret(authorization.trim());
    const isRight = access === 'any-secret' || access === `${caller?.secret}-secret`;
    return isRight ? caller : undefined;
  }

  /**
   * The SDK that bears a secret; `undefined` when it is no secret of this center.
   *
   * @throws StorageError
   */
  async bySecret(secret: string): Promise<SdkCaller | undefined> {
    const owner = await this.#secrets.byValue(secret);
    if (owner === undefined) return undefined;
    this.#used(owner.id);
    return { kind: 'sdk', secret: owner.kind, secretId: owner.id, environment: owner.environment };
  }

  /** Takes as long for a wrong token as for the right one. */
  #bearsToken(authorization: string | undefined): boolean {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    return token !== undefined && timingSafeEqual(digest(token), this.#adminToken);
  }
}

/** Digests are of one length, which the comparison needs and which hides that of the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

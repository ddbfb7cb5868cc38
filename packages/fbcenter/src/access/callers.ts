import { createHash, timingSafeEqual } from 'node:crypto';
import { SETTINGS_TOKEN } from '../model/actor.js';
import type { Caller, Manager, SdkCaller } from '../model/caller.js';
import { ALL_GRANTS } from '../model/role.js';
import type { Clock } from '../runtime/clock.js';
import type { Secrets } from '../storage/secrets.js';
import type { Storage } from '../storage/storage.js';
import { digestOf, TOKEN_PREFIX } from './credentials.js';
import { type Demand, isManaged } from './demands.js';
import { isOver } from './session-times.js';

/** What a request came with. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** The code in the cookie. */
  readonly session?: string | undefined;
}

/** What callers are looked up in. */
export interface CallerParts {
  readonly secrets: Pick<Secrets, 'byValue'>;
  readonly sessions: Pick<Storage['sessions'], 'byDigest'>;
  readonly tokens: Pick<Storage['tokens'], 'byDigest'>;
  readonly clock: Clock;
  /** The key that agents bear. @default none */
  readonly relayKey?: string | undefined;
  /** What metrics are asked for with. @default nobody may ask */
  readonly metricsToken?: string | undefined;
  /** Called for each credential that somebody came with, with its id. */
  used(kind: 'secret' | 'session' | 'token', id: string): void;
}

/** Tells who a caller is by its credentials: the one place where secrets, tokens and sessions are checked. */
export class Callers {
  readonly #settingsToken: Buffer;
  readonly #relayKey: Buffer | undefined;
  readonly #metricsToken: Buffer | undefined;
  readonly #parts: CallerParts;

  /** @param settingsToken the access token of the settings, which may do everything. */
  constructor(settingsToken: string, parts: CallerParts) {
    this.#settingsToken = digest(settingsToken);
    this.#relayKey = parts.relayKey === undefined ? undefined : digest(parts.relayKey);
    this.#metricsToken = parts.metricsToken === undefined ? undefined : digest(parts.metricsToken);
    this.#parts = parts;
  }

  /** Whether a text is the key that agents bear. */
  isRelayKey(text: string): boolean {
    return this.#relayKey !== undefined && timingSafeEqual(digest(text), this.#relayKey);
  }

  /**
   * Who a request comes from, as far as what it asks for demands to know. Roles are judged by {@link judgeRole}.
   *
   * @returns `undefined` when the credentials do not give the access.
   * @throws StorageError
   */
  async identify({ authorization, session }: Credentials, access: Demand): Promise<Caller | undefined> {
    if (access === 'anybody') return { kind: 'anybody' };
    if (isManaged(access)) {
      // Who says who it is, is that or nobody: a cookie that the browser adds does not count beside it.
      if (authorization !== undefined) return this.#byToken(authorization);
      const user = session === undefined ? undefined : await this.#bySession(session);
      return user ?? (access === 'anybody-known' ? { kind: 'anybody' } : undefined);
    }
    if (access === 'relay-key') return this.isRelayKey(authorization?.trim() ?? '') ? { kind: 'agent' } : undefined;
    if (access === 'metrics-token') return this.#isMetricsToken(authorization) ? { kind: 'monitor' } : undefined;
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
    const owner = await this.#parts.secrets.byValue(secret);
    if (owner === undefined) return undefined;
    this.#parts.used('secret', owner.id);
    return { kind: 'sdk', secret: owner.kind, secretId: owner.id, environment: owner.environment };
  }

  #isMetricsToken(authorization: string | undefined): boolean {
    const token = bearerIn(authorization);
    return (
      this.#metricsToken !== undefined && token !== undefined && timingSafeEqual(digest(token), this.#metricsToken)
    );
  }

  async #byToken(authorization: string): Promise<Manager | undefined> {
    const token = bearerIn(authorization);
    if (token === undefined) return undefined;
    // Takes as long for a wrong token as for the right one.
    if (timingSafeEqual(digest(token), this.#settingsToken)) {
      return { kind: 'manager', actor: SETTINGS_TOKEN, grants: ALL_GRANTS };
    }
    if (!token.startsWith(TOKEN_PREFIX)) return undefined;
    const { tokens, clock, used } = this.#parts;
    const known = await tokens.byDigest(digestOf(token));
    if (known === undefined || (known.expiresAt !== undefined && clock.now() >= known.expiresAt)) return undefined;
    used('token', known.id);
    const { id, name, grants } = known;
    return { kind: 'manager', actor: { kind: 'token', id, name }, grants };
  }

  async #bySession(code: string): Promise<Manager | undefined> {
    const { sessions, clock, used } = this.#parts;
    const found = await sessions.byDigest(digestOf(code));
    if (found === undefined || found.user.isDisabled || isOver(found.session, clock.now())) return undefined;
    used('session', found.session.id);
    const { id, name, grants } = found.user;
    return { kind: 'manager', actor: { kind: 'user', id, name }, grants, sessionId: found.session.id };
  }
}

function bearerIn(authorization = ''): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

/** Digests are of one length, which the comparison needs and which hides that of the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

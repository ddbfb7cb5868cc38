import type { AccessTokens } from '../access/access-tokens.js';
import type { NewTokenBody, TokenBody, TokenListBody } from '../api/access.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { Exchange } from '../http/exchange.js';
import { SETTINGS_TOKEN } from '../model/actor.js';
import type { Environment } from '../model/environment.js';
import { instantOf } from '../model/instant.js';
import { Refusal } from '../model/refusal.js';
import { ALL_GRANTS } from '../model/role.js';
import type { AccessToken } from '../model/user.js';
import type { Clock } from '../runtime/clock.js';
import type { Environments } from '../storage/environments.js';
import { isoTime, isoTimeOrNull } from './answer-parts.js';
import { GRANT_FIELDS, presentGrants, readGrants } from './grants.js';
import { authorship, bodyFields, parameter } from './parameters.js';
import { readName } from './sessions.js';

export interface TokenParts {
  readonly tokens: AccessTokens;
  readonly environments: Pick<Environments, 'list'>;
  readonly clock: Clock;
}

/** Management of access tokens. That of the settings is the first of them; who changes the settings revokes it. */
export function tokenHandlers({ tokens, environments, clock }: TokenParts) {
  const present = (token: AccessToken, known: readonly Environment[]): TokenBody => ({
    id: token.id,
    name: token.name,
    start: token.start,
    ...presentGrants(token.grants, known),
    createdBy: token.createdBy,
    createdAt: isoTime(token.createdAt),
    expiresAt: isoTimeOrNull(token.expiresAt),
    isExpired: token.expiresAt !== undefined && clock.now() >= token.expiresAt,
    lastUsedAt: isoTimeOrNull(token.lastUsedAt),
    isRevocable: true,
  });
  return {
    list: async (): Promise<Answer> => {
      const known = await environments.list();
      const made = (await tokens.list()).map((token) => present(token, known));
      return json<TokenListBody>({ items: [OF_THE_SETTINGS, ...made] });
    },
    /** Body: `{"name": …, "role": …, "environments": {…}, "expiresAt": …}`. The answer has the token, for the only time. */
    create: async (exchange: Exchange): Promise<Answer> => {
      const fields = bodyFields(exchange.body, ['name', ...GRANT_FIELDS, 'expiresAt']);
      const known = await environments.list();
      const wanted = {
        name: readName(fields.name),
        grants: readGrants(fields, known),
        expiresAt: readExpiry(fields.expiresAt, clock.now()),
      };
      const { by, note } = authorship(exchange);
      const { token, made } = await tokens.make(wanted, by, note);
      return json<NewTokenBody>({ ...present(made, known), token }, 201);
    },
    revoke: async (exchange: Exchange): Promise<Answer> => {
      const id = parameter(exchange, 'token');
      if (id === OF_THE_SETTINGS.id) {
        throw new Refusal('invalid-request', 'This one is given by the settings of the center: change it there.');
      }
      const { by, note } = authorship(exchange);
      if (await tokens.revoke(id, by, note)) return empty(204);
      throw new Refusal('not-found', 'There is no such access token: it may be revoked already.');
    },
  };
}

const OF_THE_SETTINGS: TokenBody = {
  id: SETTINGS_TOKEN.id,
  name: SETTINGS_TOKEN.name,
  start: null,
  ...presentGrants(ALL_GRANTS, []),
  createdBy: null,
  createdAt: null,
  expiresAt: null,
  isExpired: false,
  lastUsedAt: null,
  isRevocable: false,
};

function readExpiry(value: unknown, now: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  // A day would leave open in which time zone it ends.
  const time = typeof value === 'string' && value.includes('T') ? instantOf(value) : undefined;
  if (time !== undefined && time > now) return time;
  throw new Refusal('invalid-request', 'expiresAt must be a time in the future, such as 2030-12-31T00:00:00Z.');
}

import type { ExplainedFlagsBody, ExplanationBody, LatestUsersBody } from '../api/explanation.js';
import { explainFlag, explainFlags } from '../evaluation/explain.js';
import type { LatestUsers } from '../evaluation/latest-users.js';
import { plainUserOf } from '../evaluation/wire-user.js';
import { type Answer, json, longJson } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { bodyFields } from './parameters.js';

/** Why users get what they get. */
export function explainHandlers(live: LiveEnvironments, latestUsers: LatestUsers | undefined) {
  return {
    /** Body: `{"user": {"key": …, …}, "flag": …}`; without a flag it is about all of them. */
    explain: async ({ environment, body, isGone }: EnvironmentExchange): Promise<Answer> => {
      const { user: given, flag } = bodyFields(body, ['user', 'flag']);
      const user = plainUserOf(given) ?? refuseUser(given);
      const flags = await live.of(environment.id).flags.current();
      if (flag === undefined) return longJson<ExplainedFlagsBody>({ items: await explainFlags(flags, user, isGone) });
      if (typeof flag !== 'string') throw new Refusal('invalid-request', 'flag must be the key of a flag.');
      const explanation = explainFlag(flags, flag, user);
      if (explanation === undefined) {
        throw new Refusal('not-found', 'There is no such flag, or it is archived: applications get their default.');
      }
      return longJson<ExplanationBody>(explanation);
    },
    /** Users to choose from. */
    latestUsers: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<LatestUsersBody>({
        remembered: latestUsers !== undefined,
        items: (latestUsers?.of(environment.id) ?? []).map(({ user, seenAt }) => ({
          seenAt: new Date(seenAt).toISOString(),
          user,
        })),
      }),
  };
}

function refuseUser(given: unknown): never {
  const hint = isJsonObject(given) && given.key === undefined && given.keyId !== undefined ? ' (not keyId)' : '';
  throw new Refusal(
    'invalid-request',
    `Send the user as applications pass it, {"key": "ada", "country": "NZ"}: key${hint} must be a string that is not blank.`,
  );
}

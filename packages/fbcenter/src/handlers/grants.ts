import type { GrantsBody } from '../api/access.js';
import type { Caller, Manager } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { type Grants, isRole, ROLES, type Role } from '../model/role.js';

type Known = readonly Pick<Environment, 'id' | 'key'>[];

/** The fields that say what somebody may do. */
export const GRANT_FIELDS = ['role', 'environments'] as const;

/** Grants as people write them: `{"role": "viewer", "environments": {"prod": "admin"}}`. @throws Refusal */
export function readGrants({ role = null, environments = {} }: JsonObject, known: Known): Grants {
  const everywhere = role === null ? undefined : readRole(role, 'role');
  if (!isJsonObject(environments)) {
    throw new Refusal('invalid-request', 'environments must be an object such as {"production": "editor"}.');
  }
  const byId: Record<string, Role> = {};
  for (const [key, value] of Object.entries(environments)) {
    const environment = known.find((one) => one.key === key);
    if (environment === undefined) throw new Refusal('invalid-request', 'environments names one that is not there.');
    byId[environment.id] = readRole(value, `environments.${key}`);
  }
  if (everywhere === undefined && Object.keys(byId).length === 0) {
    throw new Refusal('invalid-request', `Give a role (${ROLES.join(', ')}), or roles in some environments.`);
  }
  return { everywhere, environments: byId };
}

function readRole(value: unknown, path: string): Role {
  if (isRole(value)) return value;
  throw new Refusal('invalid-request', `${path} must be one of ${ROLES.join(', ')}.`);
}

export function presentGrants({ everywhere = null, environments }: PartialGrants, known: Known): GrantsBody {
  const byKey = known.flatMap(({ id, key }) => {
    const role = Object.hasOwn(environments, id) ? environments[id] : undefined;
    return role === undefined ? [] : [[key, role] as const];
  });
  return { role: everywhere, environments: Object.fromEntries(byKey) };
}

type PartialGrants = { readonly everywhere?: Role | null | undefined; readonly environments: Grants['environments'] };

/** The caller of a route that only managers reach. */
export function managerOf(caller: Caller): Manager {
  if (caller.kind === 'manager') return caller;
  throw new Refusal('forbidden', 'This is for those who manage the center.');
}

/** The user who asks. @throws Refusal for an access token, which is nobody. */
export function sessionOf(caller: Caller): { readonly userId: string; readonly sessionId: string } {
  const { actor, sessionId } = managerOf(caller);
  if (sessionId !== undefined) return { userId: actor.id, sessionId };
  throw new Refusal('forbidden', 'This is for somebody who is signed in: an access token has no session.');
}

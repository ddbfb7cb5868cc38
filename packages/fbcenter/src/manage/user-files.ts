import type { GrantsBody, UserBody } from '../api/access.js';
import { accountNameProblem } from '../documents/names.js';
import { isJsonObject, type JsonObject } from '../model/json.js';
import { isRole, ROLES, type Role } from '../model/role.js';
import type { YamlPath } from '../yaml-text.js';

/** A user that is to be there. */
export interface WantedUser {
  readonly name: string;
  /** Where and what the user may do, all of it; absent = that stays as it is. */
  readonly grants?: GrantsBody;
  /** Absent = that stays as it is. */
  readonly isDisabled?: boolean;
  /** Where it stands, such as `access/users.yaml:12`; the path is within the user. */
  place(...path: YamlPath): string;
}

export const USERS_FORMAT = 'fbcenter-users';
export const USERS_FIELDS = ['format', 'formatVersion', 'users'];
const USER_FIELDS = ['name', 'role', 'environments', 'isDisabled'];

/** What somebody may want to keep in a file, and must not. */
const CREDENTIAL = /^(?:password|passwordHash|passwordFile|secret|link|token)$/i;

/** What a file is read with: where its parts stand, and who takes what is wrong with them. */
interface FileReading {
  at(...path: YamlPath): string;
  add(place: string, message: string): void;
  /** Takes a field that nobody knows. */
  unknown(value: JsonObject, known: readonly string[], place: (name: string) => string): void;
}

/**
 * The file that says what the users are, to be kept and applied. Those whom the identity provider lets in are left out: its groups decide what they may
 * do, and they are made when they come.
 */
export function usersFile(there: readonly UserBody[]) {
  const users = there
    .filter(({ signsInWith }) => signsInWith === 'password')
    .map(({ name, role, environments, state }) => ({
      name,
      ...(role !== null && { role }),
      ...(Object.keys(environments).length > 0 && { environments }),
      ...(state === 'disabled' && { isDisabled: true }),
    }));
  return { format: USERS_FORMAT, formatVersion: 1, users };
}

/** Reads the users of a file. What cannot be used is left out, and among the faults. */
export function usersOf(value: JsonObject, { at, add, unknown }: FileReading): readonly WantedUser[] {
  const { users } = value;
  if (!Array.isArray(users)) {
    add(at('users'), 'users: must be a list');
    return [];
  }
  return users.flatMap((user: unknown, index) => {
    const place = (...path: YamlPath) => at('users', index, ...path);
    if (!isJsonObject(user)) {
      add(place(), 'must be a user such as "{ name: ada, role: editor }"');
      return [];
    }
    const { name, isDisabled } = user;
    const credential = Object.keys(user).find((field) => CREDENTIAL.test(field));
    if (credential === undefined) unknown(user, USER_FIELDS, (field) => place(field));
    else {
      const instead = 'no credential stands in a file; a new user gets a link by "fbcenter users invite NAME"';
      add(place(credential), `${credential}: ${instead}`);
    }
    if (isDisabled !== undefined && typeof isDisabled !== 'boolean') {
      add(place('isDisabled'), 'isDisabled: must be true or false');
    }
    const grants = grantsOf(user, (path, message) => add(place(...path), message));
    const problem = typeof name === 'string' ? accountNameProblem(name.trim()) : 'Must be a text.';
    if (typeof name !== 'string' || problem !== undefined) {
      add(place('name'), `name: ${problem}`);
      return [];
    }
    const wanted = { name: name.trim(), place };
    return [{ ...wanted, ...(grants && { grants }), ...(typeof isDisabled === 'boolean' && { isDisabled }) }];
  });
}

/** A role everywhere and those in environments belong together: what one of them leaves out is not there. */
function grantsOf(
  { role = null, environments = {} }: JsonObject,
  add: (path: YamlPath, message: string) => void,
): GrantsBody | undefined {
  const isSaid = role !== null || !isJsonObject(environments) || Object.keys(environments).length > 0;
  if (!isSaid) return undefined;
  const roles = ROLES.join(', ');
  if (role !== null && !isRole(role)) add(['role'], `role: must be one of ${roles}`);
  if (!isJsonObject(environments)) {
    add(['environments'], 'environments: must be roles by environment, such as "{ prod: viewer }"');
    return undefined;
  }
  const known: Record<string, Role> = {};
  for (const [key, own] of Object.entries(environments)) {
    if (isRole(own)) known[key] = own;
    else add(['environments', key], `environments.${key}: must be one of ${roles}`);
  }
  return { role: isRole(role) ? role : null, environments: known };
}

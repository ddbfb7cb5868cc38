import type { Caller } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { covers, isRole, type Role, roleIn } from '../model/role.js';

/**
 * What something demands of its caller. A role is demanded in the environment that it is about; where it is about none, everywhere.
 */
export type Demand =
  /** Nothing: nobody looks who it is. */
  | 'anybody'
  /** Nothing, but who is signed in is known. */
  | 'anybody-known'
  /** Some role somewhere; the answer has what the caller may see. */
  | 'signed-in'
  | Role
  | 'server-secret'
  | 'client-secret'
  | 'any-secret'
  /** FeatBit's relay-proxy key; only relays know one. */
  | 'relay-key'
  /** What Prometheus has to send. */
  | 'metrics-token';

/** Whether something is asked for as those do who manage the center: with a session or an access token. */
export function isManaged(access: Demand): boolean {
  return access === 'anybody-known' || access === 'signed-in' || isRole(access);
}

/** What a caller has to send, for messages to those who have not. */
export function credentialsFor(access: Demand): string {
  if (access === 'server-secret') return 'Send a server secret of this center in Authorization, as it is.';
  if (access === 'client-secret') return 'Send a client secret of this center in Authorization, as it is.';
  if (access === 'any-secret') return 'Send a secret of this center in Authorization, as it is.';
  if (access === 'relay-key') return "Send the relay's key in Authorization, as it is.";
  if (access === 'metrics-token') return 'Send the token of metrics as "Authorization: Bearer TOKEN".';
  if (access === 'anybody') return 'No credentials are needed.';
  return 'Sign in, or send an access token of this center as "Authorization: Bearer TOKEN".';
}

/**
 * Whether a caller has the role that is demanded: the one place where roles are judged.
 *
 * @param environment what it is about; absent = nothing that belongs to one environment.
 */
export function judgeRole(caller: Caller, access: Demand, environment?: Pick<Environment, 'id'>): RoleVerdict {
  if (!isRole(access)) return 'allowed';
  if (caller.kind !== 'manager') return 'hidden';
  const role = roleIn(caller.grants, environment?.id);
  if (covers(role, access)) return 'allowed';
  return role === undefined && environment !== undefined ? 'hidden' : 'role-too-low';
}

/** `hidden`: what it is about is not there for this caller, not even by name. */
export type RoleVerdict = 'allowed' | 'role-too-low' | 'hidden';

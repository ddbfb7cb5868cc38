import { useQuery } from '@tanstack/react-query';
import type {
  GrantsBody,
  InvitedBody,
  LinkBody,
  NewTokenBody,
  SessionListBody,
  SignedInBody,
  TokenListBody,
  UserBody,
  UserListBody,
} from '../../../../src/api/access.js';
import { SLOW } from '../../api/calls.js';
import { type CallOptions, request } from '../../api/http.js';
import { credentialsNow } from '../../api/session.js';

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  return (await request<T>(credentialsNow(), method, path, options)).data;
}

const userPath = (id: string) => `/users/${encodeURIComponent(id)}`;

/** What the settings ask of the management API beside what every page does. */
export const settingsCalls = {
  changePassword: (current: string, next: string) =>
    call<SignedInBody>('PUT', '/session/password', { body: { current, next }, patience: SLOW }),
  endSession: (id: string) => call<void>('DELETE', `/sessions/${encodeURIComponent(id)}`),

  invite: (name: string, grants: GrantsBody) => call<InvitedBody>('POST', '/users', { body: { name, ...grants } }),
  changeGrants: (id: string, grants: GrantsBody) => call<UserBody>('PUT', userPath(id), { body: grants }),
  disable: (id: string, isDisabled: boolean) => call<UserBody>('PUT', userPath(id), { body: { isDisabled } }),
  removeUser: (id: string) => call<void>('DELETE', userPath(id)),
  newLink: (id: string) => call<LinkBody>('POST', `${userPath(id)}/link`),

  makeToken: (name: string, grants: GrantsBody, expiresAt: string | null) =>
    call<NewTokenBody>('POST', '/tokens', { body: { name, ...grants, expiresAt } }),
  revokeToken: (id: string) => call<void>('DELETE', `/tokens/${encodeURIComponent(id)}`),
};

/** What the settings load. */
export const settingsKeys = { users: ['users'], tokens: ['tokens'], sessions: ['sessions'] } as const;

export function useUsers() {
  return useQuery({
    queryKey: settingsKeys.users,
    queryFn: ({ signal }) => call<UserListBody>('GET', '/users', { signal }),
  });
}

export function useTokens() {
  return useQuery({
    queryKey: settingsKeys.tokens,
    queryFn: ({ signal }) => call<TokenListBody>('GET', '/tokens', { signal }),
  });
}

export function useSessions(isUser: boolean) {
  return useQuery({
    queryKey: settingsKeys.sessions,
    queryFn: ({ signal }) => call<SessionListBody>('GET', '/sessions', { signal }),
    enabled: isUser,
  });
}

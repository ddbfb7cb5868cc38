import { useQuery } from '@tanstack/react-query';
import type { NewSecretBody, SecretBody, SecretListBody } from '../../../src/api/answers.js';
import { keys } from './keys.js';
import { every } from './queries.js';
import { callInside } from './session.js';

/** How often it is asked who still uses a secret, in milliseconds. */
const INTERVAL = 3_000;

/** The secrets of an environment, without themselves. */
export function useSecrets(environment: string) {
  return useQuery({
    queryKey: keys.secrets(environment),
    queryFn: async ({ signal }) =>
      (await callInside<SecretListBody>(environment, 'GET', '/secrets', { signal })).data.items,
    refetchInterval: every(INTERVAL),
  });
}

/** Makes a secret beside the others; the answer has it. */
export async function makeSecret(environment: string, kind: SecretBody['kind'], name: string): Promise<NewSecretBody> {
  const body = { kind, ...(name === '' ? {} : { name }) };
  return (await callInside<NewSecretBody>(environment, 'POST', '/secrets', { body })).data;
}

/** From then on nobody gets in with it. */
export async function revokeSecret(environment: string, id: string): Promise<void> {
  await callInside(environment, 'DELETE', `/secrets/${encodeURIComponent(id)}`);
}

import { randomUUID } from 'node:crypto';
import { newSecret } from '../access/secrets.js';
import { keyProblem } from '../documents/keys.js';
import type { Answer, EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Environments } from '../storage/environments.js';

/** Management of environments. Their answers hold the secrets, which whoever has the access token may know. */
export function environmentHandlers(environments: Environments, live: LiveEnvironments) {
  const present = (environment: Environment) => ({
    ...environment,
    /** SDKs that stream this environment now. */
    connections: live.of(environment.id).feed.readers,
  });
  return {
    list: async (): Promise<Answer> => ({
      status: 200,
      body: { items: (await environments.list()).map(present) },
    }),
    get: async ({ environment }: EnvironmentExchange): Promise<Answer> => ({ status: 200, body: present(environment) }),
    /** Body: `{"key": …, "name": …}`; the name is the key unless given. Secrets are made here. */
    create: async (exchange: Exchange): Promise<Answer> => {
      const environment = readEnvironment(exchange.body);
      if (await environments.create(environment, [])) return { status: 201, body: present(environment) };
      throw new Refusal('already_exists', 'There is an environment of this key.');
    },
  };
}

function readEnvironment(body: unknown): Environment {
  const { key, name = key } = isJsonObject(body) ? body : {};
  if (typeof key !== 'string' || typeof name !== 'string') {
    throw new Refusal('invalid_request', 'Send {"key": "…"}, and "name" if it is to differ from the key.');
  }
  const problem = keyProblem(key);
  if (problem !== undefined) throw new Refusal('invalid_request', `key: ${problem}`);
  const id = randomUUID();
  return { id, key, name, serverSecret: newSecret(id), clientSecret: newSecret(id) };
}

import { randomUUID } from 'node:crypto';
import { newSecret } from '../access/secrets.js';
import type { ChangeEventBody, EnvironmentBody, EnvironmentListBody, ExperimentEventBody } from '../api/answers.js';
import { keyProblem } from '../documents/keys.js';
import { nameProblem } from '../documents/names.js';
import type { ExperimentService } from '../experiments/service.js';
import { type Answer, events, json } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { ChangeLog } from '../model/change-log.js';
import type { Environment } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { Environments } from '../storage/environments.js';
import { bodyFields } from './parameters.js';

/** Each costs memory once an SDK has asked for it. */
const MAX_ENVIRONMENTS = 500;

/** Management of environments. Their answers hold the secrets, which whoever has the access token may know. */
export function environmentHandlers(
  environments: Environments,
  live: LiveEnvironments,
  changes: Pick<ChangeLog, 'watch'>,
  experiments: Pick<ExperimentService, 'onChange'>,
) {
  const present = (environment: Environment): EnvironmentBody => ({
    ...environment,
    connections: live.of(environment.id).feed.readers,
  });
  return {
    list: async (): Promise<Answer> => json<EnvironmentListBody>({ items: (await environments.list()).map(present) }),
    get: async ({ environment }: EnvironmentExchange): Promise<Answer> => json<EnvironmentBody>(present(environment)),
    /**
     * An event `change` for each flag and segment that is changed from now on, and `experiment` for each experiment that is changed or
     * has other results: a reason to read it again, not the thing itself.
     */
    events: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      events((send) => {
        const ends = [
          changes.watch(({ environmentId, kind, key, version }) => {
            if (environmentId !== environment.id) return;
            const data: ChangeEventBody = { kind, key, version };
            send({ id: String(version), event: 'change', data });
          }),
          experiments.onChange(({ environmentId, key }) => {
            if (environmentId !== environment.id) return;
            const data: ExperimentEventBody = { key };
            send({ event: 'experiment', data });
          }),
        ];
        return () => {
          for (const end of ends) end();
        };
      }),
    /** Body: `{"key": …, "name": …}`; the name is the key unless given. Secrets are made here. */
    create: async (exchange: Exchange): Promise<Answer> => {
      const environment = readEnvironment(exchange.body);
      if ((await environments.list()).length >= MAX_ENVIRONMENTS) {
        throw new Refusal('limit-reached', `A center takes ${MAX_ENVIRONMENTS} environments.`);
      }
      if (await environments.create(environment, [])) return json<EnvironmentBody>(present(environment), 201);
      throw new Refusal('already-exists', 'There is an environment of this key.');
    },
  };
}

function readEnvironment(body: unknown): Environment {
  const { key, name = key } = bodyFields(body, ['key', 'name']);
  if (typeof key !== 'string' || typeof name !== 'string') {
    throw new Refusal('invalid-request', 'Send {"key": "…"}, and "name" if it is to differ from the key.');
  }
  const problem = keyProblem(key);
  if (problem !== undefined) throw new Refusal('invalid-request', `key: ${problem}`);
  const inName = nameProblem(name);
  if (inName !== undefined) throw new Refusal('invalid-request', `name: ${inName}`);
  const id = randomUUID();
  return { id, key, name, isProtected: false, serverSecret: newSecret(id), clientSecret: newSecret(id) };
}

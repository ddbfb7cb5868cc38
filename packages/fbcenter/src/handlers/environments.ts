import { randomUUID } from 'node:crypto';
import { newSecret } from '../access/secrets.js';
import type { EnvironmentBody, EnvironmentListBody, NewEnvironmentBody } from '../api/answers.js';
import { keyProblem } from '../documents/keys.js';
import { nameProblem } from '../documents/names.js';
import { type Answer, json } from '../http/answer.js';
import type { EnvironmentExchange, Exchange } from '../http/exchange.js';
import type { LiveEnvironments } from '../live/environments.js';
import type { Manager } from '../model/caller.js';
import type { Environment } from '../model/environment.js';
import { isJsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import { roleIn } from '../model/role.js';
import type { Storage } from '../storage/storage.js';
import { managerOf } from './grants.js';
import { authorship, bodyFields } from './parameters.js';

/** Each costs memory once an SDK has asked for it. */
const MAX_ENVIRONMENTS = 500;

/** Management of environments. A secret is in the answer that makes it, otherwise each is asked for by itself. */
export function environmentHandlers(storage: Pick<Storage, 'environments' | 'transact'>, live: LiveEnvironments) {
  const present = (
    { id, key, name, isProtected }: Environment,
    { grants }: Pick<Manager, 'grants'>,
  ): EnvironmentBody => ({
    id,
    key,
    name,
    isProtected,
    role: roleIn(grants, id) ?? null,
    connections: live.of(id).feed.readers,
  });
  return {
    /** Those in which the caller has a role. */
    list: async ({ caller }: Exchange): Promise<Answer> => {
      const manager = managerOf(caller);
      const seen = (await storage.environments.list()).filter(({ id }) => roleIn(manager.grants, id) !== undefined);
      return json<EnvironmentListBody>({ items: seen.map((environment) => present(environment, manager)) });
    },
    get: async ({ environment, caller }: EnvironmentExchange): Promise<Answer> =>
      json<EnvironmentBody>(present(environment, managerOf(caller))),
    /** Body: `{"key": …, "name": …}`; the name is the key unless given. Secrets are made here. */
    create: async (exchange: Exchange): Promise<Answer> => {
      const { by: actor, note } = authorship(exchange);
      const environment = readEnvironment(exchange.body);
      await storage.transact(async ({ environments, audit }) => {
        if ((await environments.list()).length >= MAX_ENVIRONMENTS) {
          throw new Refusal('limit-reached', `A center takes ${MAX_ENVIRONMENTS} environments.`);
        }
        if (!(await environments.create(environment, []))) {
          throw new Refusal('already-exists', 'There is an environment of this key.');
        }
        const after = descriptionOf(environment);
        await audit.append({ ...note, actor, action: 'create', subject: subjectOf(environment), after });
      });
      const { serverSecret, clientSecret } = environment;
      const made = present(environment, managerOf(exchange.caller));
      return json<NewEnvironmentBody>({ ...made, serverSecret, clientSecret }, 201);
    },
    /** Body: `{"name": …, "isProtected": …}`; what is left out stays as it is. */
    describe: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { by: actor, note } = authorship(exchange);
      const wanted = readDescription(exchange.body);
      const environment = await storage.transact(async ({ environments, audit }) => {
        const before = (await environments.byKey(exchange.environment.key)) ?? exchange.environment;
        const after = { ...before, ...wanted };
        await environments.describe(before.id, after);
        await audit.append({
          ...note,
          actor,
          action: 'update',
          subject: subjectOf(before),
          before: descriptionOf(before),
          after: descriptionOf(after),
        });
        return after;
      });
      return json<EnvironmentBody>(present(environment, managerOf(exchange.caller)));
    },
  };
}

function subjectOf({ key }: Environment) {
  return { kind: 'environment', key, environment: key };
}

/** What the audit log has of an environment. */
function descriptionOf({ name, isProtected }: Environment) {
  return { name, isProtected };
}

function readDescription(body: unknown): Partial<Pick<Environment, 'name' | 'isProtected'>> {
  const { name, isProtected } = bodyFields(body, ['name', 'isProtected']);
  if (!isJsonObject(body) || (name === undefined && isProtected === undefined)) {
    throw new Refusal('invalid-request', 'Send {"name": "…"}, {"isProtected": true or false}, or both.');
  }
  const problem = name === undefined ? undefined : typeof name === 'string' ? nameProblem(name) : 'Must be a string.';
  if (problem !== undefined) throw new Refusal('invalid-request', `name: ${problem}`);
  if (isProtected !== undefined && typeof isProtected !== 'boolean') {
    throw new Refusal('invalid-request', 'isProtected: Must be true or false.');
  }
  return { ...(typeof name === 'string' && { name }), ...(isProtected !== undefined && { isProtected }) };
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

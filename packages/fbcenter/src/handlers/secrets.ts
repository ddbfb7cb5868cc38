import { secretState, secretSubject } from '../access/audit-notes.js';
import { isSecret, newSecret, SECRET_FORM } from '../access/secrets.js';
import type { NewSecretBody, SecretBody, SecretListBody } from '../api/answers.js';
import { nameProblem } from '../documents/names.js';
import { type Answer, empty, json } from '../http/answer.js';
import type { EnvironmentExchange } from '../http/exchange.js';
import type { Secret } from '../model/environment.js';
import { Refusal } from '../model/refusal.js';
import type { Storage } from '../storage/storage.js';
import { isoTimeOrNull } from './answer-parts.js';
import { authorship, bodyFields, parameter } from './parameters.js';

/** The streaming connections that a secret has let in. */
export interface SecretConnections {
  connectionsBy(secretId: string): number;
  /** Ends them. */
  revoke(secretId: string): void;
}

/** Secrets of each kind that an environment takes: a rotation needs two, a team with one for each service some more. */
const MAX_SECRETS = 50;

/**
 * Management of the secrets of an environment. A list shows none of them: a secret is in the answer that makes it, and in that to
 * whoever asks for the one.
 */
export function secretHandlers(storage: Pick<Storage, 'secrets' | 'transact'>, connections: SecretConnections) {
  const present = ({ id, kind, name, createdAt, lastUsedAt }: Secret): SecretBody => ({
    id,
    kind,
    name,
    createdAt: isoTimeOrNull(createdAt),
    lastUsedAt: isoTimeOrNull(lastUsedAt),
    connections: connections.connectionsBy(id),
  });
  const reveal = (secret: Secret): NewSecretBody => ({ ...present(secret), secret: secret.value });
  return {
    list: async ({ environment }: EnvironmentExchange): Promise<Answer> =>
      json<SecretListBody>({ items: (await storage.secrets.list(environment.id)).map(present) }),
    get: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const id = parameter(exchange, 'secret');
      const secret = (await storage.secrets.list(exchange.environment.id)).find((one) => one.id === id);
      return json<NewSecretBody>(reveal(secret ?? missing()));
    },
    /** Body: `{"kind": "server" or "client", "name": …, "secret": …}`; the secret is made unless given. */
    create: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const { environment, body } = exchange;
      const { by: actor, note } = authorship(exchange);
      const { kind, name, value = newSecret(environment.id) } = readSecret(body);
      const secret = await storage.transact(async ({ secrets, audit }) => {
        const others = (await secrets.list(environment.id)).filter((other) => other.kind === kind);
        if (others.length >= MAX_SECRETS) {
          throw new Refusal(
            'limit-reached',
            `An environment takes ${MAX_SECRETS} secrets of a kind: revoke one first.`,
          );
        }
        const added = await secrets.add(environment.id, { kind, name, value });
        if (added === undefined)
          throw new Refusal('already-exists', 'This secret is in use: send none to have one made.');
        await audit.append({
          ...note,
          actor,
          action: 'create',
          subject: secretSubject(environment, added),
          after: secretState(added),
        });
        return added;
      });
      return json<NewSecretBody>(reveal(secret), 201);
    },
    /** From now on nobody gets in with it, and whoever is in with it is out. */
    revoke: async (exchange: EnvironmentExchange): Promise<Answer> => {
      const id = parameter(exchange, 'secret');
      const { environment } = exchange;
      const { by: actor, note } = authorship(exchange);
      await storage.transact(async ({ secrets, audit }) => {
        const secret = (await secrets.list(environment.id)).find((one) => one.id === id);
        const outcome = await secrets.remove(environment.id, id);
        if (secret === undefined || outcome === 'missing') return missing();
        if (outcome === 'only-one') {
          throw new Refusal('last-secret', 'It is the only secret of its kind: make another one first.');
        }
        const subject = secretSubject(environment, secret);
        await audit.append({ ...note, actor, action: 'revoke', subject, before: secretState(secret) });
      });
      connections.revoke(id);
      return empty(204);
    },
  };
}

function readSecret(body: unknown): Pick<Secret, 'kind' | 'name'> & { readonly value: string | undefined } {
  const { kind, name = 'unnamed', secret } = bodyFields(body, ['kind', 'name', 'secret']);
  if (kind !== 'server' && kind !== 'client') {
    throw new Refusal('invalid-request', 'Send {"kind": "server"} or {"kind": "client"}, and a "name" if you like.');
  }
  const problem = typeof name === 'string' ? nameProblem(name) : 'Must be a string.';
  if (typeof name !== 'string' || problem !== undefined) throw new Refusal('invalid-request', `name: ${problem}`);
  if (secret === undefined) return { kind, name, value: undefined };
  if (typeof secret === 'string' && isSecret(secret)) return { kind, name, value: secret };
  throw new Refusal('invalid-request', `secret: Must be ${SECRET_FORM}; leave it out to have one made.`);
}

function missing(): never {
  throw new Refusal('not-found', 'There is no such secret in this environment: it may be revoked already.');
}

import { digestOf } from '../access/credentials.js';
import type { Environment, Secret, SecretKind } from '../model/environment.js';
import type { Environments } from '../storage/environments.js';
import type { Secrets } from '../storage/secrets.js';
import { Freshness } from './freshness.js';
import type { Replica } from './replica.js';

/** An environment of upstream, as a relay serves it. */
export interface RelayedEnvironment {
  readonly id: string;
  /** What logs and answers call it by. */
  readonly key: string;
  readonly secrets: readonly Secret[];
  readonly replica: Replica;
  readonly freshness: Freshness;
}

/** What is known of an environment before anything of it is served. */
export interface EnvironmentIdentity {
  readonly id: string;
  readonly key: string;
  readonly secrets: readonly { readonly kind: SecretKind; readonly value: string }[];
}

/** A secret, and what it opens. */
interface Owned {
  readonly environment: RelayedEnvironment;
  readonly secret: Secret;
}

/** What a secret is called where it must not be said: in files, logs and addresses. */
export function secretIdOf(value: string): string {
  return digestOf(`relayed secret ${value}`).slice(0, 16);
}

/** The environments of a relay, and the secrets that open them; what a storage is to a center. */
export class RelayedEnvironments {
  readonly #replicaOf: () => Replica;
  readonly #byId = new Map<string, RelayedEnvironment>();
  #bySecret: ReadonlyMap<string, Owned> = new Map();

  /** @param replicaOf makes a replica that holds nothing. */
  constructor(replicaOf: () => Replica) {
    this.#replicaOf = replicaOf;
  }

  get all(): readonly RelayedEnvironment[] {
    return [...this.#byId.values()];
  }

  byId(id: string): RelayedEnvironment | undefined {
    return this.#byId.get(id);
  }

  /**
   * Serves an environment, or goes on serving it with other secrets. A secret that another one has is left to that.
   *
   * @param before what was served of it when it was removed; its readers go on where they were.
   */
  put({ id, key, secrets }: EnvironmentIdentity, before = this.#byId.get(id)): RelayedEnvironment {
    const environment: RelayedEnvironment = {
      id,
      key,
      secrets: secrets.map(({ kind, value }) => ({
        id: secretIdOf(value),
        kind,
        name: 'of upstream',
        value,
        createdAt: undefined,
        lastUsedAt: undefined,
      })),
      replica: before?.replica ?? this.#replicaOf(),
      freshness: before?.freshness ?? new Freshness(),
    };
    this.#byId.set(id, environment);
    this.#index();
    return environment;
  }

  /** Serves an environment no more. */
  remove(id: string): void {
    this.#byId.delete(id);
    this.#index();
  }

  readonly environments: Pick<Environments, 'byKey'> = {
    byKey: async (key) => {
      const found = this.all.find((environment) => environment.key === key);
      return found && asEnvironment(found);
    },
  };

  readonly secrets: Pick<Secrets, 'byValue' | 'list'> = {
    byValue: async (value) => {
      const found = this.#bySecret.get(value);
      return found && { environment: asEnvironment(found.environment), kind: found.secret.kind, id: found.secret.id };
    },
    list: async (environmentId) => this.#byId.get(environmentId)?.secrets ?? [],
  };

  /** A secret by its id, whichever environment it opens. */
  secretById(id: string): Secret | undefined {
    for (const { secret } of this.#bySecret.values()) if (secret.id === id) return secret;
    return undefined;
  }

  #index(): void {
    const index = new Map<string, Owned>();
    for (const environment of this.#byId.values()) {
      for (const secret of environment.secrets) {
        if (!index.has(secret.value)) index.set(secret.value, { environment, secret });
      }
    }
    this.#bySecret = index;
  }
}

/** As the rooms know it that a relay shares with a center. */
function asEnvironment({ id, key, secrets }: RelayedEnvironment): Environment {
  const first = (wanted: SecretKind) => secrets.find(({ kind }) => kind === wanted)?.value ?? '';
  return {
    id,
    key,
    name: key,
    isProtected: false,
    serverSecret: first('server'),
    clientSecret: first('client'),
  };
}

import { randomUUID } from 'node:crypto';
import { secretState, secretSubject } from './access/audit-notes.js';
import { newAdminToken, newSecret } from './access/secrets.js';
import { readSeed } from './documents/seed.js';
import { type EnvironmentOptions, secretsOf } from './environment-options.js';
import { InvalidConfigError } from './errors.js';
import { CENTER } from './model/actor.js';
import { changedFields } from './model/audit.js';
import type { Environment, Secret } from './model/environment.js';
import type { Secrets } from './storage/secrets.js';
import type { Settings } from './storage/settings.js';
import type { Storage, Transaction } from './storage/storage.js';

/** The access token that is kept. If there is no such token yet, makes one and keeps it. */
export async function keptAdminToken(settings: Settings): Promise<{ readonly token: string; readonly isNew: boolean }> {
  const kept = await settings.get('admin-token');
  if (kept !== undefined) return { token: kept, isNew: false };
  const token = newAdminToken();
  await settings.save('admin-token', token);
  return { token, isNew: true };
}

/** The environments of a center that has just started. */
export interface Provisioned {
  /** Those of the options first and in their order; of several secrets that an option gives the first one is shown. */
  readonly environments: readonly Environment[];
  /** The keys of those that were made now. */
  readonly made: readonly string[];
  /** Secrets of an earlier start that still count, though these options give others. */
  readonly leftOver: readonly { readonly environment: string; readonly secret: Secret }[];
}

type Stored = Pick<Storage, 'environments' | 'secrets' | 'transact'>;

/** What a secret is called that the options add to an environment. */
const FROM_OPTIONS = 'from the settings';

/** The names of secrets that nobody has made by hand. */
const OWN_NAMES = ['first', FROM_OPTIONS];

const SECRET_KINDS = ['server', 'client'] as const;

/**
 * Makes the environments of the options that are not there yet, and adds the secrets of the options to those that are there.
 *
 * @throws InvalidConfigError when a secret is taken or a seed has faults.
 */
export async function ensureEnvironments(
  environments: readonly EnvironmentOptions[],
  stored: Stored,
): Promise<Provisioned> {
  const made: string[] = [];
  const leftOver: Provisioned['leftOver'][number][] = [];
  for (const [index, options] of environments.entries()) {
    const path = `environments[${index}]`;
    const existing = await stored.environments.byKey(options.key);
    await refuseTaken(options, existing, path, stored.secrets);
    const environment = existing ?? (await createEnvironment(options, path, stored));
    if (existing === undefined) made.push(options.key);
    await addSecrets(environment, options, stored);
    for (const secret of await stored.secrets.list(environment.id)) {
      const given = secretsOf(options[`${secret.kind}Secret`]);
      if (given.length === 0 || given.includes(secret.value) || !OWN_NAMES.includes(secret.name)) continue;
      leftOver.push({ environment: options.key, secret });
    }
  }
  const keys = environments.map(({ key }) => key);
  const rank = ({ key }: Environment) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  const all = [...(await stored.environments.list())].sort((a, b) => rank(a) - rank(b));
  return { environments: all.map((one, index) => withGivenSecrets(one, environments[index])), made, leftOver };
}

function withGivenSecrets(environment: Environment, options: EnvironmentOptions | undefined): Environment {
  const [serverSecret = environment.serverSecret] = secretsOf(options?.serverSecret);
  const [clientSecret = environment.clientSecret] = secretsOf(options?.clientSecret);
  return { ...environment, serverSecret, clientSecret };
}

/** @throws InvalidConfigError when a secret of the options opens something else. */
async function refuseTaken(
  options: EnvironmentOptions,
  environment: Environment | undefined,
  path: string,
  secrets: Secrets,
): Promise<void> {
  for (const kind of SECRET_KINDS) {
    for (const value of secretsOf(options[`${kind}Secret`])) {
      const owner = await secrets.byValue(value);
      if (owner === undefined || (owner.environment.id === environment?.id && owner.kind === kind)) continue;
      throw new InvalidConfigError([{ option: `${path}.${kind}Secret`, message: 'is in use for something else' }]);
    }
  }
}

async function createEnvironment(
  options: EnvironmentOptions,
  path: string,
  stored: Pick<Storage, 'transact'>,
): Promise<Environment> {
  const id = randomUUID();
  const { key, name = key, flags = [], segments = [] } = options;
  const serverSecret = secretsOf(options.serverSecret).at(-1) ?? newSecret(id);
  const clientSecret = secretsOf(options.clientSecret).at(-1) ?? newSecret(id);
  const seed = await readSeed({ id }, flags, segments);
  if (!seed.ok) {
    throw new InvalidConfigError(
      seed.faults.map((fault) => ({ option: `${path}.${fault.path}`, message: fault.message })),
    );
  }
  const environment = { id, key, name, isProtected: false, serverSecret, clientSecret };
  await stored.transact(async (transaction) => {
    if (!(await transaction.environments.create(environment, seed.drafts))) {
      throw new InvalidConfigError([{ option: path, message: 'another environment has one of its secrets' }]);
    }
    await writeDown(environment, transaction);
  });
  return environment;
}

/** Writes down what an environment begins with. */
async function writeDown({ id, key, name }: Environment, { documents, audit }: Transaction): Promise<void> {
  const made = { actor: CENTER, action: 'create', source: FROM_OPTIONS, group: randomUUID() };
  const subject = { kind: 'environment', key, environment: key };
  await audit.append({ ...made, subject, after: { name, isProtected: false } });
  for (const kind of ['segment', 'flag'] as const) {
    for (const after of await documents.list(id, kind, {})) {
      const fields = changedFields(undefined, JSON.parse(after.text));
      await audit.appendDocument({ ...made, environment: key, kind, key: after.key, before: undefined, after, fields });
    }
  }
}

async function addSecrets(
  environment: Environment,
  options: EnvironmentOptions,
  stored: Pick<Storage, 'secrets' | 'transact'>,
): Promise<void> {
  for (const kind of SECRET_KINDS) {
    const known = (await stored.secrets.list(environment.id)).map(({ value }) => value);
    // The one that was added last is shown, and that is to be the first.
    for (const value of [...secretsOf(options[`${kind}Secret`])].reverse()) {
      if (known.includes(value)) continue;
      await stored.transact(async ({ secrets, audit }) => {
        const added = await secrets.add(environment.id, { kind, name: FROM_OPTIONS, value });
        if (added === undefined) return;
        const subject = secretSubject(environment, added);
        await audit.append({ actor: CENTER, action: 'create', subject, after: secretState(added) });
      });
    }
  }
}

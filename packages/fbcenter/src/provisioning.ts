import { randomUUID } from 'node:crypto';
import { newAdminToken, newSecret } from './access/secrets.js';
import { readSeed } from './documents/seed.js';
import { InvalidConfigError } from './errors.js';
import type { Environment } from './model/environment.js';
import type { EnvironmentOptions } from './options.js';
import type { Environments } from './storage/environments.js';
import type { Settings } from './storage/settings.js';

/** The access token that is kept. If there is no such token yet, makes one and keeps it. */
export async function keptAdminToken(settings: Settings): Promise<string> {
  const kept = await settings.get('admin-token');
  if (kept !== undefined) return kept;
  const token = newAdminToken();
  await settings.save('admin-token', token);
  return token;
}

/**
 * Makes the environments of the options that are not there yet, and gives those that are there the secrets of the options.
 *
 * @returns all environments, those of the options first and in their order.
 * @throws InvalidConfigError when a secret is taken or a seed has faults.
 */
export async function ensureEnvironments(
  environments: readonly EnvironmentOptions[],
  stored: Environments,
): Promise<readonly Environment[]> {
  for (const [index, options] of environments.entries()) {
    const existing = await stored.byKey(options.key);
    const path = `environments[${index}]`;
    if (existing === undefined) await createEnvironment(options, path, stored);
    else await replaceSecrets(existing, options, path, stored);
  }
  const keys = environments.map(({ key }) => key);
  const rank = ({ key }: Environment) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return [...(await stored.list())].sort((a, b) => rank(a) - rank(b));
}

async function createEnvironment(options: EnvironmentOptions, path: string, stored: Environments): Promise<void> {
  const id = randomUUID();
  const { key, name = key, flags = [], segments = [] } = options;
  const serverSecret = options.serverSecret ?? newSecret(id);
  const clientSecret = options.clientSecret ?? newSecret(id);
  const seed = await readSeed({ id }, flags, segments);
  if (!seed.ok) {
    throw new InvalidConfigError(
      seed.faults.map((fault) => ({ option: `${path}.${fault.path}`, message: fault.message })),
    );
  }
  if (await stored.create({ id, key, name, serverSecret, clientSecret }, seed.drafts)) return;
  throw new InvalidConfigError([{ option: path, message: 'another environment has one of its secrets' }]);
}

async function replaceSecrets(
  existing: Environment,
  options: EnvironmentOptions,
  path: string,
  stored: Environments,
): Promise<void> {
  for (const kind of ['server', 'client'] as const) {
    const name = `${kind}Secret` as const;
    const secret = options[name];
    if (secret === undefined || secret === existing[name]) continue;
    if (await stored.replaceSecret(existing.id, kind, secret)) continue;
    throw new InvalidConfigError([{ option: `${path}.${name}`, message: 'is in use for something else' }]);
  }
}

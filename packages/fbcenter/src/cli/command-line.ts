import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { isRole, ROLES, type Role } from '../model/role.js';
import { type CenterOptions, MISSING_ATTRIBUTE } from '../options.js';
import { LOG_LEVELS, type LogLevel } from '../runtime/log.js';
import {
  type Flags,
  type Given,
  nameOf,
  notUnderstood,
  readArguments,
  readSettings,
  SETTINGS,
  type Setting,
} from './settings.js';

/** What each command needs to know. */
interface Commands {
  readonly help: unknown;
  readonly version: unknown;
  readonly start: { readonly options: CenterOptions; readonly logLevel: LogLevel };
  readonly backup: CopyCommand;
  readonly restore: CopyCommand;
  readonly experiment: ExperimentCommand;
  readonly invite: InviteCommand;
}

interface ExperimentCommand {
  /** Of the center that runs, without a slash at its end. */
  readonly url: string;
  readonly adminToken: string;
  /** The key of the environment. */
  readonly environment: string;
  /** The key of the experiment. */
  readonly key: string;
  /** Whether it is shown again and again. */
  readonly isWatching: boolean;
}

interface InviteCommand {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly token: string | undefined;
  /** Absent = the first admin. */
  readonly name: string | undefined;
  readonly role: Role;
}

interface CopyCommand {
  readonly folder: string;
  readonly file: string;
  /** Whether what is there already is replaced. */
  readonly overwrite: boolean;
}

/** What the program is asked to do. */
export type Command<Kind extends keyof Commands = keyof Commands> = {
  [K in Kind]: { readonly kind: K } & Commands[K];
}[Kind];

/**
 * Reads the command line and the environment variables; a flag comes before its variable (`--memory`
 * before that of `--data`, too, and the other way round), the variable before its file.
 *
 * @param readFile reads a file that a `…_FILE` variable names.
 * @throws InvalidConfigError naming everything that cannot be understood. Values are checked when the center starts.
 */
export function readCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Command {
  const { flags, words } = readArguments(args);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const problems: ConfigProblem[] = [];
  const given = readSettings(flags, variables, readFile, problems);
  const [word] = words;
  if (word === 'backup' || word === 'restore') return readCopy(word, words, flags, given, problems);
  if (word === 'experiment') return readExperiment(words, flags, given, problems);
  if (word === 'users') return readInvite(words, given, problems);
  if (word !== undefined) throw notUnderstood(`there is no command ${word}`);
  if (flags.force === true) throw notUnderstood('--force goes with backup and restore');
  if (flags.watch === true) throw notUnderstood('--watch goes with experiment show');
  const {
    host,
    port,
    dataFolder,
    adminToken,
    memory = 'false',
    requireData = 'false',
    rememberUsers = 'false',
    auditDays,
    missingAttribute = SETTINGS.missingAttribute.fallback,
    sendRuleNames = 'false',
    logLevel = SETTINGS.logLevel.fallback,
  } = given;
  const keys = (given.environments ?? SETTINGS.environments.fallback).split(',').map((key) => key.trim());
  const serverSecrets = readSecrets(given, 'serverSecret', keys, problems);
  const clientSecrets = readSecrets(given, 'clientSecret', keys, problems);
  if (memory !== 'true' && memory !== 'false') problems.push({ option: 'memory', message: 'must be true or false' });
  if (memory === 'true' && dataFolder !== undefined) {
    problems.push({ option: 'memory', message: `cannot be combined with ${nameOf('dataFolder')}` });
  }
  if (requireData !== 'true' && requireData !== 'false') {
    problems.push({ option: 'requireData', message: 'must be true or false' });
  }
  if (rememberUsers !== 'true' && rememberUsers !== 'false') {
    problems.push({ option: 'rememberUsers', message: 'must be true or false' });
  }
  if (sendRuleNames !== 'true' && sendRuleNames !== 'false') {
    problems.push({ option: 'sendRuleNames', message: 'must be true or false' });
  }
  if (!isLogLevel(logLevel)) problems.push({ option: 'logLevel', message: `must be one of ${LOG_LEVELS.join(', ')}` });
  if (!MISSING_ATTRIBUTE.some((known) => known === missingAttribute)) {
    problems.push({ option: 'missingAttribute', message: `must be ${MISSING_ATTRIBUTE.join(' or ')}` });
  }
  const portNumber = port === undefined ? undefined : readPort(port, problems);
  const oidc = readOidc(given, problems);
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new InvalidConfigError(problems);
  return {
    kind: 'start',
    logLevel,
    options: {
      host,
      port: portNumber,
      dataFolder: memory === 'true' ? undefined : (dataFolder ?? SETTINGS.dataFolder.fallback),
      requireData: requireData === 'true',
      adminToken,
      ...(given.publicUrl === undefined ? {} : { publicUrl: given.publicUrl }),
      ...(oidc === undefined ? {} : { oidc }),
      rememberUsers: rememberUsers === 'true',
      // What is no number is refused with all other options.
      ...(auditDays === undefined ? {} : { auditDays: Number(auditDays) }),
      missingAttribute: MISSING_ATTRIBUTE.find((known) => known === missingAttribute),
      sendRuleNames: sendRuleNames === 'true',
      environments: keys.map((key) => ({
        key,
        serverSecret: serverSecrets.get(key),
        clientSecret: clientSecrets.get(key),
      })),
    },
  };
}

/** The text of `--help`. */
export function helpText(): string {
  const settings: readonly Setting[] = Object.values(SETTINGS);
  const lines = settings.map(({ flag, variable, value, help, fallback }) => {
    const usage = `--${flag}${value === undefined ? '' : ` ${value}`}`;
    const origin = fallback === undefined ? variable : `${variable}, default ${fallback}`;
    return `  ${usage.padEnd(30)}${help}\n${' '.repeat(32)}${origin}`;
  });
  return `fbcenter: a flag center that speaks FeatBit's server protocol

Usage: fbcenter [options]                  starts the center
       fbcenter backup FILE [options]      copies its data into a file, also while it runs
       fbcenter restore FILE [options]     puts such a copy in the place of its data, while it is stopped
       fbcenter experiment show KEY [options]   draws the results of an experiment of a center that runs
       fbcenter users invite [NAME [ROLE]] prints a link by which NAME comes in, or the first admin

${lines.join('\n')}
  --force                       backup, restore: replace what is there already
  --watch                       experiment: draw it again every two seconds, until Ctrl-C
  --help                        this text
  --version                     the version

Secrets and the token that are not given are made at the first start and kept with the data.
Each variable can name a file instead: FBCENTER_ADMIN_TOKEN_FILE=/run/secrets/token.
Give secrets by variable or file: other users of the machine can see the flags of a process.
SIGINT (Ctrl-C) and SIGTERM stop the center.
`;
}

function readCopy(
  kind: 'backup' | 'restore',
  words: readonly string[],
  flags: Flags,
  given: Given,
  problems: readonly ConfigProblem[],
): Command {
  const [, file, ...more] = words;
  if (file === undefined || file === '' || more.length > 0) throw notUnderstood(`${kind} takes one file`);
  if (given.memory === 'true') throw notUnderstood(`${kind} is about a data folder: there is none with --memory`);
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const folder = given.dataFolder ?? SETTINGS.dataFolder.fallback;
  return { kind, folder, file, overwrite: flags.force === true };
}

function readExperiment(
  words: readonly string[],
  flags: Flags,
  given: Given,
  problems: ConfigProblem[],
): Command<'experiment'> {
  const [, verb, key, ...more] = words;
  if (verb !== 'show' || key === undefined || key === '' || more.length > 0) {
    throw notUnderstood('experiment show takes the key of one experiment');
  }
  const { url = SETTINGS.url.fallback, adminToken, environments = SETTINGS.environments.fallback } = given;
  if (!/^https?:\/\/[^\s/?#]+\/*$/.test(url))
    problems.push({ option: 'url', message: 'must be like http://host:port' });
  if (adminToken === undefined) problems.push({ option: 'adminToken', message: 'is needed: the center asks for it' });
  const [environment = '', ...others] = environments.split(',').map((one) => one.trim());
  if (others.length > 0) problems.push({ option: 'environments', message: 'must be one environment here' });
  if (problems.length > 0 || adminToken === undefined) throw new InvalidConfigError(problems);
  return {
    kind: 'experiment',
    url: url.replace(/\/+$/, ''),
    adminToken,
    environment,
    key,
    isWatching: flags.watch === true,
  };
}

function readInvite(words: readonly string[], given: Given, problems: ConfigProblem[]): Command<'invite'> {
  const [, verb, name, role = 'viewer', ...more] = words;
  if (verb !== 'invite' || more.length > 0) throw notUnderstood('users takes: invite [NAME [ROLE]]');
  if (!isRole(role)) throw notUnderstood(`a role is one of ${ROLES.join(', ')}`);
  if (given.memory === 'true') throw notUnderstood('users is about a data folder: there is none with --memory');
  const port = readPort(given.port ?? SETTINGS.port.fallback, problems);
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return {
    kind: 'invite',
    folder: given.dataFolder ?? SETTINGS.dataFolder.fallback,
    host: given.host ?? SETTINGS.host.fallback,
    port,
    publicUrl: given.publicUrl,
    token: given.adminToken,
    name,
    role,
  };
}

/** The identity provider, when one of its settings is given. */
function readOidc(given: Given, problems: ConfigProblem[]): CenterOptions['oidc'] {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcRoles, oidcGroupsClaim, oidcScope, oidcLabel } = given;
  if (oidcIssuer === undefined) {
    const [other] = (['oidcClientId', 'oidcClientSecret', 'oidcRoles'] as const).filter((name) => given[name]);
    if (other !== undefined) problems.push({ option: other, message: `goes with ${nameOf('oidcIssuer')}` });
    return undefined;
  }
  const roles = (oidcRoles ?? '').split(',').flatMap((entry) => {
    const [, group = '', role = '', keys] = /^(.+)=(\w+)(?::(.+))?$/.exec(entry.trim()) ?? [];
    if (isRole(role))
      return [{ group: group.trim(), role, ...(keys === undefined ? {} : { environments: keys.split('+') }) }];
    const message = 'must be GROUP=ROLE, or GROUP=ROLE:ENVIRONMENT+ENVIRONMENT, several with commas';
    problems.push({ option: 'oidcRoles', message: `${message}; roles are ${ROLES.join(', ')}` });
    return [];
  });
  return {
    issuer: oidcIssuer,
    clientId: oidcClientId ?? '',
    clientSecret: oidcClientSecret,
    roles,
    groupsClaim: oidcGroupsClaim,
    scope: oidcScope,
    label: oidcLabel,
  };
}

function readSecrets(
  given: Given,
  option: 'serverSecret' | 'clientSecret',
  keys: readonly string[],
  problems: ConfigProblem[],
): ReadonlyMap<string, readonly string[]> {
  const secrets = new Map<string, string[]>();
  for (const entry of given[option]?.split(',') ?? []) {
    const separator = entry.indexOf('=');
    const key = separator < 0 ? (keys[0] ?? '') : entry.slice(0, separator).trim();
    if (!keys.includes(key)) {
      problems.push({ option, message: `names an environment that is not among ${keys.join(', ')}` });
    }
    secrets.set(key, [...(secrets.get(key) ?? []), entry.slice(separator + 1).trim()]);
  }
  return secrets;
}

/** @returns NaN for what is no number: the center says what is allowed. */
function readPort(text: string, problems: ConfigProblem[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:tcp|udp):\/\/[\w.:[\]-]+$/.test(text)) return Number.NaN;
  const message =
    `is ${text}, which Kubernetes sets for a Service that is called fbcenter: ` +
    'give the port with --port, call the Service something else, or set enableServiceLinks: false in the pod';
  problems.push({ option: 'port', message });
  return Number.NaN;
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

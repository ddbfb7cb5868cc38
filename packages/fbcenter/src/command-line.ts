import { parseArgs } from 'node:util';
import { type ConfigProblem, InvalidConfigError } from './errors.js';
import { type CenterOptions, DEFAULTS } from './options.js';
import { LOG_LEVELS, type LogLevel } from './runtime/log.js';

/** A setting of the command: the one place that says how it is given and what it is. */
interface Setting {
  readonly flag: string;
  /** The environment variable; with `_FILE` appended it names a file that holds the value. */
  readonly variable: string;
  /** What stands for the value in the help; none = a switch. */
  readonly value?: string;
  readonly help: string;
  readonly fallback?: string;
  /** The flag that says the contrary: where it is given, the variable of this one does not count. */
  readonly contrary?: string;
}

const SETTINGS = {
  host: {
    flag: 'host',
    variable: 'FBCENTER_HOST',
    value: 'ADDRESS',
    help: 'address to listen on; 0.0.0.0 is every interface',
    fallback: DEFAULTS.host,
  },
  port: {
    flag: 'port',
    variable: 'FBCENTER_PORT',
    value: 'PORT',
    help: 'port to listen on; 0 is any free one',
    fallback: String(DEFAULTS.port),
  },
  dataFolder: {
    flag: 'data',
    variable: 'FBCENTER_DATA',
    value: 'FOLDER',
    help: 'folder that keeps flags, secrets and counts',
    fallback: 'fbcenter-data',
    contrary: 'memory',
  },
  memory: {
    flag: 'memory',
    variable: 'FBCENTER_MEMORY',
    help: 'keep everything in memory instead; it is gone when the center stops',
    contrary: 'data',
  },
  environments: {
    flag: 'environment',
    variable: 'FBCENTER_ENVIRONMENT',
    value: 'KEY[,KEY]',
    help: 'environments to have; made when they are not there yet',
    fallback: DEFAULTS.environment,
  },
  serverSecret: {
    flag: 'server-secret',
    variable: 'FBCENTER_SERVER_SECRET',
    value: '[KEY=]SECRET',
    help: 'secret for server SDKs, of the first environment or of KEY; several with commas',
  },
  clientSecret: {
    flag: 'client-secret',
    variable: 'FBCENTER_CLIENT_SECRET',
    value: '[KEY=]SECRET',
    help: 'the same for browser SDKs',
  },
  adminToken: {
    flag: 'admin-token',
    variable: 'FBCENTER_ADMIN_TOKEN',
    value: 'TOKEN',
    help: 'access token of the management API',
  },
  logLevel: {
    flag: 'log-level',
    variable: 'FBCENTER_LOG_LEVEL',
    value: 'LEVEL',
    help: `what is written to stderr: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
  },
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof SETTINGS;

/** What the command is asked to do. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'start'; readonly options: CenterOptions; readonly logLevel: LogLevel };

/**
 * Reads the command line and the environment variables; a flag comes before its variable (`--memory`
 * before that of `--data`, too, and the other way round), the variable before its file.
 *
 * @param readFile reads a file that a `…_FILE` variable names.
 * @throws InvalidConfigError naming everything that cannot be understood; what can, is checked when the center starts.
 */
export function readCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Command {
  const flags = readFlags(args);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const problems: ConfigProblem[] = [];
  const given = readSettings(flags, variables, readFile, problems);
  const { host, port, dataFolder, adminToken, memory = 'false', logLevel = SETTINGS.logLevel.fallback } = given;
  const keys = (given.environments ?? SETTINGS.environments.fallback).split(',').map((key) => key.trim());
  const serverSecrets = readSecrets(given, 'serverSecret', keys, problems);
  const clientSecrets = readSecrets(given, 'clientSecret', keys, problems);
  if (memory !== 'true' && memory !== 'false') problems.push({ option: 'memory', message: 'must be true or false' });
  if (memory === 'true' && dataFolder !== undefined) {
    problems.push({ option: 'memory', message: `cannot be combined with ${nameOf('dataFolder')}` });
  }
  if (!isLogLevel(logLevel)) problems.push({ option: 'logLevel', message: `must be one of ${LOG_LEVELS.join(', ')}` });
  if (problems.length > 0 || !isLogLevel(logLevel)) throw new InvalidConfigError(problems);
  return {
    kind: 'start',
    logLevel,
    options: {
      host,
      port: port === undefined ? undefined : /^\d+$/.test(port) ? Number(port) : Number.NaN,
      dataFolder: memory === 'true' ? undefined : (dataFolder ?? SETTINGS.dataFolder.fallback),
      adminToken,
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

Usage: fbcenter [options]

${lines.join('\n')}
  --help                        this text
  --version                     the version

Secrets and the token that are not given are made at the first start and kept with the data.
Each variable can name a file instead: FBCENTER_ADMIN_TOKEN_FILE=/run/secrets/token.
Give secrets by variable or file: other users of the machine can see the flags of a process.
SIGINT (Ctrl-C) and SIGTERM stop the center.
`;
}

/** What is wrong with the settings, one line each, by the names that the command has for them. */
export function problemLines({ problems }: InvalidConfigError): readonly string[] {
  return problems.map(({ option, message }) => {
    const [, name = option] = /(?:^|\.)(\w+)$/.exec(option) ?? [];
    const known = isSettingName(name) ? name : /^environments\b/.test(option) ? 'environments' : undefined;
    return `${known === undefined ? option : nameOf(known)}: ${message}`;
  });
}

function readFlags(args: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const options: Record<string, { type: 'string' | 'boolean' }> = {
    help: { type: 'boolean' },
    version: { type: 'boolean' },
  };
  const settings: readonly Setting[] = Object.values(SETTINGS);
  for (const { flag, value } of settings) options[flag] = { type: value === undefined ? 'boolean' : 'string' };
  try {
    return parseArgs({ args: [...args], options }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    const [message = ''] = error instanceof Error ? error.message.split('. ') : [];
    throw new InvalidConfigError([{ option: 'command line', message: `${message}; see fbcenter --help` }]);
  }
}

type Given = Partial<Record<SettingName, string>>;

/** The text of every setting that was given, wherever it was. */
function readSettings(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  problems: ConfigProblem[],
): Given {
  const given: Given = {};
  for (const name of Object.keys(SETTINGS).filter(isSettingName)) {
    const { flag, variable, contrary }: Setting = SETTINGS[name];
    const file = variables[`${variable}_FILE`];
    if (flags[flag] !== undefined) given[name] = String(flags[flag]);
    else if (contrary !== undefined && flags[contrary] !== undefined) continue;
    // A variable that is empty is one that was not filled in, as compose files have them.
    else if (variables[variable]) given[name] = variables[variable];
    else if (file) {
      try {
        given[name] = readFile(file).trim();
      } catch {
        problems.push({ option: name, message: `the file of ${variable}_FILE cannot be read` });
      }
    }
  }
  return given;
}

function readSecrets(
  given: Given,
  option: 'serverSecret' | 'clientSecret',
  keys: readonly string[],
  problems: ConfigProblem[],
): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const entry of given[option]?.split(',') ?? []) {
    const separator = entry.indexOf('=');
    const key = separator < 0 ? (keys[0] ?? '') : entry.slice(0, separator).trim();
    if (!keys.includes(key)) {
      problems.push({ option, message: `names an environment that is not among ${keys.join(', ')}` });
    }
    secrets.set(key, entry.slice(separator + 1).trim());
  }
  return secrets;
}

function nameOf(name: SettingName): string {
  const { flag, variable } = SETTINGS[name];
  return `--${flag} (${variable})`;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

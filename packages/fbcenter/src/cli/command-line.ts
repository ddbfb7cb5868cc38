import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { isRole, ROLES, type Role } from '../model/role.js';
import { databaseProblem } from '../options.js';
import { notUnderstood, readArguments } from './arguments.js';
import { type RelayStart, readRelay } from './relay.js';
import { readPort } from './setting-values.js';
import { type Flags, type Given, readSettings, SETTINGS } from './settings.js';
import { readStart, type StartOptions } from './start-options.js';

/** What each command needs to know. */
interface Commands {
  readonly help: unknown;
  readonly version: unknown;
  readonly start: StartOptions;
  readonly 'migrate-to': MigrateCommand;
  readonly backup: CopyCommand;
  readonly restore: CopyCommand;
  readonly relay: RelayStart;
  readonly 'relay-help': unknown;
  readonly experiment: ExperimentCommand;
  readonly invite: InviteCommand;
}

interface MigrateCommand {
  readonly folder: string;
  /** Holds credentials. */
  readonly database: string;
  /** Whether data of the database are replaced that were changed since. */
  readonly overwrite: boolean;
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
  /** Absent = the folder has the data. */
  readonly database: string | undefined;
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
  // It has settings of its own.
  if (args[0] === 'relay') return readRelay(args.slice(1), variables, readFile);
  const { flags, words } = readArguments(args);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const problems: ConfigProblem[] = [];
  const given = readSettings(flags, variables, readFile, problems);
  const [word] = words;
  if (word === 'backup' || word === 'restore') return readCopy(word, words, flags, given, problems);
  if (word === 'migrate-to') return readMigrate(words, flags, given, problems);
  if (word === 'experiment') return readExperiment(words, flags, given, problems);
  if (word === 'users') return readInvite(words, given, problems);
  if (word !== undefined) throw notUnderstood(`there is no command ${word}`);
  if (flags.force === true) throw notUnderstood('--force goes with backup, restore and migrate-to');
  if (flags.watch === true) throw notUnderstood('--watch goes with experiment show');
  return { kind: 'start', ...readStart(given, problems) };
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
  if (given.database !== undefined) {
    throw notUnderstood(`${kind} is about a data folder: a database has programs of its own, pg_dump and pg_restore`);
  }
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const folder = given.dataFolder ?? SETTINGS.dataFolder.fallback;
  return { kind, folder, file, overwrite: flags.force === true };
}

function readMigrate(
  words: readonly string[],
  flags: Flags,
  given: Given,
  problems: ConfigProblem[],
): Command<'migrate-to'> {
  const [, word, ...more] = words;
  const database = word ?? given.database;
  if (database === undefined || more.length > 0) {
    throw notUnderstood('migrate-to takes the address of one database, postgres://…, or has it from FBCENTER_DATABASE');
  }
  const problem = databaseProblem(database);
  if (problem !== undefined) problems.push({ option: 'database', message: problem });
  if (given.memory === 'true') throw notUnderstood('migrate-to is about a data folder: there is none with --memory');
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const folder = given.dataFolder ?? SETTINGS.dataFolder.fallback;
  return { kind: 'migrate-to', folder, database, overwrite: flags.force === true };
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
  const port = readPort(given.port ?? SETTINGS.port.fallback, 'fbcenter', problems);
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return {
    kind: 'invite',
    folder: given.dataFolder ?? SETTINGS.dataFolder.fallback,
    database: given.database,
    host: given.host ?? SETTINGS.host.fallback,
    port,
    publicUrl: given.publicUrl,
    token: given.adminToken,
    name,
    role,
  };
}

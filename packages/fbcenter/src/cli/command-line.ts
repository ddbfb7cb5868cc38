import { type ConfigProblem, InvalidConfigError } from '../errors.js';
import { databaseProblem } from '../options.js';
import { notUnderstood, readArguments } from './arguments.js';
import { CONFIG_VERBS, type ConfigCommand } from './config-command.js';
import type { DoctorCommand } from './doctor.js';
import { type Origins, readSettings, type Sources } from './given.js';
import { isManageVerb, type ManageCommand, readManage } from './manage.js';
import { type RelayStart, readRelay } from './relay.js';
import { type Given, nameOf, SETTINGS } from './settings.js';
import { readStart, type StartOptions } from './start-options.js';
import { isVerb, misplaced, type VerbName } from './verbs.js';

/** What each command needs to know. */
interface Commands {
  readonly help: { readonly verb: VerbName };
  readonly version: unknown;
  readonly start: StartOptions;
  readonly 'migrate-to': MigrateCommand;
  readonly backup: CopyCommand;
  readonly restore: CopyCommand;
  readonly relay: RelayStart;
  readonly config: ConfigCommand;
  readonly doctor: DoctorCommand;
  readonly manage: ManageCommand;
}

interface MigrateCommand {
  readonly folder: string;
  /** Holds credentials. */
  readonly database: string;
  /** Whether data of the database are replaced that were changed since. */
  readonly overwrite: boolean;
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
 * Reads the command line, the environment variables and the config file that one of them names; a flag comes before its variable (`--memory`
 * before that of `--data`, too, and the other way round), the variable before the config file.
 *
 * @param readFile reads a config file, or one that holds a credential.
 * @param origins receives where each setting is from.
 * @throws InvalidConfigError naming everything that cannot be understood. Values are checked when the center starts.
 */
export function readCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  origins: Origins = new Map(),
): Command {
  // It has settings of its own.
  if (args[0] === 'relay') return readRelay(args.slice(1), variables, readFile, origins);
  const { flags, words } = readArguments(args);
  const [word, ...rest] = words;
  if (word !== undefined && !isVerb(word)) throw notUnderstood(`there is no command ${word}`);
  const verb = word ?? 'start';
  if (flags.help === true) return { kind: 'help', verb };
  if (flags.version === true) return { kind: 'version' };
  const wrong = misplaced(verb, flags);
  if (wrong !== undefined) throw notUnderstood(wrong);
  const sources = { flags, variables, readFile };
  if (verb === 'config') return readConfigCommand(rest, sources);
  const problems: ConfigProblem[] = [];
  const given = readSettings(SETTINGS, sources, problems, origins);
  if (verb === 'doctor') {
    if (rest.length > 0) throw notUnderstood('doctor takes options only');
    return { kind: 'doctor', given, problems, isJson: flags.json === true };
  }
  if (isManageVerb(verb)) return { kind: 'manage', ...readManage(verb, rest, flags, given, problems) };
  const overwrite = flags.force === true;
  if (verb === 'backup' || verb === 'restore') return readCopy(verb, rest, overwrite, given, problems);
  if (verb === 'migrate-to') return readMigrate(rest, overwrite, given, problems);
  return { kind: 'start', ...readStart(given, problems) };
}

function readConfigCommand([verb, file, ...more]: readonly string[], sources: Sources): Command<'config'> {
  const known = CONFIG_VERBS.find((one) => one === verb);
  const isSchema = known === 'schema';
  if (known === undefined || more.length > 0 || (isSchema && file !== undefined && file !== 'apply')) {
    throw notUnderstood('config takes: check [FILE], print [FILE] or schema [apply]');
  }
  const { flags } = sources;
  const withFile = file === undefined || isSchema ? sources : { ...sources, flags: { ...flags, config: file } };
  return { kind: 'config', verb: known, ofApply: file === 'apply', sources: withFile, isJson: flags.json === true };
}

function readCopy(
  kind: 'backup' | 'restore',
  words: readonly string[],
  overwrite: boolean,
  given: Given,
  problems: readonly ConfigProblem[],
): Command {
  const [file, ...more] = words;
  if (file === undefined || file === '' || more.length > 0) throw notUnderstood(`${kind} takes one file`);
  if (given.memory === 'true') throw notUnderstood(`${kind} is about a data folder: there is none with --memory`);
  if (given.url !== undefined) {
    const instead = 'fbcenter export and apply carry flags and segments over the network';
    throw notUnderstood(`${kind} is about a data folder: run it where that is, without ${nameOf('url')}; ${instead}`);
  }
  if (given.database !== undefined) {
    throw notUnderstood(`${kind} is about a data folder: a database has programs of its own, pg_dump and pg_restore`);
  }
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const folder = given.dataFolder ?? SETTINGS.dataFolder.fallback;
  return { kind, folder, file, overwrite };
}

function readMigrate(
  words: readonly string[],
  overwrite: boolean,
  given: Given,
  problems: ConfigProblem[],
): Command<'migrate-to'> {
  const [word, ...more] = words;
  const database = word ?? given.database;
  if (database === undefined || more.length > 0) {
    throw notUnderstood('migrate-to takes the address of one database, postgres://…, or has it from FBCENTER_DATABASE');
  }
  const problem = databaseProblem(database);
  if (problem !== undefined) problems.push({ option: 'database', message: problem });
  if (given.memory === 'true') throw notUnderstood('migrate-to is about a data folder: there is none with --memory');
  if (problems.length > 0) throw new InvalidConfigError(problems);
  const folder = given.dataFolder ?? SETTINGS.dataFolder.fallback;
  return { kind: 'migrate-to', folder, database, overwrite };
}

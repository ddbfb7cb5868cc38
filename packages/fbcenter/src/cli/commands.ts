import { resolve } from 'node:path';
import { startCenter } from '../center.js';
import { CenterError, InvalidConfigError } from '../errors.js';
import { moveToPostgres } from '../move-to-postgres.js';
import { lineLogger } from '../runtime/log.js';
import { backUp } from '../storage/sqlite/backup.js';
import { restore } from '../storage/sqlite/restore.js';
import { VERSION } from '../version.js';
import { type Command, readCommand } from './command-line.js';
import { runConfig } from './config-command.js';
import { runDoctor } from './doctor.js';
import { type Origins, problemLines } from './given.js';
import { greeting } from './greeting.js';
import { helpText, relayHelpText, verbHelpText } from './help.js';
import { runManage } from './manage-run.js';
import { runRelay } from './relay.js';
import { RELAY_SETTINGS } from './relay-settings.js';
import { SETTINGS, type SettingsTable } from './settings.js';

/** What a command sees of the process it runs in. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readFile(path: string): string;
  /** Whether a person reads what goes to `out`: nothing else does that keeps it. */
  readonly isTerminal: boolean;
  /** How wide the terminal is, in characters; `undefined` = not known. */
  readonly columns?: number | undefined;
  out(text: string): void;
  err(text: string): void;
  /** Fulfils when the center is to stop; called once it runs. */
  stopRequested(): Promise<void>;
  /** Calls a function at each SIGHUP, which ends a process that does not listen. */
  onHangUp(listener: () => void): void;
}

/** @returns the exit code, unless it is 0. */
type Run<Kind extends Command['kind']> = (
  command: Command<Kind>,
  context: CommandContext,
  origins: Origins,
) => void | Promise<void> | Promise<0 | 1>;

/** What the program can do. */
const COMMANDS: { readonly [Kind in Command['kind']]: Run<Kind> } = {
  help: ({ verb }, { out }) =>
    out(verb === 'start' ? helpText() : verb === 'relay' ? relayHelpText() : verbHelpText(verb)),
  version: (_, { out }) => out(`${VERSION}\n`),
  start,
  relay: runRelay,
  config: (command, { out }, origins) => out(runConfig(command, origins)),
  doctor: runDoctor,
  manage: runManage,
  backup: (command, { out }) => {
    const { file } = command;
    const documents = backUp({ ...command, progress: (line) => out(`${line}\n`) });
    out(
      `${resolve(file)} holds ${documents} flags and segments, all environments, secrets and counts. Keep it private.\n`,
    );
  },
  restore: (command, { out }) => {
    const { folder, file } = command;
    const { documents, aside } = restore({ ...command, progress: (line) => out(`${line}\n`) });
    out(
      `${resolve(folder)} holds the ${documents} flags and segments of ${resolve(file)}, with its secrets and token.\n`,
    );
    if (aside !== undefined) out(`The data that were there before are in ${aside}.\n`);
    out('At the next start every SDK is given everything anew.\n');
  },
  'migrate-to': async (command, { out }) => {
    const { documents, environments } = await moveToPostgres({ ...command, progress: (line) => out(`${line}\n`) });
    out(
      `The database holds ${environments} environments with ${documents} flags and segments, secrets, users and counts.\n` +
        `${resolve(command.folder)} is as it was. Start centers with --database, and SDKs only notice that they reconnect.\n`,
    );
  },
};

/**
 * @returns the exit code: 0 after a stop that was asked for, or when it is done; 1 when it failed, or found a difference; 2 when it was called
 * wrongly.
 */
export async function runCommand(context: CommandContext): Promise<0 | 1 | 2> {
  const origins: Origins = new Map();
  try {
    const command = readCommand(context.args, context.variables, (path) => context.readFile(path), origins);
    return await run(command, context, origins);
  } catch (error) {
    const lines =
      error instanceof InvalidConfigError ? problemLines(error, settingsOf(context), origins) : [messageOf(error)];
    for (const line of lines) context.err(`fbcenter: ${line}\n`);
    return error instanceof InvalidConfigError ? 2 : 1;
  }
}

async function run<Kind extends Command['kind']>(
  command: Command<Kind>,
  context: CommandContext,
  origins: Origins,
): Promise<0 | 1> {
  const { kind }: { readonly kind: Kind } = command;
  return (await COMMANDS[kind](command, context, origins)) ?? 0;
}

async function start({ options, logLevel, logFormat }: Command<'start'>, context: CommandContext): Promise<void> {
  const logger = lineLogger(logLevel, (line) => context.err(line), logFormat);
  const center = await startCenter({ ...options, logger });
  // To a person only: whatever else reads it may keep it for longer than it counts.
  const link = context.isTerminal || center.made.adminToken ? await center.firstAdminLink() : undefined;
  context.out(greeting(center, options, context.isTerminal, link));
  if (options.tlsCert !== undefined) context.onHangUp(() => center.reloadCertificate());
  await context.stopRequested();
  await center.close();
  context.out('fbcenter has stopped.\n');
}

function settingsOf({ args }: CommandContext): SettingsTable {
  return args[0] === 'relay' ? RELAY_SETTINGS : SETTINGS;
}

function messageOf(error: unknown): string {
  if (error instanceof CenterError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

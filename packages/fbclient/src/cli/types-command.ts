import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Declarations, differences, FLAGS_INTERFACE, OPENFEATURE_KEYS } from '../codegen/declarations.js';
import { type DescribedFlag, describeFlags } from '../codegen/described-flag.js';
import { similarKey } from '../codegen/similar.js';
import { byCodeUnit } from '../codegen/type-text.js';
import { errorName } from '../runtime/contain.js';
import type { Command } from './arguments.js';
import type { CommandContext } from './commands.js';
import { readEnvironment } from './environment.js';
import { CommandProblem } from './problem.js';

type TypesCommand = Extract<Command, { readonly kind: 'types' }>;

/** How often the flags are looked at with `--watch`, in milliseconds. */
const WATCH_INTERVAL = 2_000;

const DECLARATIONS: Readonly<Record<TypesCommand['target'], Declarations>> = {
  fbclient: FLAGS_INTERFACE,
  openfeature: OPENFEATURE_KEYS,
};

/** `fbclient types`. @returns the exit code. */
export async function typesCommand(command: TypesCommand, context: CommandContext): Promise<0 | 1> {
  const { out, mode, target } = command;
  const declarations = DECLARATIONS[target];
  if (out === undefined) {
    context.out(declarations.text(await flagsOf(command, context)));
    return 0;
  }
  if (mode === 'check') return check(command, out, context);
  if (mode === 'watch') return await watch(command, out, context);
  const changed = await write(out, declarations, await flagsOf(command, context));
  context.err(changed ? `${out} is written\n` : `${out} is current\n`);
  return 0;
}

async function flagsOf(command: TypesCommand, context: CommandContext): Promise<readonly DescribedFlag[]> {
  const { flags, problems } = describeFlags(await readEnvironment(command.origin));
  for (const problem of problems) context.err(`fbclient: ${problem}\n`);
  const { includeArchived, tags } = command;
  const known = new Set(flags.flatMap((flag) => flag.tags));
  const unknown = tags.find((tag) => !known.has(tag));
  if (unknown !== undefined) {
    const meant = similarKey(unknown, known);
    const all = [...known].sort(byCodeUnit).join(', ') || 'none at all';
    const hint = meant === undefined ? `the environment's tags: ${all}` : `did you mean ${meant}?`;
    throw new CommandProblem(`no flag has the tag ${unknown}: ${hint}`);
  }
  return flags.filter(
    (flag) =>
      (includeArchived || !flag.isArchived) && (tags.length === 0 || tags.some((tag) => flag.tags.includes(tag))),
  );
}

/** The command that writes the file which another one has looked at. */
function commandLine({ target, includeArchived, tags }: TypesCommand, out: string): string {
  const options = [
    ...(target === 'openfeature' ? ['--openfeature'] : []),
    ...tags.map((tag) => `--tag ${tag}`),
    ...(includeArchived ? ['--include-archived'] : []),
    `--out ${out}`,
  ];
  return `fbclient types ${options.join(' ')}`;
}

async function check(command: TypesCommand, out: string, context: CommandContext): Promise<0 | 1> {
  const flags = await flagsOf(command, context);
  const text = await existing(out);
  const found = text === undefined ? ['it does not exist'] : differences(text, DECLARATIONS[command.target], flags);
  if (found.length === 0) {
    context.err(`${out} is current\n`);
    return 0;
  }
  const lines = found.map((line) => `  ${line}\n`).join('');
  context.err(`${out} is not current:\n${lines}Run ${commandLine(command, out)}, and commit the file.\n`);
  return 1;
}

/** Goes on until it is stopped. What goes wrong after the first time passes, most of the time: it is said once. */
async function watch(command: TypesCommand, out: string, context: CommandContext): Promise<0> {
  const declarations = DECLARATIONS[command.target];
  await write(out, declarations, await flagsOf(command, context));
  context.err(`${out} follows the flags; Ctrl-C ends it\n`);
  let said = '';
  while (await context.pause(WATCH_INTERVAL)) {
    try {
      // Damaged flags were said at the start.
      const flags = await flagsOf(command, { ...context, err: () => undefined });
      const before = await existing(out);
      const changes = before === undefined ? [] : differences(before, declarations, flags);
      if (await write(out, declarations, flags))
        context.err(`${out} is written\n${changes.map((line) => `  ${line}\n`).join('')}`);
      said = '';
    } catch (error) {
      if (!(error instanceof CommandProblem)) throw error;
      if (error.message !== said) context.err(`fbclient: ${error.message}; it is tried again\n`);
      said = error.message;
    }
  }
  return 0;
}

/** Writes the file if it would become another one. @returns whether it was written. */
async function write(out: string, declarations: Declarations, flags: readonly DescribedFlag[]): Promise<boolean> {
  const before = await existing(out);
  if (before !== undefined && differences(before, declarations, flags).length === 0) return false;
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, declarations.text(flags));
    return true;
  } catch (error) {
    throw new CommandProblem(`${out} cannot be written (${errorName(error)})`);
  }
}

async function existing(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorName(error) === 'ENOENT') return undefined;
    throw new CommandProblem(`${path} cannot be read (${errorName(error)})`);
  }
}

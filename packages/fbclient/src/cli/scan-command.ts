import { type DescribedFlag, describeFlags } from '../codegen/described-flag.js';
import { flagUsesIn } from '../codegen/flag-uses.js';
import { similarKey } from '../codegen/similar.js';
import { literalText } from '../codegen/type-text.js';
import type { Command } from './arguments.js';
import type { CommandContext } from './commands.js';
import { readEnvironment } from './environment.js';
import { sourceFiles } from './source-files.js';

type ScanCommand = Extract<Command, { readonly kind: 'scan' }>;

/** `fbclient scan`. @returns the exit code. */
export async function scanCommand(command: ScanCommand, context: CommandContext): Promise<0 | 1> {
  const { flags, problems } = describeFlags(await readEnvironment(command.origin));
  for (const problem of problems) context.err(`fbclient: ${problem}\n`);
  const served = new Map(flags.filter(({ isArchived }) => !isArchived).map((flag) => [flag.key, flag]));
  const archived = new Set(flags.filter(({ isArchived }) => isArchived).map(({ key }) => key));
  const missing: string[] = [];
  const unknown: string[] = [];
  const named = new Set<string>();
  let files = 0;
  const tooLarge = (name: string): void => context.err(`fbclient: ${name} is left out: it is larger than 2 MiB\n`);
  for await (const { name, text } of sourceFiles(command.folders, tooLarge)) {
    files += 1;
    const uses = flagUsesIn(text);
    for (const key of uses.mentions) if (served.has(key)) named.add(key);
    for (const { key, line, column } of uses.calls) {
      if (served.has(key)) continue;
      missing.push(`${name}:${line}:${column} ${literalText(key)}${remark(key, archived, served.keys())}`);
    }
    for (const { key, line, column } of uses.unknown) unknown.push(`${name}:${line}:${column} ${key}(…)`);
  }
  const unused = [...served.values()].filter(({ key }) => !named.has(key));
  context.out(list('Keys that the environment does not have', missing));
  context.out(list('Flags that no code names', unused.map(title)));
  context.out(list('Calls whose key is no literal, and is not checked', unknown));
  context.out(`${files} files, ${served.size} flags: ${missing.length} wrong keys, ${unused.length} flags not named\n`);
  return missing.length > 0 || (command.failsForUnused && unused.length > 0) ? 1 : 0;
}

function remark(key: string, archived: ReadonlySet<string>, keys: Iterable<string>): string {
  if (archived.has(key)) return ' (archived)';
  const meant = similarKey(key, keys);
  return meant === undefined ? '' : ` (did you mean ${literalText(meant)}?)`;
}

function title({ key, name }: DescribedFlag): string {
  return name === '' ? literalText(key) : `${literalText(key)} ${name.replace(/\p{Cc}+/gu, ' ')}`;
}

function list(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${heading}:\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}

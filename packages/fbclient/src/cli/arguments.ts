import { parseArgs } from 'node:util';
import { CommandProblem } from './problem.js';

/** Where the flags are. */
export type Origin =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string; readonly secret: string };

/** What the program is asked to do. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'types';
      readonly origin: Origin;
      /** `undefined` = to the standard output. */
      readonly out: string | undefined;
      readonly mode: 'write' | 'check' | 'watch';
      readonly target: 'fbclient' | 'openfeature';
      readonly includeArchived: boolean;
      /** Only flags that have one of these; all of them when there is none. */
      readonly tags: readonly string[];
    }
  | {
      readonly kind: 'scan';
      readonly origin: Origin;
      readonly folders: readonly string[];
      /** Whether a flag that no code names is a reason to fail. */
      readonly failsForUnused: boolean;
    };

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  url: { type: 'string' },
  'secret-file': { type: 'string' },
  file: { type: 'string' },
  out: { type: 'string' },
  check: { type: 'boolean' },
  watch: { type: 'boolean' },
  openfeature: { type: 'boolean' },
  tag: { type: 'string', multiple: true },
  'include-archived': { type: 'boolean' },
  'fail-unused': { type: 'boolean' },
} as const;

/** Options that only one command has. */
const ONLY_FOR: Readonly<Record<string, 'types' | 'scan'>> = {
  out: 'types',
  check: 'types',
  watch: 'types',
  openfeature: 'types',
  tag: 'types',
  'include-archived': 'types',
  'fail-unused': 'scan',
};

type Values = ReturnType<typeof parsed>['values'];

/**
 * Reads the command line. The secret comes from a variable or a file: other users of the machine can see a process's arguments.
 *
 * @param readFile reads the file of a secret.
 * @throws CommandProblem saying what cannot be understood.
 */
export function readCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Command {
  const { values, positionals } = parsed(args);
  if (values.version === true) return { kind: 'version' };
  const [word, ...rest] = positionals;
  if (values.help === true || (word === undefined && args.length === 0)) return { kind: 'help' };
  if (word !== 'types' && word !== 'scan') {
    throw new CommandProblem(word === undefined ? 'the command is missing: types or scan' : `no such command: ${word}`);
  }
  for (const [option, command] of Object.entries(ONLY_FOR)) {
    if (option in values && command !== word) throw new CommandProblem(`--${option} goes with the command ${command}`);
  }
  const origin = originOf(values, variables, readFile);
  if (word === 'scan') {
    const folders = rest.length === 0 ? ['.'] : rest;
    return { kind: word, origin, folders, failsForUnused: values['fail-unused'] === true };
  }
  if (rest.length > 0) throw new CommandProblem(`types takes no ${rest[0]}: name the file with --out`);
  const { out, check = false, watch = false } = values;
  if (check && watch) throw new CommandProblem('--check and --watch exclude each other');
  if ((check || watch) && out === undefined) {
    throw new CommandProblem(`--${check ? 'check' : 'watch'} needs the file that it is about: --out flags.d.ts`);
  }
  const mode = check ? 'check' : watch ? 'watch' : 'write';
  return {
    kind: word,
    origin,
    out,
    mode,
    target: values.openfeature === true ? 'openfeature' : 'fbclient',
    includeArchived: values['include-archived'] === true,
    tags: values.tag ?? [],
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // Only the option's name: whatever was given to it may be a secret.
    const [, option = ''] = /'(--?[\w-]+)/.exec(error instanceof Error ? error.message : '') ?? [];
    if (option === '--secret') {
      throw new CommandProblem(
        'a secret is not given as an argument, which others can see: set FB_SECRET, or name a file with --secret-file',
      );
    }
    throw new CommandProblem(`the option ${option} is not known, or its value is missing`);
  }
}

function originOf(
  values: Values,
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Origin {
  if (values.file !== undefined) {
    if (values.url !== undefined) throw new CommandProblem('--file and --url exclude each other');
    return { kind: 'file', path: values.file };
  }
  const url = values.url ?? variables.FB_URL;
  if (url === undefined || url === '') {
    throw new CommandProblem(
      "where the flags are is missing: give the flag server's URL with --url or FB_URL, or a file with --file",
    );
  }
  return { kind: 'server', url: serverUrl(url), secret: secretOf(values['secret-file'], variables, readFile) };
}

/** Takes the address of the socket as well: it is the one that everybody has at hand. */
function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:https?|wss?):$/.test(url.protocol)) {
    throw new CommandProblem('the URL must begin with http://, https://, ws:// or wss://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CommandProblem('the URL must be a plain base URL, without credentials, query or fragment');
  }
  return url.href.replace(/^ws/, 'http').replace(/\/+$/, '');
}

function secretOf(
  file: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): string {
  const secret = (file === undefined ? variables.FB_SECRET : textOf(file, readFile))?.trim() ?? '';
  if (secret === '') {
    const where = file === undefined ? 'set FB_SECRET, or name a file with --secret-file' : `${file} is empty`;
    throw new CommandProblem(`the environment's server secret is missing: ${where}`);
  }
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new CommandProblem('the secret must be one word of plain ASCII: it holds other characters');
  }
  return secret;
}

function textOf(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file);
  } catch {
    throw new CommandProblem(`the file of the secret, ${file}, cannot be read`);
  }
}

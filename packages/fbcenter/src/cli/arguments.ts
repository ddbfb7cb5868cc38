import { parseArgs } from 'node:util';
import { InvalidConfigError } from '../errors.js';
import { type Flags, fileKey } from './given.js';
import { SETTINGS, type Setting, type SettingsTable } from './settings.js';
import { RUN_OPTIONS } from './verbs.js';

/** The arguments: flags, and the words that are none. */
export interface Arguments {
  readonly flags: Flags;
  readonly words: readonly string[];
}

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
}

/**
 * @param settings those of the command that is called.
 * @throws InvalidConfigError when the arguments cannot be understood.
 */
export function readArguments(args: readonly string[], settings: SettingsTable = SETTINGS): Arguments {
  const options: Record<string, Option> = {};
  for (const [name, option] of Object.entries(RUN_OPTIONS)) {
    const short = 'short' in option ? { short: option.short } : {};
    options[name] = { type: 'value' in option ? 'string' : 'boolean', ...short };
  }
  for (const { flag, value, isSecret } of Object.values(settings) as Setting[]) {
    options[flag] = { type: value === undefined ? 'boolean' : 'string' };
    if (isSecret === true) options[fileKey(flag)] = { type: 'string' };
  }
  try {
    const { values, positionals } = parseArgs({ args: joinValues(args, options), options, allowPositionals: true });
    return { flags: values as Flags, words: positionals };
  } catch (error) {
    const [message = ''] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw notUnderstood(message);
  }
}

export function notUnderstood(message: string): InvalidConfigError {
  return new InvalidConfigError([{ option: 'command line', message: `${message}; see fbcenter --help` }]);
}

/**
 * Writes `--flag value` as `--flag=value`: a value may begin with a hyphen, as one random token in 64 does, and is then taken for a flag.
 * What is one of our flags is no value, though: there the value was forgotten.
 */
function joinValues(args: readonly string[], options: Readonly<Record<string, Option>>): string[] {
  const isFlag = (arg: string) =>
    Object.keys(options).some((name) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const joined: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const value = args[index + 1];
    const takesValue = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    if (takesValue && value?.startsWith('-') === true && !isFlag(value)) {
      joined.push(`${arg}=${value}`);
      index += 1;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

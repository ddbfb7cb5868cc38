import { parseArgs } from 'node:util';

export interface HostileArguments {
  readonly seconds: number;
  readonly seed: number;
  readonly clients: number;
  /** Nobody attacks. */
  readonly calm: boolean;
}

const DEFAULTS = { seconds: 30, clients: 200 };

export const HELP = `Usage: npm run hostile -- [--seconds <n>] [--clients <n>] [--seed <n>] [--calm]

Starts a flag center with a database of its own and does to it, all at once, what a hostile or broken peer can do, while SDKs
stream, writers change flags, and somebody asks whether it is alive. Then stops it in the middle of it all.

  --seconds <n>  how long, 5 to 600                                      (default ${DEFAULTS.seconds})
  --clients <n>  SDKs that stream, 1 to 2000                             (default ${DEFAULTS.clients})
  --seed <n>     a whole number that decides what is left to chance      (default: another each time, printed)
  --calm         the same without attackers: what this machine can do at all
  --help         this text

Everything stays on this machine. It ends by itself; Ctrl-C ends it at once.
Exit code: 0 when every promise was kept, 1 when one was not, 2 for arguments that cannot be used.`;

/** Reads the command line. */
export function readArguments(args: readonly string[]): HostileArguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { seconds: text, clients: text, seed: text, calm: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help === true) return 'help';
    const seconds = wholeNumber(values.seconds, DEFAULTS.seconds, 5, 600);
    const clients = wholeNumber(values.clients, DEFAULTS.clients, 1, 2_000);
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
    if (seconds === undefined) return { problem: '--seconds must be a whole number from 5 to 600' };
    if (clients === undefined) return { problem: '--clients must be a whole number from 1 to 2000' };
    if (values.seed === '' || !Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
    return { seconds, clients, seed, calm: values.calm === true };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function wholeNumber(text: string | undefined, fallback: number, min: number, max: number): number | undefined {
  if (text === undefined) return fallback;
  const value = Number(text);
  return /^\d+$/.test(text) && min <= value && value <= max ? value : undefined;
}

import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run chaos -- [--minutes <n>] [--seed <n>] [--sdks <n>] [--writers <n>]

Two centers on one PostgreSQL. At first nothing fails, and it is measured how soon a change made through one center is
at SDKs and pages of the other, and how soon a token that was revoked is refused. Then PostgreSQL is restarted, crashes,
hangs and loses its connections and processes, while centers are killed, writers change flags through both, SDKs follow
them, and insights are reported. Afterwards: no change that was acknowledged is lost, none that was refused was made,
versions only grew in every stream, everybody is in sync within 10 s of the last fault, and every insight is accounted
for.

  --minutes <n>  how long faults happen, 0.1 to 120                   (default 10)
  --seed <n>     a whole number that decides what is left to chance   (default: another each time, printed)
  --sdks <n>     SDKs, half of them at each center, 2 to 1,000        (default 300)
  --writers <n>  writers, 1 to 100                                    (default 10)
  --help         this text

Needs a PostgreSQL: npm run check:postgres installs one. Exit code: 0 when every promise was kept, 1 when one was
not, 2 for arguments that cannot be used, 130 after Ctrl-C, which ends everything that it has
started within a few seconds.`;

export interface ChaosArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly sdks: number;
  readonly writers: number;
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): ChaosArguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  const options = { minutes: text, seed: text, sdks: text, writers: text, help: { type: 'boolean' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help === true) return 'help';
    const numberOf = (name: 'minutes' | 'seed' | 'sdks' | 'writers', fallback: number) =>
      values[name] === undefined ? fallback : values[name].trim() === '' ? Number.NaN : Number(values[name]);
    const minutes = numberOf('minutes', 10);
    const seed = numberOf('seed', Math.floor(Math.random() * 1_000_000));
    const sdks = numberOf('sdks', 300);
    const writers = numberOf('writers', 10);
    if (!(minutes >= 0.1 && minutes <= 120)) return { problem: '--minutes must be from 0.1 to 120' };
    if (!Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
    if (!isCount(sdks, 2, 1_000)) return { problem: '--sdks must be a whole number from 2 to 1000' };
    if (!isCount(writers, 1, 100)) return { problem: '--writers must be a whole number from 1 to 100' };
    return { minutes, seed, sdks, writers };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function isCount(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

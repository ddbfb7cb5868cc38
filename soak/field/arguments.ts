import { parseArgs } from 'node:util';
import { SCENES } from './scenes/index.js';

export interface FieldArguments {
  /** Names of scenes; all where none is given. */
  readonly scenes: readonly string[];
  readonly seed: number;
  /** `fbclient`, `featbit`, or a folder. */
  readonly sdk: string;
  readonly quick: boolean;
  readonly json: string | undefined;
}

const WIDTH = Math.max(...Object.keys(SCENES).map((name) => name.length));

export const HELP = `Usage: npm run field -- [scene …] [--seed <n>] [--sdk <name>] [--quick] [--json <file>]

Puts an SDK in front of a server with the flaws of a real FeatBit evaluation server, and says what came of it.

${Object.entries(SCENES)
  .map(([name, { title, limit }]) => `  ${name.padEnd(WIDTH)}  ${title} (${limit} s at most)`)
  .join('\n')}

  --seed <n>     a whole number that decides what is left to chance     (default: another each time, printed)
  --sdk <name>   fbclient, featbit for @featbit/node-server-sdk, or the folder of a built
                 fbclient package, such as an older release             (default fbclient)
  --quick        fewer and shorter: shows that the scenes work, gives no figures
  --json <file>  writes the results to a file as well
  --help         this text

Exit code: 0 when every promise was kept, 1 when one was not, 2 for arguments that cannot be used.
Ctrl-C ends it at once.`;

/** Reads the command line. */
export function readArguments(args: readonly string[]): FieldArguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { seed: text, sdk: text, json: text, quick: flag, help: flag };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help === true) return 'help';
    const unknown = positionals.find((name) => !Object.hasOwn(SCENES, name));
    if (unknown !== undefined) {
      return { problem: `there is no scene ${unknown}; there are ${Object.keys(SCENES).join(', ')}` };
    }
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
    if (values.seed === '' || !Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
    const scenes = positionals.length === 0 ? Object.keys(SCENES) : [...new Set(positionals)];
    return { scenes, seed, sdk: values.sdk ?? 'fbclient', quick: values.quick === true, json: values.json };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

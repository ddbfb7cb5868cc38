import { parseArgs } from 'node:util';
import { SDKS } from './sdks.js';

export const HELP = `npm run interop [-- OPTIONS]

Installs SDKs and providers that others have published, each from its registry in a temporary folder, and runs them as programs
with a flag center on loopback: start, a flag of each type, changes, a segment, archiving, a center that is killed and comes back,
events, the end. Then each SDK for servers is asked for 300 random flags and 50 users, as the center is, and every value that is not
the center's is counted by its cause. A language that the machine does not have is left out, and said. About half an hour, most of it installing.

  --only NAME   only this one; may be given several times: ${SDKS.map(({ name }) => name).join(', ')}
  --seed N      of the random flags and users, a whole number (default 1)
  --keep        keep the temporary folder, and print each driver's command: the conformance suite takes it
  --write       keep the results in interop/results and write docs/interoperability.md from all that are kept
  --help        this text

Exit code: 0 when all went well but for what is known of an SDK, 1 when something did not, 2 for arguments that cannot be used.
Ctrl-C ends it, and what it has started.`;

export interface Arguments {
  readonly only: readonly string[];
  readonly seed: number;
  readonly keep: boolean;
  readonly write: boolean;
}

/** @returns `help`, or a sentence that says what cannot be used. */
export function readArguments(args: readonly string[]): Arguments | 'help' | { readonly problem: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        seed: { type: 'string' },
        keep: { type: 'boolean' },
        write: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const { only = [], seed = '1', keep = false, write = false, help = false } = values;
    if (help) return 'help';
    const unknown = only.filter((name) => SDKS.every((sdk) => sdk.name !== name));
    if (unknown.length > 0) return { problem: `--only ${unknown.join(', ')}: there is no such name; --help has them` };
    if (!/^\d{1,9}$/.test(seed)) return { problem: '--seed must be a whole number from 0 to 999999999' };
    return { only, seed: Number(seed), keep, write };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

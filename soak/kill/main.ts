/** `npm run kill`: a center that is killed while it writes, and one whose files are damaged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { flipBits } from './flips.js';
import { killAgainAndAgain } from './kills.js';

const HELP = `Usage: npm run kill -- [--times <n>] [--damages <n>] [--seed <n>]

Kills fbcenter with SIGKILL while four writers change flags, with backups, restores and clocks that
jump in between, and compares what it serves with what it has acknowledged. Then flips single bits
in its files and looks whether it aborts, or serves anything wrong.

  --times <n>    how often it is killed, 0 to 10,000                  (default 20)
  --damages <n>  how many bits are flipped, one at a time, 0 to 10,000 (default 10)
  --seed <n>     a whole number that decides what is left to chance   (default: another each time, printed)
  --help         this text

Exit code: 0 when every promise was kept, 1 when one was not, 2 for arguments that cannot be used.
About three seconds for each kill or damage; Ctrl-C ends it at once.`;

interface Arguments {
  readonly times: number;
  readonly damages: number;
  readonly seed: number;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { times: text, damages: text, seed: text, help: { type: 'boolean' } } });
    if (values.help === true) return 'help';
    const [times, damages] = [Number(values.times ?? 20), Number(values.damages ?? 10)];
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
    const isCount = (value: number) => Number.isInteger(value) && value >= 0 && value <= 10_000;
    if (!isCount(times) || !isCount(damages)) return { problem: '--times and --damages must be from 0 to 10000' };
    if (!Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
    return { times, damages, seed };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function run({ times, damages, seed }: Arguments): Promise<number> {
  console.log(`kill: --times ${times} --damages ${damages} --seed ${seed}, Node ${process.version.slice(1)}`);
  const start = performance.now();
  let shown = 0;
  const progress = (text: string): void => {
    const now = performance.now() - start;
    if (now - shown < 5_000) return;
    shown = now;
    console.log(`${(now / 1_000).toFixed(0).padStart(5)} s  ${text}`);
  };
  const home = mkdtempSync(join(tmpdir(), 'fbcenter-kill-'));
  try {
    const random = new Random(seed);
    const kills = await killAgainAndAgain(join(home, 'killed'), times, random, progress);
    const flips = damages === 0 ? undefined : await flipBits(join(home, 'flipped'), damages, random, progress);
    const { ledger } = kills;
    const lists: readonly (readonly [name: string, findings: readonly string[]])[] = [
      ['acknowledged changes lost', ledger.lost],
      ['versions repeated', ledger.repeated],
      ['flags that an SDK held and that were not served', kills.ghosts],
      ['other failures', kills.failures],
      ['aborts', flips?.aborted ?? []],
      ['wrong answers', flips?.wrong ?? []],
    ];
    console.log(`\n${kills.kills} kills, ${kills.restores} restores, ${kills.clockJumps} clocks that were off`);
    console.log(`${ledger.acknowledged} changes acknowledged`);
    if (flips !== undefined) {
      const { refused, leftOut, harmless } = flips;
      console.log(
        `${flips.damages} damages: ${refused} starts refused, ${leftOut} flags left out, ${harmless} harmless`,
      );
    }
    for (const [name, findings] of lists) {
      console.log(`${String(findings.length).padStart(6)} ${name}`);
      for (const finding of findings.slice(0, 20)) console.log(`       ${finding}`);
    }
    return lists.every(([, findings]) => findings.length === 0) ? 0 : 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const given = readArguments();
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(given);
}

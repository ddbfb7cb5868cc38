/** `npm run experiments:field`: an experiment with two SDKs on a center that is killed, compared with what it has acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { runField } from './run.js';

const HELP = `Usage: npm run experiments:field -- [--seconds <n>] [--kills <n>] [--seed <n>]

Runs an experiment with a true effect: visitors come through our SDK and through FeatBit's own for
Node.js, each in a process of its own; some of their requests are late, come twice, or lose their
answer, some visitors switch between variations, and the center is killed with SIGKILL and started
again. At the end the results are compared with those of a list of everything that was
acknowledged, to 1e-9.

  --seconds <n>  how long visitors come, 5 to 600                      (default 60)
  --kills <n>    how often the center is killed, 0 to 20               (default 5)
  --seed <n>     a whole number that decides what is left to chance    (default: another each time, printed)
  --help         this text

Exit code: 0 when the results are those of the list, 1 when not, 2 for arguments that cannot be used.
It ends by itself within a minute after the visitors; Ctrl-C ends it at once.`;

interface Arguments {
  readonly seconds: number;
  readonly kills: number;
  readonly seed: number;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { seconds: text, kills: text, seed: text, help: { type: 'boolean' } } });
    if (values.help === true) return 'help';
    const [seconds, kills] = [Number(values.seconds ?? 60), Number(values.kills ?? 5)];
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
    if (!(Number.isInteger(seconds) && seconds >= 5 && seconds <= 600))
      return { problem: '--seconds must be from 5 to 600' };
    if (!(Number.isInteger(kills) && kills >= 0 && kills <= 20)) return { problem: '--kills must be from 0 to 20' };
    if (!Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
    return { seconds, kills, seed };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function run({ seconds, kills, seed }: Arguments): Promise<number> {
  console.log(
    `experiments:field: --seconds ${seconds} --kills ${kills} --seed ${seed}, Node ${process.version.slice(1)}`,
  );
  const start = performance.now();
  const progress = (text: string) =>
    console.log(`${((performance.now() - start) / 1_000).toFixed(0).padStart(5)} s  ${text}`);
  const home = mkdtempSync(join(tmpdir(), 'fbcenter-experiments-'));
  try {
    const report = await runField({ folder: join(home, 'data'), seconds, kills, random: new Random(seed), progress });
    const { wrong, ...figures } = report;
    console.log(`\n${figures.kills} kills; ${figures.requests} requests with ${figures.events} events acknowledged`);
    console.log(
      `${figures.late} requests held back, ${figures.answersLost} answers lost, ${figures.deliveredAgain} delivered twice; ${figures.replays} known again`,
    );
    console.log(`${figures.users} visitors counted, ${figures.several} left out for several variations`);
    console.log(`${figures.verdict}: ${figures.sentence}\n`);
    for (const line of wrong.slice(0, 20)) console.log(`WRONG  ${line}`);
    console.log(
      wrong.length === 0 ? 'The results are those of what was acknowledged.' : `${wrong.length} numbers are wrong.`,
    );
    return wrong.length === 0 ? 0 : 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const parsed = readArguments();
if (parsed === 'help') {
  console.log(HELP);
} else if ('problem' in parsed) {
  console.error(`${parsed.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(parsed);
}

/** `npm run soak`: an SDK against a server at which everything goes wrong, or against a FeatBit server as it is. */
import { parseArgs } from 'node:util';
import { PROFILES, type Profile, SDKS, type SdkName } from './protocol.js';
import { showLines } from './show.js';
import { Soak } from './soak.js';
import { judge } from './verdict.js';

const HELP = `Usage: npm run soak -- [--minutes <n>] [--seed <n>] [--sdk <name>] [--profile <name>]

Runs an SDK in a process of its own against a server at which everything goes wrong, while it
evaluates flags and records events without pause; then judges what came of it.

  --minutes <n>  how long faults come, from 0.1 to 600                     (default 5)
  --seed <n>     a whole number that decides which fault comes when        (default: another each time, printed)
  --sdk <name>   ${SDKS.join(' or ')}: this SDK, or @featbit/node-server-sdk   (default fbclient)
  --profile <name>
                 faults: a network at which everything goes wrong; featbit: a FeatBit server with
                 the flaws that the real one has                           (default faults)
  --help         this text

Exit code: 0 when every promise was kept, 1 when one was not, 2 for arguments that cannot be used.
Ctrl-C ends it at once.`;

const MINUTE = 60_000;

interface Arguments {
  readonly minutes: number;
  readonly seed: number;
  readonly sdk: SdkName;
  readonly profile: Profile;
}

function readArguments(): Arguments | 'help' | { readonly problem: string } {
  let values: { minutes?: string; seed?: string; sdk?: string; profile?: string; help?: boolean };
  try {
    const text = { type: 'string' } as const;
    const options = { minutes: text, seed: text, sdk: text, profile: text, help: { type: 'boolean' } } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return 'help';
  const minutes = Number(values.minutes ?? 5);
  if (!(minutes >= 0.1 && minutes <= 600)) return { problem: '--minutes must be from 0.1 to 600' };
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  if (!Number.isSafeInteger(seed)) return { problem: '--seed must be a whole number' };
  const sdk = SDKS.find((name) => name === (values.sdk ?? 'fbclient'));
  if (sdk === undefined) return { problem: `--sdk must be ${SDKS.join(' or ')}` };
  const profile = PROFILES.find((name) => name === (values.profile ?? 'faults'));
  if (profile === undefined) return { problem: `--profile must be ${PROFILES.join(' or ')}` };
  return { minutes, seed, sdk, profile };
}

async function run({ minutes, seed, sdk, profile }: Arguments): Promise<number> {
  const version = process.version.slice(1);
  console.log(`soak: ${sdk}, ${minutes} minutes, --profile ${profile}, --seed ${seed}, Node ${version}`);
  const start = performance.now();
  const progress = (text: string): void => {
    console.log(`${((performance.now() - start) / 1_000).toFixed(0).padStart(5)} s  ${text}`);
  };
  const soak = new Soak({ sdk, profile, duration: minutes * MINUTE, seed, progress });
  const timer = setInterval(
    () => {
      const { evaluations = 0, recorded = 0, connections = 0, unhandled = [] } = soak.last ?? {};
      progress(
        `${soak.faults} faults, ${connections} connections, ${evaluations} evaluations, ${recorded} events, ${unhandled.length} unhandled`,
      );
    },
    process.stdout.isTTY ? 15_000 : 30_000,
  );
  const findings = await soak.run();
  clearInterval(timer);
  const lines = judge(findings);
  console.log();
  for (const [name, count] of Object.entries(findings.faults))
    console.log(`      ${String(count).padStart(4)} × ${name}`);
  console.log();
  showLines(lines);
  for (const text of new Set(findings.last?.unhandled)) console.log(`      ${text}`);
  return lines.every(({ good }) => good !== false) ? 0 : 1;
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

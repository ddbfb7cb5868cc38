/**
 * `npm run fuzz`: draws messages, sound, odd and damaged, for some minutes, and reads each one step by step and as a whole. Ends
 * with the first that is not read alike, which it prints.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from 'fbclient-conformance/reference';
import { OddJson } from '../support/odd-json.js';
import { scannerFault } from '../support/scanner-check.js';

const HELP = `Usage: npm run fuzz -- [--minutes N] [--seed N]

Reads random messages step by step and as a whole: valid JSON, sync messages with odd and damaged documents, and the bytes of
both after they were cut, spliced and flipped.

  --minutes N  how long. Default: 3
  --seed N     begins with this one, which a run that failed has printed. Default: another one each time
  --help       this text

Exit code: 0, 1 when a message was not read alike, 2 for arguments that cannot be used. Ctrl+C ends it.`;

/** Messages that are drawn from one seed: a failure is found again in moments. */
const CASES = 2_000;
/** How often it says that it is still there, in milliseconds. */
const REPORT = 15_000;

interface Settings {
  readonly minutes: number;
  readonly seed: number;
}

function readSettings(): Settings | 'help' | string {
  try {
    const { values } = parseArgs({
      options: { minutes: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) return 'help';
    const minutes = Number(values.minutes ?? 3);
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    if (!(minutes > 0 && minutes <= 24 * 60)) return `--minutes ${values.minutes}: more than 0 and at most 1440`;
    if (!Number.isSafeInteger(seed) || seed < 0) return `--seed ${values.seed}: a whole number`;
    return { minutes, seed };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function draw(odd: OddJson, round: number): Uint8Array {
  const encoder = new TextEncoder();
  const sound = encoder.encode(round % 3 === 0 ? odd.text() : odd.message());
  let bytes: Uint8Array = sound;
  for (let damage = round % 4; damage > 0; damage--) bytes = odd.damaged(bytes);
  return bytes;
}

/** @returns whether all were read alike. */
function fuzz({ minutes, seed }: Settings): boolean {
  const end = performance.now() + minutes * 60_000;
  let reported = performance.now();
  let cases = 0;
  for (let from = seed; performance.now() < end; from++) {
    const odd = new OddJson(seededRandom(from));
    for (let round = 0; round < CASES; round++) {
      const bytes = draw(odd, round);
      const fault = scannerFault(bytes);
      if (fault === undefined) continue;
      console.error(
        `FAULT  ${fault}; repeat it with --seed ${from}\n${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`,
      );
      return false;
    }
    cases += CASES;
    if (performance.now() - reported < REPORT) continue;
    reported = performance.now();
    console.log(`${cases} messages were read alike; seed ${from}`);
  }
  console.log(`ok  ${cases} messages in ${minutes} minutes, from seed ${seed} on, were read alike`);
  return true;
}

const settings = readSettings();
if (settings === 'help') {
  console.log(HELP);
} else if (typeof settings === 'string') {
  console.error(`${settings}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  process.exitCode = fuzz(settings) ? 0 : 1;
}

import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../random.js';
import { Api, type ServedFlag } from './api.js';
import { CenterProcess } from './center-process.js';
import { secretIn } from './kills.js';

const FLAGS = 60;

/** What came of the damages. */
export interface FlipFindings {
  damages: number;
  /** Starts that were refused with a sentence. */
  refused: number;
  /** Damaged flags that were named and left out while the others were served. */
  leftOut: number;
  /** Damages in what nobody reads: everything was served. */
  harmless: number;
  readonly aborted: string[];
  readonly wrong: string[];
}

/** Flips one bit at a time in the files of a center that was killed or stopped, and looks at what it serves then. */
export async function flipBits(
  folder: string,
  times: number,
  random: Random,
  progress: (text: string) => void,
): Promise<FlipFindings> {
  const findings: FlipFindings = { damages: 0, refused: 0, leftOut: 0, harmless: 0, aborted: [], wrong: [] };
  const states = [await make(`${folder}-killed`, 'SIGKILL'), await make(`${folder}-stopped`, 'SIGTERM')] as const;
  for (let damage = 1; damage <= times; damage++) {
    const { home, flags, secrets } = random.pick(states);
    const copy = `${folder}-damaged`;
    rmSync(copy, { recursive: true, force: true });
    cpSync(home, copy, { recursive: true });
    const where = flip(copy, random);
    const center = CenterProcess.start(copy);
    const url = await center.url();
    if (url !== undefined) await compare(url, where, flags, secrets, center, findings);
    const { code, signal } = await center.kill('SIGTERM');
    if (signal !== null || (url === undefined && code !== 1)) {
      findings.aborted.push(`${where}: ${signal ?? code} ${center.errors.slice(-300)}`);
    } else if (url === undefined) {
      findings.refused += 1;
      if (!/^fbcenter: .*(damaged|backup|newer|choose|missing)/m.test(center.errors)) {
        findings.wrong.push(`${where}: refused without saying what to do: ${center.errors}`);
      }
    }
    findings.damages += 1;
    progress(`${findings.damages} damages, ${findings.refused} refused, ${findings.leftOut} left out`);
  }
  return findings;
}

interface State {
  readonly home: string;
  readonly flags: readonly ServedFlag[];
  readonly secrets: string;
}

/** Fills a folder, and ends the center in it. */
async function make(home: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<State> {
  const center = CenterProcess.start(home);
  const url = await center.url();
  if (url === undefined) throw new Error(`a center does not start: ${center.errors}`);
  const api = new Api(url);
  for (let change = 1; change <= FLAGS; change++) await api.put(`flag-${change}`, change);
  const secrets = await api.secrets();
  const flags = (await api.sync(secretIn(secrets), 0))?.featureFlags ?? [];
  if (flags.length !== FLAGS) throw new Error('the flags could not be made');
  await center.kill(signal);
  return { home, flags, secrets };
}

function flip(folder: string, random: Random): string {
  const files = ['fbcenter.db', 'fbcenter.db-wal', 'fbcenter.mark'].filter((name) => {
    const path = join(folder, name);
    return existsSync(path) && readFileSync(path).length > 0;
  });
  // The mark is small, and seldom the one that is hit.
  const name = files[random.next() < 0.05 ? files.length - 1 : random.between(0, files.length - 2)] ?? 'fbcenter.db';
  const path = join(folder, name);
  const bytes = readFileSync(path);
  const at = random.between(0, bytes.length - 1);
  const bit = random.between(0, 7);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(path, bytes);
  return `bit ${bit} of byte ${at} of ${name}`;
}

async function compare(
  url: string,
  where: string,
  flags: readonly ServedFlag[],
  secrets: string,
  center: CenterProcess,
  findings: FlipFindings,
): Promise<void> {
  try {
    const api = new Api(url);
    if ((await api.secrets()) !== secrets) findings.wrong.push(`${where}: other environments or secrets`);
    const served = (await api.sync(secretIn(secrets), 0))?.featureFlags ?? [];
    const byKey = new Map(served.map((flag) => [flag.key, JSON.stringify(flag)]));
    let missing = 0;
    for (const flag of flags) {
      const text = byKey.get(flag.key);
      if (text === JSON.stringify(flag)) continue;
      missing += 1;
      const isNamed = center.errors.includes('documents are damaged');
      if (text !== undefined || !isNamed) findings.wrong.push(`${where}: ${flag.key} is served as ${text}`);
    }
    if (missing === 0) findings.harmless += 1;
    else findings.leftOut += missing;
  } catch (error) {
    // It may refuse while it runs, too; whether it has ended by itself is seen afterwards.
    if (!/answered 50\d/.test(String(error))) findings.aborted.push(`${where}: ${error}`);
  }
}

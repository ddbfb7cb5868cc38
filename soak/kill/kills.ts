import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../random.js';
import { Api } from './api.js';
import { CenterProcess, type ClockFault } from './center-process.js';
import { Follower } from './follower.js';
import { Ledger } from './ledger.js';

const WRITERS = 4;
const FLAGS_OF_A_WRITER = 8;
const HOUR = 3_600_000;

/** What came of the kills. */
export interface KillFindings {
  kills: number;
  restores: number;
  clockJumps: number;
  readonly ledger: Ledger;
  /** What an SDK held and was not served, once it had asked. */
  readonly ghosts: string[];
  /** Everything else that must not happen. */
  readonly failures: string[];
}

/**
 * Kills a center again and again while it writes, at any moment; in between its clock jumps, backups are made while it
 * writes, and put back.
 */
export async function killAgainAndAgain(
  folder: string,
  times: number,
  random: Random,
  progress: (text: string) => void,
): Promise<KillFindings> {
  const ledger = new Ledger();
  const findings: KillFindings = { kills: 0, restores: 0, clockJumps: 0, ledger, ghosts: [], failures: [] };
  const followers = [new Follower(false), new Follower(true)];
  const backup = join(folder, '..', 'backup.db');
  let held: { readonly before: Snapshot; readonly after: Snapshot } | undefined;

  for (let round = 1; findings.kills < times; round++) {
    const where = `round ${round}`;
    const clock = clockOf(random);
    if (clock.offset !== 0 || clock.jump !== 0) findings.clockJumps += 1;
    const center = CenterProcess.start(folder, clock);
    const url = await center.url();
    if (url === undefined) {
      findings.failures.push(`${where}: it does not start: ${center.errors}`);
      return findings;
    }
    const api = new Api(url);
    const secret = secretIn(await api.secrets());
    const served = (await api.sync(secret, 0))?.featureFlags ?? [];
    ledger.check(served, where);
    for (const follower of followers) {
      await follower.poll(api, secret);
      const differences = follower.differences(served);
      if (differences.length > 0) findings.ghosts.push(`${where}: ${differences.join(', ')}`);
    }

    const stop = { isAsked: false };
    const writers = Array.from({ length: WRITERS }, (_, index) => write(index, api, ledger, random, stop));
    if (round % 3 === 1) {
      rmSync(backup, { force: true });
      const before = ledger.snapshot();
      const copying = new CenterProcess(['backup', backup, '--data', folder]);
      const { code } = await copying.ended;
      if (code === 0) held = { before, after: ledger.snapshot() };
      else findings.failures.push(`${where}: the backup failed: ${copying.errors}`);
    }
    await setTimeout(random.between(20, 400));
    await center.kill('SIGKILL');
    findings.kills += 1;
    stop.isAsked = true;
    await Promise.all(writers);

    if (held !== undefined && random.next() < 0.3) {
      await restore(folder, backup, random, clockOf(random), findings, where);
      ledger.restore(held.before, held.after);
      findings.restores += 1;
    }
    progress(`${findings.kills} kills, ${findings.restores} restores, ${ledger.acknowledged} changes acknowledged`);
  }
  return findings;
}

type Snapshot = ReturnType<Ledger['snapshot']>;

/** Changes flags of its own, one after the other, until it is asked to stop or is not answered. */
async function write(
  index: number,
  api: Api,
  ledger: Ledger,
  random: Random,
  stop: { readonly isAsked: boolean },
): Promise<void> {
  while (!stop.isAsked) {
    const key = `flag-${index}-${random.between(1, FLAGS_OF_A_WRITER)}`;
    const change = ledger.send(key);
    const version = await api.put(key, change);
    if (version === undefined) return;
    ledger.acknowledge(key, change, version);
  }
}

/** Puts the backup back; one time in three that is killed as well, and done again. */
async function restore(
  folder: string,
  backup: string,
  random: Random,
  clock: ClockFault,
  findings: KillFindings,
  where: string,
): Promise<void> {
  const args = ['restore', backup, '--data', folder, '--force'];
  if (random.next() < 0.3) {
    const first = new CenterProcess(args, clock);
    await setTimeout(random.between(300, 1_500));
    await first.kill('SIGKILL');
  }
  const second = new CenterProcess(args, clock);
  const { code } = await second.ended;
  if (code !== 0) findings.failures.push(`${where}: the restore failed: ${second.errors}`);
}

/** Half of the clocks are right; the others are up to two hours off, or jump by as much. */
function clockOf(random: Random): ClockFault {
  if (random.next() < 0.5) return { offset: 0, jump: 0, after: 0 };
  const span = () => random.between(-2 * HOUR, 2 * HOUR);
  return { offset: random.pick([0, span()]), jump: span(), after: random.between(500, 2_000) };
}

export function secretIn(secrets: string): string {
  const [, secret = ''] = /^server ([\w-]+)$/m.exec(secrets) ?? [];
  return secret;
}

import { BEFORE } from '../adapters/before.js';
import type { CommitJob, CommitResult } from '../commit/child.js';
import { inTurns } from '../measure/rounds.js';
import { medians } from '../measure/statistics.js';
import { inFreshProcess } from '../process/job.js';

/** Patches in one measurement: one alone is too short for the clock, and of a few the compiler takes the most. */
export const PATCHES = 200;

/** Medians of the rounds. */
export interface CommitResults {
  readonly ours: CommitResult;
  readonly before: CommitResult | undefined;
}

/**
 * Measures what it costs builds, in turns, to load an environment anew, and to commit a newer version of one of its flags.
 *
 * @param rounds fresh processes for each build.
 * @param repeats how often everything is measured in each of them.
 * @param before the folder of an earlier build to measure beside ours.
 */
export async function measureCommit(
  { rounds, repeats }: { readonly rounds: number; readonly repeats: number },
  before: string | undefined,
): Promise<CommitResults> {
  const file = new URL('../commit/child.js', import.meta.url);
  const settings = { patches: PATCHES, repeats };
  const builds: readonly { readonly name: string; readonly job: CommitJob }[] = [
    { name: 'fbclient', job: settings },
    ...(before === undefined ? [] : [{ name: BEFORE, job: { ...settings, before } }]),
  ];
  const measured = await inTurns(builds, rounds, ({ name, job }) =>
    inFreshProcess<CommitJob, CommitResult>(name, file, job),
  );
  const [ours, beside] = [...measured.values()].map((results) => medians(results));
  if (ours === undefined) throw new Error('nothing was measured');
  return { ours, before: beside };
}

import { fork, type Serializable } from 'node:child_process';
import { Child, type Failed } from './child.js';

interface Done<Result> {
  readonly kind: 'done';
  readonly result: Result;
}

/**
 * Has a job done in a fresh process: nothing that was measured before has left anything there, neither in the compiler nor on the heap.
 *
 * @param name whose job it is, for the message of a failure.
 * @param file calls {@link doJob}.
 * @throws ChildFailure when the job fails, or its process.
 */
export async function inFreshProcess<Job extends Serializable, Result>(
  name: string,
  file: URL,
  job: Job,
): Promise<Result> {
  await using child = new Child<Job, Done<Result>>(name, fork(file));
  child.send(job);
  return (await child.next('done')).result;
}

/** The other end: does the job that this process was started for, and ends with the process that waits for it. */
export function doJob<Job, Result>(work: (job: Job) => Promise<Result>): void {
  const answer = (message: Done<Result> | Failed): unknown => process.send?.(message);
  process.once('message', (job: Job) => {
    work(job).then(
      (result) => answer({ kind: 'done', result }),
      (error) =>
        answer({ kind: 'failed', reason: error instanceof Error && error.stack ? error.stack : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit());
}

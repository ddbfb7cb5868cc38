/** One limit of one workload, in a fresh process: the nanoseconds of an operation. */
import { createHash } from 'node:crypto';
import { bucketOf } from 'fbclient/core';
import { makeWorkloads, type SwitchWorkload } from '../environment/workloads.js';
import { type Loop, type LoopSettings, loopOver, timeOf } from '../measure/loops.js';
import { doJob } from '../process/job.js';
import type { Limit, LimitedWorkload } from './limits.js';

export interface LimitJob {
  readonly limit: Limit;
  readonly workload: LimitedWorkload;
  readonly settings: LoopSettings;
}

doJob(({ limit, workload, settings }: LimitJob) => timeOf(loopFor(limit, makeWorkloads()[workload]), settings));

function loopFor(limit: Limit, workload: SwitchWorkload): Loop {
  switch (limit) {
    case 'maps':
      return mapsLoop(workload);
    case 'md5':
      return hashLoop(workload, platformBucket);
    case 'ownMd5':
      return hashLoop(workload, bucketOf);
  }
}

/** A flag by its key and something by the user's: the least that an evaluation can be. */
function mapsLoop({ flag, users }: SwitchWorkload): Loop {
  const flags = new Map([[flag.key, new Map(users.map(({ key }) => [key, true]))]]);
  const expected = users.map(() => true);
  return loopOver(false, users, expected, ({ key }) => flags.get(flag.key)?.get(key));
}

function hashLoop({ flag, users }: SwitchWorkload, bucket: (input: string) => number): Loop {
  // Written out flat, as a text that was read from somewhere is.
  const inputs = users.map(({ key }) => Buffer.from(flag.key + key).toString('latin1'));
  return loopOver(false, inputs, inputs.map(platformBucket), bucket);
}

function platformBucket(input: string): number {
  return Math.abs(createHash('md5').update(input).digest().readInt32LE(0) / -2_147_483_648);
}

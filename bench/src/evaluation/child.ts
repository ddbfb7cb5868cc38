/** One workload with one SDK, events off, in a fresh process: the nanoseconds of an evaluation. */
import { type Client, loadSdk, type Sdk } from '../adapters/sdk.js';
import { checkBulk, checkSwitch } from '../environment/check.js';
import { makeWorkloads, type Workloads } from '../environment/workloads.js';
import type { EvaluationWorkload } from '../help.js';
import { type Loop, type LoopSettings, loopOver, timeOf } from '../measure/loops.js';
import { doJob } from '../process/job.js';

export interface EvaluationJob {
  /** The adapter's. */
  readonly module: string;
  readonly workload: EvaluationWorkload;
  readonly settings: LoopSettings;
}

doJob(async ({ module, workload, settings }: EvaluationJob): Promise<number> => {
  const sdk = await loadSdk(module);
  const workloads = makeWorkloads();
  const { environment } = workload === 'bulk' ? workloads.bulk : workloads;
  const client = await sdk.open(sdk.encode(environment));
  return timeOf(await loopFor(workload, sdk, client, workloads), settings);
});

/** Checks what is going to be asked for, and asks for it in turn. */
async function loopFor(workload: EvaluationWorkload, sdk: Sdk, client: Client, workloads: Workloads): Promise<Loop> {
  switch (workload) {
    case 'bulk': {
      const { subjects, expected } = await checkBulk(sdk, client, workloads.bulk);
      return loopOver(sdk.isAsync, subjects, expected, (subject) => client.countOn(subject));
    }
    case 'mixed': {
      const steps = workloads.mixed.map(({ flag, user }) => ({
        flagKey: flag.key,
        subject: client.prepare(user),
        isText: flag.kind === 'variants',
      }));
      const ask = ({ flagKey, subject, isText }: (typeof steps)[number]) =>
        isText ? client.text(flagKey, subject) : client.isOn(flagKey, subject);
      const expected: unknown[] = [];
      for (const step of steps) expected.push(await ask(step));
      return loopOver(sdk.isAsync, steps, expected, ask);
    }
    default: {
      const { flag, users } = workloads[workload];
      const { key } = flag;
      const { subjects, expected } = await checkSwitch(sdk, client, flag, users, workloads.environment);
      return loopOver(sdk.isAsync, subjects, expected, (subject) => client.isOn(key, subject));
    }
  }
}

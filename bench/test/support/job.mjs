/** A process of a job that ends in the way that it is asked for. */
import { doJob } from '../../dist/process/job.js';

const ENDS = {
  answer: async () => process.pid,
  throw: async () => {
    throw new Error('it is out of order');
  },
  exit: async () => process.exit(3),
  kill: async () => process.kill(process.pid, 'SIGKILL'),
  /** As an SDK does whose timers keep the process. */
  hang: () => {
    setInterval(() => {}, 1_000);
    console.log(process.pid);
    return new Promise(() => {});
  },
  /** Answers when the process that waits for it has ended; it has had no turn to hear of that. */
  late: async () => {
    const waiting = process.ppid;
    console.log(process.pid);
    while (process.ppid === waiting);
  },
};

doJob((end) => ENDS[end]());

/** A process of a job that ends in the way that it is asked for. */
import { doJob } from '../../dist/process/job.js';

const ENDS = {
  answer: async () => process.pid,
  throw: async () => {
    throw new Error('it is out of order');
  },
  exit: async () => process.exit(3),
  kill: async () => process.kill(process.pid, 'SIGKILL'),
  hang: () => {
    console.log(process.pid);
    return new Promise(() => {});
  },
};

doJob((end) => ENDS[end]());

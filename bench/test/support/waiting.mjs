/** `waiting.mjs END`: a process that waits for a job which ends in that way. */
import { inFreshProcess } from '../../dist/process/job.js';

await inFreshProcess('sdk', new URL('./job.mjs', import.meta.url), process.argv[2]);

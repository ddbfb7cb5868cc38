/** A process that waits for a job which is never done. */
import { inFreshProcess } from '../../dist/process/job.js';

await inFreshProcess('sdk', new URL('./job.mjs', import.meta.url), 'hang');

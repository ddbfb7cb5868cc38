/**
 * A driver that has the value "no" for every flag, and goes wrong on demand: `--lie KEY`, `--throw KEY`, `--refuse KEY`,
 * `--die KEY` and `--hang KEY` when that flag is asked for, `--die-at-sync KEY` as soon as it is there.
 */
import { NotOffered, serve } from '../../drivers/json-lines.js';

const faults = new Map();
for (let index = 2; index < process.argv.length; index += 2) faults.set(process.argv[index + 1], process.argv[index]);

serve({
  hello: () => ({ sdk: 'faulty', version: '1', capabilities: ['offline', 'bootstrap'] }),

  create({ bootstrap }) {
    const flags = JSON.parse(bootstrap).data.featureFlags;
    if (flags.some((flag) => faults.get(flag.key) === '--die-at-sync')) process.exit(3);
  },

  waitForInitialization: () => ({ outcome: 'ready' }),

  async evaluate({ flag }) {
    const fault = faults.get(flag);
    if (fault === '--die') {
      console.error('RangeError: the end\n    at somewhere');
      process.exit(3);
    }
    if (fault === '--hang') await new Promise(() => undefined);
    if (fault === '--throw') throw new TypeError('no such thing');
    if (fault === '--refuse') throw new NotOffered('that flag');
    return { value: fault === '--lie' ? 'a lie' : 'no', variationId: 'no-id', reason: 'Fallthrough' };
  },

  close: () => undefined,
  exit: () => undefined,
});

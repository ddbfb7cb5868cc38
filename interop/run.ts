/**
 * `npm run test:clients [-- FILTER]`: runs the SDKs for browsers and the providers that others have published, in a real Chromium and in
 * Node.js, against a flag center. CHROMIUM names a Chromium that is not Debian's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHROMIUM } from './test/chromium.js';

const here = dirname(fileURLToPath(import.meta.url));

if (!existsSync(CHROMIUM)) {
  console.error(
    `There is no Chromium at ${CHROMIUM}. npm run test:web installs Debian's; CHROMIUM=/path/to/chrome names another.`,
  );
  process.exit(1);
}
const vitest = join(here, '../node_modules/vitest/vitest.mjs');
const { status, error } = spawnSync(
  process.execPath,
  [vitest, 'run', '--config', join(here, 'vitest.config.ts'), ...process.argv.slice(2)],
  { cwd: here, stdio: 'inherit' },
);
if (error !== undefined) throw error;
process.exitCode = status ?? 1;

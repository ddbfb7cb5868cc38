/**
 * `npm run test:web [-- FILTER]`: builds the page and tests it in a real Chromium. Where there is none, Debian's is installed;
 * CHROMIUM names another one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from '../../../../scripts/debian.js';
import { CHROMIUM } from './support/chromium.js';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const root = join(web, '../../..');

function mustRun(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(CHROMIUM)) {
  const otherwise = 'install one and name it, CHROMIUM=/path/to/chrome npm run test:web';
  installPackages(['chromium', 'fonts-inter', 'fonts-jetbrains-mono'], `Chromium at ${CHROMIUM}`, otherwise);
}
mustRun(process.execPath, ['--import=tsx', join(web, 'build.ts')]);
mustRun(process.execPath, [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  join(web, 'vitest.config.ts'),
  ...process.argv.slice(2),
]);

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { HELP } from '../src/help.js';

it('the help is printed at once: nothing is installed or built for it', () => {
  const run = fileURLToPath(new URL('../run.ts', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['--import=tsx', run, '--help'], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, `${HELP}\n`]);
});

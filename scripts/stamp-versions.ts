/** Writes each package's version into its src/version.ts, after changesets has changed its package.json. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.js';

const packages = join(ROOT, 'packages');
for (const name of readdirSync(packages)) {
  const { version }: { version: string } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'));
  const file = join(packages, name, 'src/version.ts');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(/^(export const VERSION = ').*(';)$/m, `$1${version}$2`);
  if (!after.includes(`'${version}'`)) throw new Error(`${file} has no line "export const VERSION = '…';"`);
  writeFileSync(file, after);
}

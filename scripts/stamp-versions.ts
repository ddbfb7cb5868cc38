/** Writes each package's version into its src/version.ts, if it has one, after changesets has changed its package.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages } from './workspaces.js';

for (const { folder, manifest } of publicPackages()) {
  const file = join(folder, 'src/version.ts');
  if (!existsSync(file)) continue;
  const stamp = /^(export const VERSION = ').*(';)$/m;
  const before = readFileSync(file, 'utf8');
  if (!stamp.test(before)) throw new Error(`${file} has no line "export const VERSION = '…';"`);
  writeFileSync(file, before.replace(stamp, `$1${manifest.version}$2`));
}

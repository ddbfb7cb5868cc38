/**
 * After changesets has changed the versions: writes each package's version into its src/version.ts, if it has one, and lets the
 * packages that have fbclient as a peer begin with the fbclient that they were tested with: an older one may lack what they call.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages } from './workspaces.js';

const packages = publicPackages();
const fbclient = packages.find(({ manifest }) => manifest.name === 'fbclient')?.manifest.version;

for (const { folder, manifest } of packages) {
  const own = join(folder, 'package.json');
  const text = readFileSync(own, 'utf8');
  // Only in peers the range has an upper bound.
  writeFileSync(own, text.replace(/("fbclient": ">=)[\d.]+( <)/, `$1${fbclient}$2`));
  const file = join(folder, 'src/version.ts');
  if (!existsSync(file)) continue;
  const stamp = /^(export const VERSION = ').*(';)$/m;
  const before = readFileSync(file, 'utf8');
  if (!stamp.test(before)) throw new Error(`${file} has no line "export const VERSION = '…';"`);
  writeFileSync(file, before.replace(stamp, `$1${manifest.version}$2`));
}

/**
 * Builds the package in the current folder with plain tsc: ES modules to dist/esm and, where a tsconfig.cjs.json says
 * so, CommonJS to dist/cjs. The two folders need no bundler: `type` in the package.json next to a file says what it is.
 */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT } from './run.js';

const folder = process.cwd();
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const manifest: { bin?: Record<string, string> } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

rmSync(join(folder, 'dist'), { recursive: true, force: true });
try {
  mustRun(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { folder });
  if (existsSync(join(folder, 'tsconfig.cjs.json'))) {
    mustRun(process.execPath, [tsc, '-p', 'tsconfig.cjs.json'], { folder });
    writeFileSync(join(folder, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
  }
  // npm makes a command executable when it installs a package; in this repository nobody installs it.
  for (const command of Object.values(manifest.bin ?? {})) chmodSync(join(folder, command), 0o755);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/**
 * Builds the package in the current folder with plain tsc: ES modules to dist/esm and, where a tsconfig.cjs.json says
 * so, CommonJS to dist/cjs. The two folders need no bundler: `type` in the package.json next to a file says what it is.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, ROOT } from './run.js';

const folder = process.cwd();
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');

rmSync(join(folder, 'dist'), { recursive: true, force: true });
try {
  mustRun(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { folder });
  if (existsSync(join(folder, 'tsconfig.cjs.json'))) {
    mustRun(process.execPath, [tsc, '-p', 'tsconfig.cjs.json'], { folder });
    writeFileSync(join(folder, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

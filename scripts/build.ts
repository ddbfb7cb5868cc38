/**
 * Builds the package in the current folder with tsc: ES modules to dist/esm and, where a tsconfig.cjs.json says so,
 * CommonJS to dist/cjs. `type` in the package.json next to a file says what it is.
 *
 * With `--chunks FILE…` the ES modules are put together in a few files afterwards, with `exports` and the given files of dist/esm as
 * entries: why is said in docs/decisions/package-shape.md.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { mustRun, ROOT } from './run.js';

const folder = process.cwd();
const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Puts what tsc has made together. Its declarations stay as they are; source maps go on leading to the sources. */
async function putTogether(modules: string, entries: readonly string[]): Promise<void> {
  const { metafile } = await build({
    entryPoints: entries.map((entry) => join(modules, entry)),
    outbase: modules,
    outdir: modules,
    chunkNames: 'chunks/[hash]',
    // Reads all of them before it writes the first.
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // The sources are in the package.
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
  });
  const files = (names: object) => new Set(Object.keys(names).map((name) => resolve(name)));
  const [inputs, outputs] = [files(metafile.inputs), files(metafile.outputs)];
  for (const file of inputs) {
    for (const old of [file, `${file}.map`]) if (!outputs.has(old)) rmSync(old);
  }
}

/** The files of a package that others import, as they stand in dist/esm. */
function exported(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly import?: { readonly default: string } }>>;
  };
  return Object.values(exports).flatMap((entry) => entry.import?.default.replace('./dist/esm/', '') ?? []);
}

rmSync(join(folder, 'dist'), { recursive: true, force: true });
try {
  mustRun(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { folder });
  if (existsSync(join(folder, 'tsconfig.cjs.json'))) {
    mustRun(process.execPath, [tsc, '-p', 'tsconfig.cjs.json'], { folder });
    writeFileSync(join(folder, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
  }
  const [option, ...entries] = process.argv.slice(2);
  if (option === '--chunks') await putTogether(join(folder, 'dist/esm'), [...exported(), ...entries]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** A copy of fbclient's sources that can be changed and built, with a driver that uses the build. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FIXTURES_DIRECTORY } from '../fixtures/read.js';
import type { Mutation } from './mutations.js';

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(realpathSync(require.resolve(`${name}/package.json`)));

const DRIVERS = join(FIXTURES_DIRECTORY, '../drivers');

export class MutantBuild {
  readonly #folder: string;

  constructor() {
    const original = folderOf('fbclient');
    this.#folder = mkdtempSync(join(tmpdir(), 'fbclient-mutant-'));
    const modules = join(this.#folder, 'node_modules');
    const copy = join(modules, 'fbclient');
    mkdirSync(copy, { recursive: true });
    cpSync(join(original, 'src'), join(copy, 'src'), { recursive: true });
    cpSync(join(original, 'package.json'), join(copy, 'package.json'));
    const { dependencies } = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8'));
    const resolve = createRequire(join(original, 'package.json')).resolve.paths('x') ?? [];
    for (const name of Object.keys(dependencies)) symlinkSync(installed(name, resolve), join(modules, name));
    for (const file of ['fbclient.js', 'json-lines.js']) cpSync(join(DRIVERS, file), join(this.#folder, file));
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }\n');
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(compilerOptions(copy)));
  }

  /** The command of the driver for the build. */
  get command(): string {
    return `"${process.execPath}" "${join(this.#folder, 'fbclient.js')}"`;
  }

  /** Builds the sources as they are. */
  build(): void {
    const tsc = join(folderOf('typescript'), 'bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', this.#folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
  }

  /**
   * Builds with one change, and takes the change back.
   *
   * @throws where the text is not in the file exactly once, or the changed sources do not compile.
   */
  buildWith({ file, find, replace }: Mutation): void {
    const path = join(this.#folder, 'node_modules/fbclient/src', file);
    const source = readFileSync(path, 'utf8');
    const found = source.split(find).length - 1;
    if (found !== 1) throw new Error(`the text to change is in ${file} ${found} times, not once`);
    // A function, because `$` in a text means something to replace.
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
    try {
      this.build();
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function installed(name: string, folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      return realpathSync(join(folder, name));
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not installed`);
}

/** Types are not checked: a mutant may leave a name unused. What it may not do is fail to parse. */
const compilerOptions = (copy: string): object => ({
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    noCheck: true,
    skipLibCheck: true,
    types: [],
    rootDir: join(copy, 'src'),
    outDir: join(copy, 'dist/esm'),
  },
  include: [join(copy, 'src')],
});

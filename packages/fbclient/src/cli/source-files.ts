import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { errorName } from '../runtime/contain.js';
import { CommandProblem } from './problem.js';

const SOURCE = /(?<!\.d)\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;
const BUILT = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor']);
/** A larger file is generated, and would take long; in bytes. */
const MAX_SIZE = 2 * 1024 * 1024;

export interface SourceFile {
  /** As it is shown: relative to the current folder, with slashes. */
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the source files of folders, sorted by name, each once. Symbolic links are not followed.
 *
 * @param tooLarge learns which files are left out for their size.
 * @throws CommandProblem when a folder cannot be read.
 */
export async function* sourceFiles(
  folders: readonly string[],
  tooLarge: (name: string) => void,
): AsyncGenerator<SourceFile, void, undefined> {
  const paths = new Set<string>();
  for (const folder of folders) for (const path of await pathsIn(folder)) paths.add(path);
  for (const path of [...paths].sort()) {
    const name = relative('.', path).replaceAll(sep, '/');
    const { size } = await contained(path, () => stat(path));
    if (size > MAX_SIZE) tooLarge(name);
    else yield { name, text: await contained(path, () => readFile(path, 'utf8')) };
  }
}

async function pathsIn(path: string): Promise<string[]> {
  const isFolder = (await contained(path, () => stat(path))).isDirectory();
  if (!isFolder) return [join(path)];
  const paths: string[] = [];
  const pending = [join(path)];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const here = folder;
    for (const entry of await contained(here, () => readdir(here, { withFileTypes: true }))) {
      if (entry.isDirectory() && !BUILT.has(entry.name) && !entry.name.startsWith('.')) {
        pending.push(join(here, entry.name));
      } else if (entry.isFile() && SOURCE.test(entry.name)) {
        paths.push(join(here, entry.name));
      }
    }
  }
  return paths;
}

async function contained<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new CommandProblem(`${path} cannot be read (${errorName(error)})`);
  }
}

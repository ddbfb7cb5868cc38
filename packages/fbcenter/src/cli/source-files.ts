import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CenterError } from '../errors.js';
import type { SourceFile } from '../manage/apply-files.js';

const EXTENSIONS = ['.yaml', '.yml', '.json'];
/** More is not what somebody has written down as flags. */
const MAX_FILES = 10_000;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a file, or every file of YAML or JSON in a folder and the folders in it, in the order of their paths. What begins with a point is left out,
 * as a repository's own folder is.
 *
 * @throws CenterError when there is nothing to read.
 */
export function readSources(path: string): readonly SourceFile[] {
  const paths = isFolder(path) ? filesIn(path) : [path];
  if (paths.length === 0) throw unreadable(`There is no file that ends in ${EXTENSIONS.join(', ')} in ${path}`);
  if (paths.length > MAX_FILES)
    throw unreadable(`${path} has more than ${MAX_FILES.toLocaleString('en')} files: give a smaller folder`);
  let bytes = 0;
  return paths.map((file) => {
    try {
      const text = readFileSync(file, 'utf8');
      bytes += text.length;
      if (bytes > MAX_BYTES)
        throw unreadable(`${path} has more than ${MAX_BYTES / (1024 * 1024)} MiB: give less at a time`);
      return { path: file, text };
    } catch (error) {
      throw error instanceof CenterError
        ? error
        : unreadable(`${file} cannot be read: give the path of a file or folder`, error);
    }
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      // By what a link leads to: Kubernetes mounts files as links.
      if (isFolder(path)) return entry.isSymbolicLink() ? [] : filesIn(path);
      return EXTENSIONS.includes(extname(path)) ? [path] : [];
    });
}

function unreadable(message: string, cause?: unknown): CenterError {
  return new CenterError('invalid-config', message, { cause });
}

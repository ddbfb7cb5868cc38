import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from '../run.js';
import { manifestIn } from '../workspaces.js';

/** Inside of the workspace: what is not ours is found from where the file is. */
const FOLDER = join(ROOT, 'node_modules/.cache/fbclient-programs');

const made = new Map<string, string>();

/**
 * Makes a TypeScript program one file for plain Node.js, from the sources as they are, once in a process. To start it takes a quarter of
 * what it takes with the loader of TypeScript in it.
 *
 * @param entry the path of the program. Files beside it are not found by `import.meta.url`.
 * @returns the path of the file.
 */
export function plainProgram(entry: string): string {
  const known = made.get(entry);
  if (known !== undefined) return known;
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    alias: sources(),
    logLevel: 'error',
  });
  const [{ text, hash } = { text: '', hash: '' }] = outputFiles;
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${basename(entry, '.ts')}-${hash.replaceAll(/\W/g, '')}.js`);
  // Another process may make or start the same one: it is there as a whole, or not at all.
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
  made.set(entry, path);
  return path;
}

/** Where the sources of our packages are, by what is imported. */
function sources(): Record<string, string> {
  const folders = (manifestIn(ROOT).workspaces ?? []).map((workspace) => join(ROOT, workspace));
  return Object.fromEntries(
    folders.flatMap((folder) => {
      const { name, exports = {} } = manifestIn(folder);
      return Object.entries(exports).flatMap(([key, conditions]) => {
        const source = (conditions as Readonly<Record<string, unknown>>)['fbclient-source'];
        return typeof source === 'string' ? [[name + key.slice(1), join(folder, source)] as const] : [];
      });
    }),
  );
}

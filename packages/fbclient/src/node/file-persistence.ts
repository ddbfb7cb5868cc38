import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidConfigError } from '../errors.js';
import type { Persistence } from '../sync/persistence.js';

export interface FilePersistenceOptions {
  /** The folder for the files, one for each environment; made when it is not there. */
  readonly directory: string;
}

let writes = 0;

/**
 * Keeps environments as files. A save replaces its file in one step, so that a crash leaves the old one or the new one.
 * Only the process's own user can read them: individual targets are in them.
 *
 * @throws InvalidConfigError when the option cannot be used.
 */
export function filePersistence(options: FilePersistenceOptions): Persistence {
  // JavaScript may give nothing at all.
  const { directory } = options ?? ({} as FilePersistenceOptions);
  if (typeof directory !== 'string' || directory.trim() === '') {
    throw new InvalidConfigError([{ option: 'directory', problem: 'must be the path of a folder' }]);
  }
  const fileOf = (environment: string): string => join(directory, `fbclient-${environment}.json`);
  return {
    load: async (environment) => {
      try {
        return await readFile(fileOf(environment), 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    save: async (environment, snapshot) => {
      await mkdir(directory, { recursive: true });
      writes += 1;
      const temporary = `${fileOf(environment)}.${process.pid}-${writes}.tmp`;
      try {
        await writeDurably(temporary, snapshot);
        await rename(temporary, fileOf(environment));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
  };
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text, 'utf8');
    // Before the rename: a name that points at content which never reached the disk is the damage to avoid.
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of one folder that only their owner may read; tests put a disk that fails in their place. */
export interface PrivateFiles {
  /** @returns `undefined` when there is no such file. */
  read(name: string): Promise<Buffer | undefined>;
  /** Puts a file in the place of another, whole or not at all. */
  write(name: string, content: string): Promise<void>;
  /** Appends to a file, which is made when it is not there; whole or not at all. */
  append(name: string, content: string): Promise<void>;
  /** Notes a time with a file. */
  touch(name: string, time: number): Promise<void>;
  /** The time that was noted last, or when it was written; `undefined` when there is no such file. */
  timeOf(name: string): Promise<number | undefined>;
  remove(name: string): Promise<void>;
  list(): Promise<readonly string[]>;
}

/** Only the owner reads and writes: what a relay keeps holds rules, users and what they saw. */
const PRIVATE = { mode: 0o600 } as const;

/** @param folder made when it is not there, for its owner alone. */
export function privateFiles(folder: string): PrivateFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  return {
    read: (name) => readFile(at(name)).catch(ifAbsent(undefined)),
    async write(name, content) {
      const temporary = `${at(name)}.new`;
      try {
        await writeFile(temporary, content, { ...PRIVATE, flush: true });
        await rename(temporary, at(name));
      } catch (error) {
        // On a disk that is full its part would take room from others.
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async append(name, content) {
      const file = await open(at(name), 'a', PRIVATE.mode);
      try {
        const { size } = await file.stat();
        await file.appendFile(content).catch(async (error) => {
          await file.truncate(size);
          throw error;
        });
      } finally {
        await file.close();
      }
    },
    touch: (name, time) => utimes(at(name), time / 1_000, time / 1_000),
    timeOf: (name) =>
      stat(at(name))
        .then(({ mtimeMs }) => mtimeMs)
        .catch(ifAbsent(undefined)),
    remove: (name) => rm(at(name), { force: true }),
    list: () => readdir(folder),
  };
}

function ifAbsent<T>(otherwise: T) {
  return (error: unknown): T => {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return otherwise;
    throw error;
  };
}

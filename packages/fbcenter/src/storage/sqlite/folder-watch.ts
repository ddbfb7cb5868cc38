import { type BigIntStats, statSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Knows whether files are still those that were opened. A file that was removed or replaced stays open to whoever has it
 * open: what is written to it then is gone with the process.
 */
export class FolderWatch {
  readonly #files: readonly { readonly path: string; readonly was: string }[];

  /** @param paths files of one folder, which are there. */
  constructor(paths: readonly string[]) {
    this.#files = paths.map((path) => ({ path, was: identityOf(path) ?? '' }));
  }

  /** What is wrong, in one sentence that says what to do; `undefined` when nothing is. */
  problem(): string | undefined {
    for (const { path, was } of this.#files) {
      const is = identityOf(path);
      if (is === was) continue;
      const what = `${basename(path)} in the data folder`;
      return is === undefined
        ? `${what} was removed while the center runs: put it back where it was, or stop the center and restore a backup.`
        : `${what} was replaced while the center runs: stop the center and start it again.`;
    }
    return undefined;
  }
}

function identityOf(path: string): string | undefined {
  let stats: BigIntStats;
  try {
    stats = statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
  return `${stats.dev} ${stats.ino}`;
}

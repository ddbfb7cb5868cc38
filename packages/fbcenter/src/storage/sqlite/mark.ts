import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { History } from './history.js';

/** What was acknowledged last. */
export interface Mark extends History {
  /** How many transactions the database had when it was found to lack some of them; null when it lacks none. */
  readonly damagedAt: number | null;
}

/** Room for one state in the file. */
const SLOT = 128;

/**
 * The state that a database must have reached, in a file beside it: written after each acknowledged transaction, before the
 * acknowledgement. A database that is behind it has lost something: its log is damaged, or a copy was put in its place.
 *
 * It is not synced to the disk: after a power cut it may be behind the database, never ahead of it. Two slots are written in
 * turn, so that one is whole at any time.
 */
export class MarkFile {
  readonly #descriptor: number;
  #turn = 0;

  constructor(path: string) {
    closeSync(openSync(path, 'a', 0o600));
    this.#descriptor = openSync(path, 'r+');
  }

  write(mark: Mark): void {
    const body = JSON.stringify([mark.id, mark.commits, mark.version, mark.damagedAt]);
    const line = `${crc32(body).toString(16).padStart(8, '0')} ${body}`;
    writeSync(this.#descriptor, `${line.padEnd(SLOT - 1)}\n`, this.#turn * SLOT);
    this.#turn = 1 - this.#turn;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The mark of a folder; `undefined` when there is none that can be read. */
export function readMark(path: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const marks = text.split('\n').flatMap((line) => {
    const body = line.slice(9).trimEnd();
    if (crc32(body) !== Number.parseInt(line.slice(0, 8), 16)) return [];
    const [id, commits, version, damagedAt] = JSON.parse(body);
    return [{ id, commits, version, damagedAt } as Mark];
  });
  return marks.sort((a, b) => b.commits - a.commits || Number(b.damagedAt !== null) - Number(a.damagedAt !== null))[0];
}

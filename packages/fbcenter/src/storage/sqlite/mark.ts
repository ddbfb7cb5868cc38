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
  #serial: number;

  constructor(path: string) {
    this.#serial = newestSlot(path)?.serial ?? 0;
    closeSync(openSync(path, 'a', 0o600));
    this.#descriptor = openSync(path, 'r+');
  }

  write({ id, commits, version, damagedAt }: Mark): void {
    this.#serial += 1;
    const body = JSON.stringify([this.#serial, id, commits, version, damagedAt]);
    const line = `${crc32(body).toString(16).padStart(8, '0')} ${body}`;
    writeSync(this.#descriptor, `${line.padEnd(SLOT - 1)}\n`, (this.#serial % 2) * SLOT);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The mark of a folder; `undefined` when there is none that can be read. */
export function readMark(path: string): Mark | undefined {
  return newestSlot(path)?.mark;
}

function newestSlot(path: string): { readonly serial: number; readonly mark: Mark } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
  // By their places: the end of a slot may be what is damaged, and the first one is empty at first.
  const slots = [text.slice(0, SLOT), text.slice(SLOT, 2 * SLOT)].flatMap((line) => {
    const body = line.slice(9).trimEnd();
    if (body === '' || crc32(body) !== Number.parseInt(line.slice(0, 8), 16)) return [];
    const [serial, id, commits, version, damagedAt] = JSON.parse(body);
    return [{ serial, mark: { id, commits, version, damagedAt } }];
  });
  return slots.sort((a, b) => b.serial - a.serial)[0];
}

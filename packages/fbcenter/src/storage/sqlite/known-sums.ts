import type { Counting } from '../../experiments/counting/counting.js';
import { RunningSums } from '../../experiments/counting/sums.js';
import { keptText } from '../kept-json.js';
import { keptSums } from '../kept-sums.js';
import type { SqliteConnection } from './connection.js';

/** Iterations whose sums are at hand; of more, all are let go. */
const MOST = 100;

interface Known {
  readonly text: string;
  readonly counting: Counting;
  readonly sums: RunningSums;
}

/**
 * The sums of iterations, as transactions take and write them. What was written last is at hand: as long as the text in the database is the
 * same one, nobody has to read it. After a transaction that was undone it is another one.
 */
export class KnownSums {
  readonly #connection: SqliteConnection;
  readonly #known = new Map<number, Known>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** The sums of an iteration, to be changed and written. @throws StorageError `damaged-data` */
  take(iteration: number, counting: Counting): RunningSums {
    const sql = 'SELECT text FROM iteration_sums WHERE iteration = ?';
    const text = this.#connection.row<{ readonly text: string }>(sql, iteration)?.text;
    const known = this.#known.get(iteration);
    // Whoever takes them changes them: they are known again when they are written.
    this.#known.delete(iteration);
    if (known !== undefined && known.text === text && known.counting === counting) return known.sums;
    return new RunningSums(counting, text === undefined ? undefined : keptSums(text));
  }

  write(iteration: number, counting: Counting, sums: RunningSums): void {
    const text = keptText(sums.build());
    this.#connection.run('INSERT OR REPLACE INTO iteration_sums VALUES (?, ?)', iteration, text);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(iteration, { text, counting, sums });
  }
}

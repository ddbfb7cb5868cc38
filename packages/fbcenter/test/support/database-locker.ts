/** Another program on the database of a data folder, given as the only argument: holds its write lock for 300 ms in each second. */
import { join } from 'node:path';
import Database from 'libsql';

const HELD = 300;
const FREE = 700;

const database = new Database(join(process.argv[2] ?? '', 'fbcenter.db'));
database.exec('PRAGMA busy_timeout = 100');
let timer: NodeJS.Timeout;

function hold(): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    timer = setTimeout(release, HELD);
  } catch {
    timer = setTimeout(hold, FREE);
  }
}

function release(): void {
  database.exec('ROLLBACK');
  timer = setTimeout(hold, FREE);
}

hold();
process.once('disconnect', () => {
  clearTimeout(timer);
  database.close();
});

/** `npm run chaos`: two centers on one PostgreSQL, with faults of the database and of the centers. */
import { findPostgres } from '../../scripts/test-support/postgres-server.js';
import { showLines } from '../show.js';
import { HELP, readArguments } from './arguments.js';
import { runChaos } from './run.js';

const given = readArguments(process.argv.slice(2));
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else if (findPostgres() === undefined) {
  console.error('There is no PostgreSQL: npm run check:postgres installs one.');
  process.exitCode = 2;
} else {
  const { minutes, seed, sdks, writers } = given;
  console.log(`chaos: --minutes ${minutes} --seed ${seed} --sdks ${sdks} --writers ${writers}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const progress = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  try {
    const lines = await runChaos(given, stop.signal, progress);
    if (lines !== undefined) showLines(lines);
    const isKept = lines?.every(({ good }) => good !== false) ?? false;
    // An SDK's timers would keep the process alive.
    process.exit(stop.signal.aborted ? 130 : isKept ? 0 : 1);
  } catch (error) {
    // Ctrl-C reaches PostgreSQL and the centers as well: that they are gone is no finding then.
    if (stop.signal.aborted) process.exit(130);
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

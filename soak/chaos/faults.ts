import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../../scripts/test-support/postgres-server.js';
import type { Random } from '../random.js';
import type { Center } from './centers.js';

/** What faults are done to. */
interface Victims {
  readonly server: PostgresServer;
  readonly centers: readonly [Center, ...Center[]];
  readonly random: Random;
}

interface Fault {
  readonly title: string;
  /** Fulfils when it is over. */
  happen(victims: Victims): Promise<void>;
}

const ENDING = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name';

export const FAULTS: readonly [Fault, ...Fault[]] = [
  {
    title: 'PostgreSQL restarted',
    happen: async ({ server, random }) => {
      await server.stop('fast');
      await sleep(random.between(0, 3_000));
      await server.start();
    },
  },
  {
    title: 'PostgreSQL crashed',
    happen: async ({ server, random }) => {
      await server.stop('immediate');
      await sleep(random.between(0, 3_000));
      await server.start();
    },
  },
  {
    title: 'PostgreSQL hung',
    happen: async ({ server, random }) => {
      const thaw = server.freeze();
      await sleep(random.between(500, 5_000));
      thaw();
    },
  },
  {
    title: 'every connection to PostgreSQL ended',
    happen: async ({ server }) => {
      await server.query(`${ENDING} = 'fbcenter'`);
    },
  },
  {
    title: 'some connections to PostgreSQL ended',
    happen: async ({ server, random }) => {
      await server.query(`${ENDING} = 'fbcenter' AND random() < ${random.next()}`);
    },
  },
  {
    title: 'a process of PostgreSQL killed',
    happen: async ({ server, random }) => {
      const rows = await server.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'fbcenter' ORDER BY pid",
      );
      const [first, ...others] = rows as readonly { readonly pid: number }[];
      if (first !== undefined) await server.killBackend(random.pick([first, ...others]).pid);
    },
  },
  {
    title: 'center stopped',
    happen: async ({ centers, random }) => {
      const center = random.pick(centers);
      await center.kill('SIGTERM');
      await sleep(random.between(0, 1_000));
      await center.start();
    },
  },
  {
    title: 'center killed',
    happen: async ({ centers, random }) => {
      const center = random.pick(centers);
      await center.kill('SIGKILL');
      await sleep(random.between(0, 1_000));
      await center.start();
    },
  },
];

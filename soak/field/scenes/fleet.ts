import { FeatBitServer, RawClient } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { median, type Scene, type Stage, seconds } from '../scene.js';
import { flagsOf } from '../values.js';

/** Milliseconds of the server's processor for one full: as for 3,000 flags; and as on a machine that is busy. */
const COSTS = [90, 180];
/** The flags themselves are few: what is looked at is the waiting. */
const FLAGS = 20;
/** Of a handshake: 2,000 of them took 11 s. */
const HANDSHAKE_COST = 5.6;
/** Clients whose handshakes are looked at: the last is there after some 7 s, longer than many connect limits. */
const CROWD = 1_200;
/** The share of clients that may ask again, and how much later than a patient client the middle one may be ready. */
const ASK_TWICE = 0.05;
const LATER = 1.1;

async function startServer(cost: number): Promise<FeatBitServer> {
  const server = await FeatBitServer.start({
    answerCosts: { base: cost, perDocument: 0 },
    handshakeCost: HANDSHAKE_COST,
  });
  server.environment.load(flagsOf(FLAGS));
  return server;
}

/** Clients that ask once and wait. @returns when each had its answer, in milliseconds. */
async function patient(size: number, cost: number): Promise<readonly number[]> {
  const server = await startServer(cost);
  const begin = performance.now();
  const times = await Promise.all(
    Array.from({ length: size }, async () => {
      const client = new RawClient(server);
      await client.open(120_000);
      client.ask(0);
      await client.received(1, 300_000);
      client.close();
      return performance.now() - begin;
    }),
  );
  await server.kill();
  return times;
}

async function sdks({ sdk }: Stage, size: number, cost: number) {
  const server = await startServer(cost);
  const begin = performance.now();
  const clients = Array.from({ length: size }, () => sdk.start(server, { disableEvents: true }));
  const times = await Promise.all(
    clients.map(async (client) =>
      (await client.ready(240_000)) ? performance.now() - begin : Number.POSITIVE_INFINITY,
    ),
  );
  const fulls = server.streams.connections.flatMap(({ requests }) => requests).length;
  const attempts = server.streams.attempts.length;
  await Promise.all(clients.map((client) => client.close()));
  await server.kill();
  return { times, fulls, attempts };
}

async function compare(stage: Stage, cost: number): Promise<readonly Line[]> {
  const size = stage.quick ? 40 : 300;
  const [alone, { times, fulls, attempts }] = await Promise.all([patient(size, cost), sdks(stage, size, cost)]);
  stage.progress(`${cost} ms: all ready`);
  const name = `${size} SDKs, ${cost} ms each`;
  const [ours, theirs] = [median(times), median(alone)];
  return [
    {
      what: `${name}: asked again`,
      figure: `${fulls - size} (${attempts} connections)`,
      good: fulls - size <= size * ASK_TWICE,
    },
    {
      what: `${name}: ready in the middle, and last; patient clients`,
      figure: `${seconds(ours)}, ${seconds(Math.max(...times))}; ${seconds(theirs)}, ${seconds(Math.max(...alone))}`,
      good: ours <= theirs * LATER,
    },
  ];
}

/** Handshakes that all come at once, at a server that has nothing else to do. */
async function handshakes({ sdk, quick, progress }: Stage): Promise<readonly Line[]> {
  const size = quick ? 100 : CROWD;
  const server = await startServer(0);
  const clients = Array.from({ length: size }, () => sdk.start(server, { disableEvents: true }));
  const ready = await Promise.all(clients.map((client) => client.ready(120_000)));
  const again = server.streams.attempts.length - size;
  await Promise.all(clients.map((client) => client.close()));
  await server.kill();
  progress(`${size} handshakes: done`);
  const late = ready.filter((isReady) => !isReady).length;
  return [
    {
      what: `${size} handshakes at once: begun again; never ready`,
      figure: `${again}; ${late}`,
      good: again + late === 0,
    },
  ];
}

export const fleet: Scene = {
  title: 'many SDKs at once, at a server that makes one full at a time',
  limit: 420,
  async run(stage) {
    const compared = await Promise.all(COSTS.map((cost) => compare(stage, cost)));
    return [...compared.flat(), ...(await handshakes(stage))];
  },
};

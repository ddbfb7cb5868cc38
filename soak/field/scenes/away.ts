import { setTimeout as delay } from 'node:timers/promises';
import { FeatBitServer } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { none, type Scene, type Stage, seconds, until } from '../scene.js';
import type { FieldClient } from '../sdk.js';
import { flagsOf, wrongFlags } from '../values.js';

/** Between two events, in milliseconds: 50 a second. */
const BEAT = 20;
/** Before and after an absence events go on for so long, in milliseconds. */
const AROUND = 2_000;
const PATIENCE = 240_000;
/** How soon after a second restart the values must be right, in milliseconds. */
const RIGHT_AFTER = 5_000;

/** Records an event now and then until it is told to stop. @returns how many there were. */
function beat(client: FieldClient): () => number {
  let count = 0;
  const timer = setInterval(() => client.track({ key: 'user' }, 'beat', count++), BEAT);
  return () => {
    clearInterval(timer);
    return count;
  };
}

async function readyClient({ sdk }: Stage, server: FeatBitServer): Promise<FieldClient> {
  server.environment.load(flagsOf(10));
  const client = sdk.start(server);
  await client.ready(30_000);
  return client;
}

/** Events and a change while the server does not answer, in one way or another. */
async function absence(
  stage: Stage,
  name: string,
  milliseconds: number,
  begin: (server: FeatBitServer) => Promise<void> | void,
  end: (server: FeatBitServer) => Promise<void> | void,
): Promise<readonly Line[]> {
  const server = await FeatBitServer.start({ insights: { eventsPerSecond: 450 } });
  const client = await readyClient(stage, server);
  const stop = beat(client);
  await delay(AROUND);
  await begin(server);
  await delay(milliseconds);
  await end(server);
  const back = performance.now();
  server.environment.setValue('flag-0', 'new');
  const right = await until(
    async () => ((await wrongFlags(client, server)).length === 0 ? performance.now() - back : undefined),
    120_000,
  );
  await delay(AROUND);
  const recorded = stop();
  await client.flush(PATIENCE);
  await until(() => (server.events.busy === 0 ? true : undefined), PATIENCE);
  const { kept, doubled } = server.ledger.summary;
  const counts = client.counts();
  stage.progress(`${name}: ${kept} of ${recorded} events`);
  await client.close();
  await server.kill();
  return [
    {
      what: `${name}: events kept once`,
      figure: `${kept - doubled} of ${recorded}`,
      good: kept - doubled === recorded,
    },
    counts === undefined
      ? { what: `${name}: reported as lost`, figure: 'the SDK does not count' }
      : none(`${name}: reported as lost`, counts.lost, recorded),
    {
      what: `${name}: a change was seen after its end within`,
      figure: right === undefined ? 'not within 120 s' : seconds(right),
    },
  ];
}

const stopped = (stage: Stage, milliseconds: number): Promise<readonly Line[]> =>
  absence(
    stage,
    `away for ${seconds(milliseconds)}`,
    milliseconds,
    (server) => server.stop(),
    (server) => server.listen(),
  );

const refusing = (stage: Stage, milliseconds: number): Promise<readonly Line[]> =>
  absence(
    stage,
    `503 for ${seconds(milliseconds)}`,
    milliseconds,
    (server) => {
      const refusal = { status: 503 };
      server.events.refusal = refusal;
      server.streams.refusal = refusal;
      for (const connection of server.streams.open) connection.terminate();
    },
    (server) => {
      server.events.refusal = undefined;
      server.streams.refusal = undefined;
    },
  );

/** A restart takes a second; the next comes when the SDK has just recovered from the first. */
async function restarts(stage: Stage): Promise<readonly Line[]> {
  const times = stage.quick ? 4 : 20;
  const seen = await Promise.all(
    Array.from({ length: times }, async () => {
      const server = await FeatBitServer.start();
      const client = await readyClient(stage, server);
      for (const pause of [7_000, 0]) {
        await server.stop();
        await delay(850);
        await server.listen();
        await delay(pause);
      }
      const back = performance.now();
      server.environment.setValue('flag-0', 'new');
      const right = await until(
        async () => ((await wrongFlags(client, server)).length === 0 ? performance.now() - back : undefined),
        90_000,
      );
      await client.close();
      await server.kill();
      return right ?? Number.POSITIVE_INFINITY;
    }),
  );
  const late = seen.filter((milliseconds) => milliseconds > RIGHT_AFTER).length;
  return [
    none('two restarts 8 s apart: not right 5 s after the second', late, times),
    { what: 'two restarts 8 s apart: the latest was right after', figure: seconds(Math.max(...seen)) },
  ];
}

export const away: Scene = {
  title: 'a server that goes away, under 50 events a second',
  limit: 420,
  async run(stage) {
    const absences = stage.quick ? [3_000] : [3_000, 8_000, 45_000];
    const results = await Promise.all([
      ...absences.map((milliseconds) => stopped(stage, milliseconds)),
      refusing(stage, 3_500),
      restarts(stage),
    ]);
    return results.flat();
  },
};

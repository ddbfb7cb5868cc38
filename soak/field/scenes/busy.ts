import { FeatBitServer, type InsightPace } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { none, type Scene, type Stage, seconds, sum, until } from '../scene.js';
import { flagsOf } from '../values.js';

const CLIENTS = 20;
const EVENTS = 500;
/** How long delivering may take, in milliseconds. */
const PATIENCE = 330_000;

/** What PostgreSQL with its default settings did. */
const MEASURED = 450;

async function deliver({ sdk, quick, progress }: Stage, name: string, insights: InsightPace): Promise<readonly Line[]> {
  const events = quick ? 100 : EVENTS;
  const total = CLIENTS * events;
  const server = await FeatBitServer.start({ insights });
  server.environment.load(flagsOf(1));
  const clients = Array.from({ length: CLIENTS }, () => sdk.start(server));
  await Promise.all(clients.map((client) => client.ready(30_000)));
  const begin = performance.now();
  for (const [index, client] of clients.entries()) {
    for (let event = 0; event < events; event++) await client.evaluate('flag-0', { key: `user-${index}-${event}` });
  }
  await Promise.all(clients.map((client) => client.flush(PATIENCE)));
  const took = performance.now() - begin;
  // What was given up is still worked on.
  await until(() => (server.events.busy === 0 ? true : undefined), PATIENCE);
  const counts = clients.map((client) => client.counts());
  const isCounted = counts.every((count) => count !== undefined);
  const { kept, doubled, extraRows } = server.ledger.summary;
  const { requests } = server.ledger;
  progress(`${name}: ${kept + extraRows} rows for ${total} events`);
  await Promise.all(clients.map((client) => client.close()));
  await server.kill();
  return [
    { what: `${name}: events kept once`, figure: `${kept - doubled} of ${total}`, good: kept - doubled === total },
    {
      what: `${name}: rows; requests, of them given up; time`,
      figure: `${kept + extraRows}; ${requests.length}, ${requests.filter(({ givenUp }) => givenUp).length}; ${seconds(took)}`,
    },
    isCounted
      ? none(`${name}: reported as lost`, sum(counts.map((count) => count?.lost ?? 0)), total)
      : { what: `${name}: reported as lost`, figure: 'the SDK does not count' },
  ];
}

export const busy: Scene = {
  title: `${CLIENTS} clients, ${EVENTS} events each, at a server that is slow with events`,
  limit: 720,
  async run(stage) {
    const latencies = stage.quick ? [6_000] : [6_000, 12_000, 20_000];
    // Each at a server of its own: their waits need not be added up.
    const results = await Promise.all([
      deliver(stage, `${MEASURED} events a second`, { eventsPerSecond: MEASURED }),
      ...latencies.map((latency) => deliver(stage, `answers after ${latency / 1_000} s`, { latency })),
    ]);
    return results.flat();
  },
};

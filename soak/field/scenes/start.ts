import { setTimeout as delay } from 'node:timers/promises';
import { FeatBitServer } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { median, none, type Scene, type Stage } from '../scene.js';
import { flagsOf, wrongFlags } from '../values.js';

/** The change comes within so many milliseconds of the start. */
const WINDOW = 200;
/** When the values must be right, in milliseconds after the start. */
const RIGHT_AFTER = 5_000;
/** Between two starts, in milliseconds: the answers of one do not delay those of the next. */
const PACE = 300;

interface Start {
  readonly wrong: number;
  /** Flags at the moment the SDK said that it was ready; absent where it did not. */
  readonly atReady: number | undefined;
  /** Whether a push came before the first answer. */
  readonly overtaken: boolean;
  readonly requests: number;
  readonly readyAfter: number;
}

async function startOnce({ sdk, random }: Stage, count: number): Promise<Start> {
  const server = await FeatBitServer.start();
  server.environment.load(flagsOf(count));
  const changed = `flag-${random.between(0, count - 1)}`;
  const changedAt = random.between(0, WINDOW);
  const begin = performance.now();
  const client = sdk.start(server, { disableEvents: true });
  let readyAfter = Number.NaN;
  const atReady = client.ready(RIGHT_AFTER).then(async (ready) => {
    readyAfter = performance.now() - begin;
    return ready ? (await client.flags()).size : undefined;
  });
  await delay(changedAt);
  const [connection] = server.streams.connections;
  const overtaken = connection !== undefined && connection.requests[0]?.answer === undefined;
  server.environment.setValue(changed, 'new');
  await delay(RIGHT_AFTER - changedAt);
  const start = {
    wrong: (await wrongFlags(client, server)).length,
    atReady: await atReady,
    overtaken,
    requests: connection?.requests.length ?? 0,
    readyAfter,
  };
  await client.close();
  await server.kill();
  return start;
}

async function starts(stage: Stage, count: number): Promise<readonly Line[]> {
  const times = stage.quick ? 10 : 100;
  const running: Promise<Start>[] = [];
  for (let index = 0; index < times; index++) {
    running.push(startOnce(stage, count));
    await delay(PACE);
    if (index % 25 === 24) stage.progress(`${count} flags: ${index + 1} starts`);
  }
  const all = await Promise.all(running);
  const partial = all.filter(({ atReady }) => atReady !== undefined && atReady < count);
  const overtaken = all.filter((start) => start.overtaken);
  return [
    none(`${count} flags: starts with a wrong value after 5 s`, all.filter(({ wrong }) => wrong > 0).length, times),
    none(`${count} flags: ready with less than the whole`, partial.length, times),
    none(`${count} flags: not ready after 5 s`, all.filter(({ atReady }) => atReady === undefined).length, times),
    {
      what: `${count} flags: starts whose answer a push overtook; requests then; ready (median)`,
      figure: `${overtaken.length}; ${median(overtaken.map(({ requests }) => requests))}; ${median(all.map(({ readyAfter }) => readyAfter)).toFixed(0)} ms`,
    },
  ];
}

export const start: Scene = {
  title: 'a change while an SDK starts, within the first 200 ms',
  limit: 180,
  async run(stage) {
    return [...(await starts(stage, 3_000)), ...(await starts(stage, 300))];
  },
};

import { setTimeout as delay } from 'node:timers/promises';
import type { Line } from '../../verdict.js';
import { FieldCenter } from '../field-center.js';
import { median, type Scene, type Stage, seconds } from '../scene.js';
import type { FieldClient } from '../sdk.js';
import { agree } from '../values.js';

/** The middle client must have the right data so soon after the center is up, in milliseconds. */
const RIGHT_AFTER = 1_500;
/** Many clients must not come within less than this, in milliseconds. */
const SPREAD = 1_000;
/** Clients that are started at once: the start of all of them is no part of the scene. */
const STARTED_AT_ONCE = 25;

async function startClients({ sdk }: Stage, center: FieldCenter, count: number): Promise<readonly FieldClient[]> {
  const clients: FieldClient[] = [];
  while (clients.length < count) {
    const more = Array.from({ length: Math.min(STARTED_AT_ONCE, count - clients.length) }, () =>
      sdk.start(center, { disableEvents: true }),
    );
    await Promise.all(more.map((client) => client.ready(30_000)));
    clients.push(...more);
  }
  return clients;
}

/** @returns how long after the center was up each client had the right data, in milliseconds; the earliest first. */
async function restart(center: FieldCenter, clients: readonly FieldClient[], away: number): Promise<readonly number[]> {
  await center.prepare();
  await center.stop();
  await delay(away);
  await center.start();
  const up = performance.now();
  await center.setValue('flag-0', `after ${away} ms`);
  const found = await Promise.all(clients.map((client) => agree(client, center.truth, 30_000)));
  return found.map((at) => (at === undefined ? Number.POSITIVE_INFINITY : at - up)).toSorted((a, b) => a - b);
}

async function few(stage: Stage, away: number): Promise<Line> {
  const center = await FieldCenter.start();
  const clients = await startClients(stage, center, 20);
  try {
    const times = await restart(center, clients, away);
    const middle = median(times);
    stage.progress(`away for ${seconds(away)}: right after ${seconds(middle)}`);
    return {
      what: `away for ${seconds(away)}: the middle one of 20 was right after, and the last`,
      figure: `${seconds(middle)}, ${seconds(times.at(-1) ?? Number.POSITIVE_INFINITY)}`,
      good: middle <= RIGHT_AFTER,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await center.end();
  }
}

async function many(stage: Stage): Promise<Line> {
  const center = await FieldCenter.start();
  const clients = await startClients(stage, center, 500);
  try {
    stage.progress('500 clients are ready');
    const times = await restart(center, clients, 2_000);
    const [first = 0] = times;
    const last = times.at(-1) ?? Number.POSITIVE_INFINITY;
    return {
      what: '500 clients: the first and the last had the right data after',
      figure: `${seconds(first)}, ${seconds(last)}`,
      good: last - first >= SPREAD && last < 30_000,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await center.end();
  }
}

export const restarts: Scene = {
  title: 'fbcenter restarts, away for up to 3 s: 20 SDKs, then 500 at once',
  limit: 300,
  async run(stage) {
    const lines: Line[] = [];
    for (const away of stage.quick ? [1_000] : [1_000, 2_000, 3_000]) lines.push(await few(stage, away));
    return stage.quick ? lines : [...lines, await many(stage)];
  },
};

import { setTimeout as delay } from 'node:timers/promises';
import type { Line } from '../../verdict.js';
import { FieldCenter } from '../field-center.js';
import { none, type Scene, type Stage } from '../scene.js';
import type { FieldClient } from '../sdk.js';

const EVENTS_PER_SECOND = 200;
/** Between two looks at how many events are due, in milliseconds. */
const BEAT = 20;
/** Names of the events; each has a few, which tell each other apart by their values. */
const NAMES = 500;
const AROUND = 3_000;
const AWAY = 5_000;
const PATIENCE = 180_000;

/** Records events at an even pace, however late timers are. @returns ends it. @returns how many there were. */
function beat(client: FieldClient): () => number {
  const begin = performance.now();
  let count = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begin) * EVENTS_PER_SECOND) / 1_000);
    for (; count < due; count++) client.track({ key: 'user' }, `beat-${count % NAMES}`, count);
  }, BEAT);
  return () => {
    clearInterval(timer);
    return count;
  };
}

/** How many of the first `recorded` numbers have a name. */
function expectedOf(name: number, recorded: number): number {
  return Math.ceil((recorded - name) / NAMES);
}

async function play(stage: Stage, name: string, signal: 'SIGKILL' | undefined): Promise<readonly Line[]> {
  const center = await FieldCenter.start();
  const client = stage.sdk.start(center);
  try {
    await client.ready(15_000);
    const stop = beat(client);
    await delay(AROUND);
    await center.prepare();
    await center.stop(signal);
    await delay(AWAY);
    await center.start();
    await delay(AROUND);
    const recorded = stop();
    await client.flush(PATIENCE);
    await delay(500);
    const counted = new Map((await center.metrics()).map(({ eventName, count, sum }) => [eventName, { count, sum }]));
    let lost = 0;
    let doubled = 0;
    let mixed = 0;
    for (let index = 0; index < NAMES; index++) {
      const expected = expectedOf(index, recorded);
      const { count, sum } = counted.get(`beat-${index}`) ?? { count: 0, sum: 0 };
      lost += Math.max(0, expected - count);
      doubled += Math.max(0, count - expected);
      // The values are index, index + NAMES, and so on.
      const values = expected * index + (NAMES * expected * (expected - 1)) / 2;
      if (count === expected && sum !== values) mixed += 1;
    }
    const counts = client.counts();
    stage.progress(`${name}: ${recorded} events, ${lost} lost, ${doubled} counted twice`);
    const lines = [none(`${name}: lost`, lost + mixed, recorded)];
    if (counts !== undefined) lines.push(none(`${name}: reported as lost`, counts.lost, recorded));
    // A center that is killed may have counted a request that it has not answered: the SDK has one under way at a time.
    const twice = `${name}: counted twice`;
    lines.push(
      signal === undefined
        ? none(twice, doubled, recorded)
        : { what: twice, figure: `${doubled} of ${recorded}`, good: doubled <= 50 },
    );
    return lines;
  } finally {
    await client.close();
    await center.end();
  }
}

export const outage: Scene = {
  title: 'fbcenter is away for 5 s, stopped and killed, under 200 events a second',
  limit: 400,
  async run(stage) {
    const stopped = await play(stage, 'stopped', undefined);
    return stage.quick ? stopped : [...stopped, ...(await play(stage, 'killed', 'SIGKILL'))];
  },
};

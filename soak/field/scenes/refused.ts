import { setTimeout as delay } from 'node:timers/promises';
import type { Line } from '../../verdict.js';
import { FieldCenter } from '../field-center.js';
import { type Scene, type Stage, seconds } from '../scene.js';
import type { FieldClient } from '../sdk.js';
import { agree } from '../values.js';

const SDKS = 10;
/** `refusedRetryDelay` and `streamingMaxRetryDelay`, in milliseconds: a tenth of their defaults. The first wait outlasts the refusal. */
const FIRST_WAIT = 6_000;
/** The first wait is up to a quarter longer; what follows it takes a moment. */
const RIGHT_AFTER = FIRST_WAIT * 1.25 + 1_000;
/** So long everything is refused, in milliseconds. */
const WRONG_FOR = 5_000;

const WAITS = { disableEvents: true, refusedRetryDelay: FIRST_WAIT, streamingMaxRetryDelay: FIRST_WAIT };

interface Refusal {
  readonly name: string;
  readonly polling?: boolean;
  /** Makes the center refuse the SDKs, and lets them in again: resolves when that is so. */
  run(center: FieldCenter): Promise<void>;
}

const answers403 = async (center: FieldCenter): Promise<void> => {
  await center.stop();
  await center.refuse(403);
  await delay(WRONG_FOR);
  await center.endRefusing();
  await center.start();
};

const REFUSALS: readonly Refusal[] = [
  {
    name: 'a clock 60 s off',
    async run(center) {
      await center.stop();
      await center.start(-60_000);
      await delay(WRONG_FOR);
      center.setClock(0);
    },
  },
  {
    name: 'a secret rotated and restored',
    async run(center) {
      await center.rotateSecret();
      await delay(WRONG_FOR);
      await center.restoreSecret();
    },
  },
  { name: '403 to the stream', run: answers403 },
  { name: '403 to polls', polling: true, run: answers403 },
  {
    name: 'a restored store',
    async run(center) {
      const restore = await center.backUp();
      for (const key of center.truth.keys()) await center.setValue(key, 'after the backup');
      await delay(1_000);
      await center.stop();
      await restore();
      await center.start();
    },
  },
];

async function play(stage: Stage, { name, polling, run }: Refusal): Promise<Line> {
  const center = await FieldCenter.start();
  const clients: FieldClient[] = [];
  try {
    for (let count = 0; count < SDKS; count++) {
      const way = polling === true ? { polling: { interval: 500, pollsPerFullSync: 120 } } : {};
      clients.push(stage.sdk.start(center, { ...WAITS, ...way }));
    }
    const ready = (await Promise.all(clients.map((client) => client.ready(15_000)))).filter(Boolean).length;
    await center.prepare();
    await run(center);
    const right = performance.now();
    await center.setValue('flag-0', 'right again');
    const found = await Promise.all(clients.map((client) => agree(client, center.truth, 3 * RIGHT_AFTER)));
    const late = found.filter((at) => at === undefined || at - right > RIGHT_AFTER).length;
    const last = Math.max(...found.map((at) => (at === undefined ? Number.POSITIVE_INFINITY : at - right)));
    stage.progress(`${name}: ${SDKS - late} of ${SDKS}, the last after ${seconds(last)}`);
    return {
      what: `${name}: in sync within ${seconds(RIGHT_AFTER)} of its being right`,
      figure: `${SDKS - late} of ${SDKS}, the last after ${seconds(last)}`,
      good: late === 0 && ready === SDKS,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await center.end();
  }
}

export const refused: Scene = {
  title:
    'fbcenter refuses ten SDKs for five seconds: clock, secret, 403, restored store; waits are a tenth of the default',
  limit: 300,
  async run(stage) {
    const lines: Line[] = [];
    for (const refusal of stage.quick ? REFUSALS.slice(0, 1) : REFUSALS) lines.push(await play(stage, refusal));
    return lines;
  },
};

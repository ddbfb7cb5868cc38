import { setTimeout as delay } from 'node:timers/promises';
import { FeatBitServer } from 'fbclient-conformance/featbit-server';
import type { Line } from '../../verdict.js';
import { type Scene, type Stage, seconds, until } from '../scene.js';
import type { FieldClient } from '../sdk.js';
import { flagsOf, wrongFlags } from '../values.js';

/** What is a minute and an hour by default, in milliseconds: the scene ends while one watches it. */
const RESYNC = 2_000;
const FULL_RESYNC = 8_000;
const POLLS = { interval: 300, pollsPerFullSync: 10 };
/** Intervals may be jittered, and an answer of 3,000 flags takes its time. */
const TOLERANCE = 1.5;
const FLAGS = 3_000;
const NEW = 'new';

/** What a client's listener heard, flag by flag. */
class Heard {
  readonly #times = new Map<string, number>();

  constructor(client: FieldClient) {
    client.listen((key) => this.#times.set(key, (this.#times.get(key) ?? 0) + 1));
  }

  forget(): void {
    this.#times.clear();
  }

  /** Whether each of the flags was heard of once, and no other. */
  line(what: string, keys: readonly string[]): Line {
    const missing = keys.filter((key) => !this.#times.has(key)).length;
    const expected = new Set(keys);
    const others = [...this.#times.keys()].filter((key) => !expected.has(key)).length;
    const twice = [...this.#times.values()].filter((times) => times > 1).length;
    return {
      what: `${what}: listeners missed, heard twice, heard of what did not change`,
      figure: `${missing}, ${twice}, ${others} of ${keys.length}`,
      good: missing + twice + others === 0,
    };
  }
}

/** @returns how long it took until no flag was wrong, in milliseconds. */
async function untilRight(client: FieldClient, server: FeatBitServer, wait: number): Promise<number | undefined> {
  const begin = performance.now();
  return until(
    async () => ((await wrongFlags(client, server)).length === 0 ? performance.now() - begin : undefined),
    wait,
  );
}

/** A line that is good when the time was there and within the limit. */
function healed(what: string, took: number | undefined, limit: number): Line {
  const figure = took === undefined ? `not within ${seconds(limit * 2)}` : seconds(took);
  return { what: `${what} (${seconds(limit)} at most)`, figure, good: took !== undefined && took <= limit };
}

/** Pushes stop for all clients while pings and requests are answered. */
async function stalled(client: FieldClient, server: FeatBitServer, heard: Heard): Promise<readonly Line[]> {
  const keys = Array.from({ length: 10 }, (_, index) => `flag-${index}`);
  const limit = RESYNC * TOLERANCE;
  server.pushes.stall();
  server.environment.saveFlags(keys.map((key) => server.environment.withValue(key, NEW)));
  const took = await untilRight(client, server, limit * 2);
  server.pushes.resume();
  await delay(500);
  return [healed('pushes stalled: ten changes were right after', took, limit), heard.line('pushes stalled', keys)];
}

/** Changes that no cursor brings: five in a millisecond that the client has seen, and a transaction most of which is dropped. */
async function dropped(client: FieldClient, server: FeatBitServer, heard: Heard): Promise<readonly Line[]> {
  const { environment, pushes } = server;
  const limit = FULL_RESYNC * TOLERANCE;
  const flag = (index: number) => environment.withValue(`flag-${index}`, 'newer');
  const stamp = Math.floor(Date.now()) * 1_000;
  environment.saveFlags([flag(0)], { stamp });
  await untilRight(client, server, 1_000);
  pushes.stall();
  environment.saveFlags([1, 2, 3, 4, 5].map(flag), { stamp: stamp + 1 });
  const rest = Array.from({ length: 2_992 }, (_, index) => flag(index + 6));
  environment.saveFlags(rest);
  pushes.resume();
  await delay(500);
  const lost = (await wrongFlags(client, server)).length;
  const took = await untilRight(client, server, limit * 2);
  await delay(500);
  const keys = Array.from({ length: 2_998 }, (_, index) => `flag-${index}`);
  return [
    { what: 'a transaction: pushes dropped; flags wrong at first', figure: `${pushes.dropped}; ${lost}` },
    healed('a transaction: right after', took, limit),
    heard.line('a transaction', keys),
  ];
}

async function streaming({ sdk, progress }: Stage): Promise<readonly Line[]> {
  const server = await FeatBitServer.start();
  server.environment.load(flagsOf(FLAGS));
  const client = sdk.start(server, {
    disableEvents: true,
    resyncInterval: RESYNC,
    fullResyncInterval: FULL_RESYNC,
  });
  await client.ready(30_000);
  await delay(500);
  const heard = new Heard(client);
  const lines: Line[] = [...(await stalled(client, server, heard))];
  progress('pushes that stall: done');
  // What stalled pushes left behind must not be counted here again.
  await untilRight(client, server, FULL_RESYNC);
  heard.forget();
  lines.push(...(await dropped(client, server, heard)));
  progress('pushes that are dropped: done');
  await client.close();
  await server.kill();
  return lines;
}

/** A poller beside others who write: five changes of a millisecond that it has seen, and one that is committed late. */
async function polling({ sdk, progress }: Stage): Promise<readonly Line[]> {
  const server = await FeatBitServer.start();
  const { environment } = server;
  environment.load(flagsOf(40));
  const client = sdk.start(server, { disableEvents: true, polling: POLLS });
  await client.ready(30_000);
  const limit = POLLS.interval * POLLS.pollsPerFullSync * TOLERANCE;
  const heard = new Heard(client);
  environment.setValue('flag-6', NEW, { commitAfter: POLLS.interval * 3 });
  const stamp = Math.floor(Date.now()) * 1_000 + 2_000;
  environment.setValue('flag-0', NEW, { stamp });
  await untilRight(client, server, limit);
  environment.saveFlags(
    [1, 2, 3, 4, 5].map((index) => environment.withValue(`flag-${index}`, NEW)),
    { stamp: stamp + 1 },
  );
  await delay(POLLS.interval * 3);
  const took = await untilRight(client, server, limit * 2);
  await delay(POLLS.interval * POLLS.pollsPerFullSync);
  const keys = Array.from({ length: 7 }, (_, index) => `flag-${index}`);
  progress('polls: done');
  await client.close();
  await server.kill();
  return [
    healed('polls: changes of the same millisecond and a late commit were right after', took, limit),
    heard.line('polls', keys),
  ];
}

export const healing: Scene = {
  title: `pushes that stall or are dropped, and changes that no cursor brings (a minute is ${seconds(RESYNC)}, an hour ${seconds(FULL_RESYNC)})`,
  limit: 120,
  async run(stage) {
    return [...(await streaming(stage)), ...(await polling(stage))];
  },
};

import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { FeatBitServer, type Saving, servingFlag } from 'fbclient-conformance/featbit-server';
import { Random } from './random.js';
import type { World } from './world.js';

const FLAGS = 100;
/** The flag whose changes are committed late: nobody else writes it meanwhile, as a database sees to. */
const LATE_FLAG = 'late';
const COMMIT_AFTER = 300;
/** Every so many metrics is one that the server refuses, for a reason that no client can know. */
const REFUSED = 500;
/** How long a fault lasts, in milliseconds. */
const SHORT = [200, 700] as const;
const LONG = [1_000, 3_000] as const;

/** A FeatBit server as it is in the field: nothing is wrong with the network, much with the server. */
export async function featbitWorld(seed: number): Promise<World> {
  let refuses = false;
  const server = await FeatBitServer.start({
    seed,
    refusesEvent: ({ metric }) => (refuses && metric !== undefined && metric.value % REFUSED === 0 ? 400 : undefined),
  });
  const truth = new FeatBitTruth(server, new Random(seed));
  const hold = (random: Random, [least, most]: readonly [number, number]) => delay(random.between(least, most));
  const refuseWith = (status: number, retryAfter?: string): void => {
    const refusal = { status, ...(retryAfter === undefined ? {} : { retryAfter }) };
    server.events.refusal = refusal;
    server.streams.refusal = refusal;
    server.streams.cut();
  };

  return {
    streamingUrl: server.streamingUrl,
    eventUrl: server.httpUrl,
    secret: server.secret,
    losesAnswers: false,
    faults: {
      'a change while the SDK starts anew': async () => {
        const before = server.streams.connections.length;
        server.streams.cut();
        await server.until('a request', () => server.streams.connections[before]?.requests[0], 15_000).catch(() => {});
        truth.change();
        await delay(500);
      },
      'the same, answered with a full': async (random) => {
        server.answersCursorsWithFulls = true;
        const before = server.streams.connections.length;
        server.streams.cut();
        await server.until('a request', () => server.streams.connections[before]?.requests[0], 15_000).catch(() => {});
        truth.change();
        await hold(random, SHORT);
      },
      'pushes stall': async (random) => {
        server.pushes.stall();
        await hold(random, LONG);
      },
      'pushes are dropped': async (random) => {
        server.pushes.stall();
        await hold(random, SHORT);
        server.pushes.drop();
      },
      'changes in one millisecond': async (random) => {
        const stamp = Date.now() * 1_000;
        truth.change({ stamp });
        await hold(random, SHORT);
        server.pushes.stall();
        for (let count = 1; count <= 3; count++) truth.change({ stamp: stamp + count });
        server.pushes.drop();
      },
      'late commits': async (random) => {
        truth.changeLate();
        server.pushes.stall();
        await hold(random, SHORT);
        server.pushes.drop();
      },
      'a restart': async () => {
        await server.stop();
        truth.change();
        await server.listen();
      },
      'an absence': async (random) => {
        await server.stop();
        await hold(random, LONG);
      },
      'no store': async (random) => {
        server.store.become('away');
        server.streams.cut();
        await hold(random, SHORT);
      },
      'a store that hangs': async (random) => {
        server.store.become('hanging');
        await hold(random, LONG);
      },
      'a balancer without a server': async (random) => {
        refuseWith(503);
        await hold(random, LONG);
      },
      'a rate limit': async (random) => {
        refuseWith(429, '1');
        await hold(random, SHORT);
      },
      'a proxy that strips upgrades': async (random) => {
        server.streams.stripsUpgrades = true;
        server.streams.cut();
        await hold(random, SHORT);
      },
      'slow events': async (random) => {
        server.insightPace = { eventsPerSecond: 200, latency: 2_000 };
        await hold(random, LONG);
      },
      'events that spoil their batch': async (random) => {
        refuses = true;
        await hold(random, LONG);
      },
    },
    async heal() {
      refuses = false;
      server.answersCursorsWithFulls = false;
      server.streams.stripsUpgrades = false;
      server.calm();
      server.pushes.resume();
      if (!server.listening) await server.listen();
    },
    change: () => truth.change(),
    get digests() {
      return truth.digests;
    },
    staleFor: (digests) => truth.staleFor(digests),
    get ledger() {
      const { kept, extraRows, lost } = server.ledger.summary;
      return { received: kept, duplicates: extraRows, swallowed: lost };
    },
    close: () => server.kill(),
  };
}

/** The server's environment, its changes, and since when each former value is one. */
class FeatBitTruth {
  readonly #server: FeatBitServer;
  readonly #random: Random;
  /** By key and digest: when a value ceased to be the server's. */
  readonly #former = new Map<string, number>();
  #changes = 0;

  constructor(server: FeatBitServer, random: Random) {
    this.#server = server;
    this.#random = random;
    const keys = [...Array.from({ length: FLAGS }, (_, index) => `flag-${index}`), LATE_FLAG];
    server.environment.load(keys.map((key) => servingFlag(key, 'initial')));
  }

  /** Changes some flag. */
  change(saving?: Saving): void {
    this.#change(`flag-${this.#random.between(0, FLAGS - 1)}`, saving);
  }

  /** Changes a flag now and commits it later, so that cursors are past it by then. */
  changeLate(): void {
    this.#change(LATE_FLAG, { commitAfter: COMMIT_AFTER });
  }

  #change(key: string, saving?: Saving): void {
    const before = this.#server.environment.flag(key)?.variations[0]?.value ?? '';
    this.#former.set(`${key} ${digestOf(before)}`, performance.now() + (saving?.commitAfter ?? 0));
    this.#changes += 1;
    this.#server.environment.setValue(key, `value-${this.#changes}`, saving);
  }

  get digests(): Readonly<Record<string, string>> {
    const flags = this.#server.environment.flags;
    return Object.fromEntries(flags.map(({ key, variations }) => [key, digestOf(variations[0]?.value ?? '')]));
  }

  staleFor(digests: Readonly<Record<string, string>>): number {
    const now = performance.now();
    const { digests: truth } = this;
    const ages = Object.entries(digests).map(([key, digest]) => {
      return digest === truth[key] ? 0 : now - (this.#former.get(`${key} ${digest}`) ?? now);
    });
    return Math.max(0, ...ages);
  }
}

function digestOf(value: string): string {
  return createHash('md5').update(value).digest('hex');
}

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { Failure } from '../../src/flags/failure.js';
import { FlagStore } from '../../src/flags/store.js';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import { Log } from '../../src/runtime/log.js';
import type { Socket, SocketHandlers } from '../../src/runtime/platform.js';
import { HeldDocuments } from '../../src/sync/documents.js';
import { Intake } from '../../src/sync/intake.js';
import { StreamingSource } from '../../src/sync/streaming.js';
import type { StreamingTimes } from '../../src/sync/streaming-state.js';
import type { FakeClock } from '../support/fake-clock.js';
import { FakeNetwork, FakePlatform, type FakeSocket } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { check } from '../support/property.js';
import { COMPILING } from '../support/store.js';
import { STREAMING_TIMES } from '../support/times.js';
import { full, patch, updatedAt, versionOf, wireFlag } from '../support/wire.js';

// The streaming source with the real intake and store behind it, against a server of whims: whatever it does, in
// whatever order and at whatever time.

const TIMES: StreamingTimes = { ...STREAMING_TIMES, resyncInterval: 50_000, fullResyncInterval: 200_000 };
/** The longest wait for a socket to open: it grows with attempts that were too slow. */
const LONGEST_CONNECT = 3 * TIMES.connectTimeout;
const SECRET = 'qJHQTVfsZUOu1Q54RLMuIQ-JtrIvNK-k-bARYicOTNQA';
const PING = '{"messageType":"ping","data":{}}';

/** Two flags are enough to be new, newer, equal and older. */
type Versions = readonly { readonly key: 'a' | 'b'; readonly version: number }[];

type Action =
  | { readonly do: 'pass'; readonly milliseconds: number }
  | { readonly do: 'open' | 'pong' | 'trickle' | 'stop' }
  | { readonly do: 'drop'; readonly code: number }
  | { readonly do: 'full' | 'patch'; readonly flags: Versions }
  | { readonly do: 'say'; readonly text: string }
  | { readonly do: 'chance'; readonly random: number };

const VERSIONS: fc.Arbitrary<Versions> = fc.array(
  fc.record({ key: fc.constantFrom('a' as const, 'b' as const), version: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 3 },
);
const ACTION: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      // Around every deadline there is, and anywhere.
      milliseconds: fc.oneof(
        fc.constantFrom(1, 999, 1_000, 5_000, 14_999, 15_000, 30_000, 60_000, 300_000),
        fc.integer({ min: 0, max: 100_000 }),
      ),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ do: 'open' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('pong' as const, 'pong' as const, 'trickle' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('drop' as const),
      code: fc.constantFrom(1000, 1001, 1006, 1011, 1012, 4000),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('full' as const, 'patch' as const), flags: VERSIONS }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      text: fc.constantFrom(
        '',
        '<html>',
        '{',
        'null',
        '[]',
        '{"messageType":"echo"}',
        '{"messageType":"data-sync","data":{}}',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('chance' as const),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
);
const END: fc.Arbitrary<Action> = fc.constantFrom<Action>({ do: 'stop' }, { do: 'drop', code: 4003 });

/** A network that notes when its sockets come and go. */
class WatchedNetwork extends FakeNetwork {
  readonly opened: number[] = [];
  readonly gone: number[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    super();
    this.#clock = clock;
  }

  override openSocket(url: string, handlers: SocketHandlers): Socket {
    expect(this.liveSockets, 'a second socket').toEqual([]);
    const token = must(new URL(url).searchParams.get('token'));
    expect(decodeConnectionToken(token)?.timestamp).toBe(Math.trunc(this.#clock.now()));
    this.opened.push(this.#clock.elapsed());
    const index = this.gone.push(Number.POSITIVE_INFINITY) - 1;
    const note = (): void => {
      this.gone[index] = Math.min(must(this.gone[index]), this.#clock.elapsed());
    };
    const socket = super.openSocket(url, {
      ...handlers,
      closed: (code, problem) => {
        note();
        handlers.closed(code, problem);
      },
    });
    return {
      send: (text) => socket.send(text),
      terminate: () => {
        note();
        socket.terminate();
      },
    };
  }
}

class World {
  readonly platform = new FakePlatform();
  readonly clock = this.platform.clock;
  readonly net = new WatchedNetwork(this.clock);
  readonly store = new FlagStore();
  readonly told: string[] = [];
  readonly source: StreamingSource;
  readonly intake: Intake;
  ended = false;
  /** What the store must hold: the rules of full and patch once more, in a few naive lines. */
  #expected = new Map<string, number>();
  /** Whether everything was brought once. */
  #whole = false;

  constructor(times: StreamingTimes = TIMES) {
    const log = new Log(undefined, this.clock);
    this.intake = new Intake(this.store, new HeldDocuments(this.store, false), COMPILING, this.clock, log, {
      committed: (_changes, _isChanged, freshness) => {
        if (freshness !== undefined) this.told.push(freshness.inSync ? 'in sync' : 'stale');
      },
      affected: () => undefined,
      confirmed: () => this.told.push('confirmed'),
      interrupted: () => this.told.push('interrupted'),
      failed: () => this.told.push('failed'),
    });
    const settings = { url: 'ws://featbit.test', secret: SECRET, times };
    this.source = new StreamingSource(settings, this.platform, this.net, log);
    this.source.start(this.intake);
  }

  async take(action: Action): Promise<void> {
    const before = this.ended;
    const socket = this.net.socket;
    switch (action.do) {
      case 'pass':
        await this.clock.advance(action.milliseconds);
        break;
      case 'chance':
        this.platform.chance = action.random;
        break;
      case 'open':
        socket.open();
        break;
      case 'pong':
        socket.message({ messageType: 'pong', data: {} });
        break;
      case 'trickle':
        socket.trickle();
        break;
      case 'say':
        socket.message(action.text);
        break;
      case 'full':
      case 'patch':
        if (socket.state === 'open') this.expectCommit(action.do, action.flags);
        socket.message(messageOf(action.do, action.flags));
        break;
      case 'drop':
        if (action.code === 4003 && socket.state !== 'gone') this.ended = true;
        socket.drop(action.code);
        break;
      case 'stop':
        this.source.close();
        this.intake.close();
        this.ended = true;
        break;
    }
    const sockets = this.net.sockets.length;
    await this.clock.settle();
    this.judge();
    if (before) expect(this.net.sockets.length, 'a socket after the end').toBe(sockets);
  }

  /** The greatest cursor that there ever was: a full message can set it back. */
  #greatest = 0;

  get cursor(): number {
    const cursor = this.#whole ? Math.max(0, ...this.#expected.values()) : 0;
    this.#greatest = Math.max(this.#greatest, cursor);
    return cursor;
  }

  expectCommit(kind: 'full' | 'patch', flags: Versions): void {
    if (kind === 'full') this.#expected = new Map();
    for (const { key, version } of flags) {
      this.#expected.set(key, Math.max(versionOf(version), this.#expected.get(key) ?? 0));
    }
    if (kind === 'full') this.#whole = true;
  }

  judge(): void {
    expect(this.net.liveSockets.length).toBeLessThanOrEqual(this.ended ? 0 : 1);
    expect(this.clock.timers()).toBe(this.ended ? 0 : 1);
    for (const socket of this.net.sockets) this.#judgeSent(socket);
    for (const key of ['a', 'b']) expect(this.store.flag(key)?.version, key).toBe(this.#expected.get(key));
    this.#judgeTimes();
    expect(this.told.filter((what) => what === 'failed').length).toBeLessThanOrEqual(1);
  }

  #judgeSent(socket: FakeSocket): void {
    const [first, ...others] = socket.sent;
    if (first === undefined) return;
    expect(timestampOf(first), 'the first message').toBeDefined();
    for (const message of others) expect(message === PING || timestampOf(message) !== undefined).toBe(true);
    for (const message of socket.sent) {
      // Never beyond what is held: what is between would be missed.
      expect(timestampOf(message) ?? 0).toBeLessThanOrEqual(Math.max(this.cursor, this.#greatest));
    }
  }

  #judgeTimes(): void {
    const { opened, gone } = this.net;
    for (const [index, end] of gone.entries()) {
      const next = opened[index + 1] ?? (this.ended ? end : this.clock.elapsed());
      if (Number.isFinite(end)) expect(next - end).toBeLessThanOrEqual(TIMES.maxRetryDelay + LONGEST_CONNECT);
    }
  }
}

/** What a message asks from; nothing when it is no request for data. */
function timestampOf(message: string): number | undefined {
  const { messageType, data } = JSON.parse(message) as { messageType: string; data: { timestamp?: number } };
  return messageType === 'data-sync' ? data.timestamp : undefined;
}

function messageOf(
  kind: 'full' | 'patch',
  flags: readonly {
    readonly key: string;
    readonly version: number;
    readonly value?: string;
    readonly isArchived?: boolean;
  }[],
): unknown {
  const wire = flags.map(({ key, version, value = `on-${version}`, isArchived = false }) => {
    return wireFlag(key, value, { updatedAt: updatedAt(version), isArchived });
  });
  return kind === 'full' ? full(wire) : patch(wire);
}

it('whatever the server does, there is one connection at most, and the next attempt comes in time', async () => {
  await check(
    fc.asyncProperty(fc.array(ACTION, { maxLength: 40 }), async (actions) => {
      const world = new World();
      for (const action of actions) await world.take(action);
    }),
    250,
  );
});

it('whatever has happened, a good server brings the data up to date', async () => {
  await check(
    fc.asyncProperty(fc.array(ACTION, { maxLength: 25 }), VERSIONS, async (actions, flags) => {
      const world = new World();
      for (const action of actions) await world.take(action);
      if (world.net.liveSockets.length === 0) {
        await world.take({ do: 'pass', milliseconds: must(world.clock.untilNext) });
      }
      await world.take({ do: 'open' });
      await world.take({ do: 'full', flags });
      expect(world.told.at(-1)).toBe('in sync');
    }),
    150,
  );
});

it('whenever it is closed or refused, there is no connection and no timer, then or ever after', async () => {
  const actions = fc.array(ACTION, { maxLength: 20 });
  await check(
    fc.asyncProperty(actions, END, actions, async (before, end, after) => {
      const world = new World();
      for (const action of before) await world.take(action);
      await world.take(end);
      if (!world.ended) await world.take({ do: 'stop' });
      const told = world.told.length;
      for (const action of after) await world.take(action);
      await world.take({ do: 'pass', milliseconds: 86_400_000 });
      expect(world.told.length).toBe(told);
    }),
    150,
  );
});

// The same client, and a server with the habits of FeatBit's: it pushes from the moment a connection is accepted, reads what
// it answers with before it sends it, answers a connection's messages in their order, loses connections at any moment; its
// cursor knows no more than milliseconds, and it can stop pushing, or drop a push, without a word.

const KEYS = ['a', 'b', 'c', 'd'] as const;
type Key = (typeof KEYS)[number];
type Mishap =
  /** `stamp`: its version beside the greatest there is. `dropped`: it is not pushed. */
  | {
      readonly do: 'change';
      readonly key: Key;
      readonly archives: boolean;
      readonly stamp: 'newer' | 'same' | 'older';
      readonly dropped: boolean;
    }
  | { readonly do: 'delete'; readonly key: Key }
  | { readonly do: 'proceed' | 'drop' | 'stall' | 'flow' }
  | { readonly do: 'pass'; readonly milliseconds: number };

const KEY = fc.constantFrom(...KEYS);
const ARCHIVES = fc.constantFrom(false, false, false, true);
const PASS: fc.Arbitrary<Mishap> = fc.record({
  do: fc.constant('pass' as const),
  milliseconds: fc.constantFrom(1, 2_000, 15_000),
});
/** What every server does that has clients. */
const ORDINARY: fc.Arbitrary<Mishap> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      key: KEY,
      archives: ARCHIVES,
      stamp: fc.constant('newer' as const),
      dropped: fc.constant(false),
    }),
  },
  { weight: 8, arbitrary: fc.constantFrom<Mishap>({ do: 'proceed' }, { do: 'proceed' }, { do: 'drop' }) },
  { weight: 3, arbitrary: PASS },
);
/** What only a server does that is in trouble. */
const TROUBLE: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 10, arbitrary: ORDINARY },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      key: KEY,
      archives: ARCHIVES,
      stamp: fc.constantFrom('newer' as const, 'same' as const, 'older' as const),
      dropped: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), key: KEY }) },
  { weight: 2, arbitrary: fc.constantFrom<Mishap>({ do: 'stall' }, { do: 'flow' }) },
);

interface Document {
  readonly key: string;
  readonly version: number;
  /** What tells two states of one version apart. */
  readonly value: string;
  readonly isArchived: boolean;
}

class FeatBitServer {
  readonly #net: FakeNetwork;
  readonly #documents = new Map<string, Document>();
  /** How many of a socket's messages have been answered, and the answer that has been read and not sent yet. */
  readonly #answered = new Map<FakeSocket, number>();
  readonly #read = new Map<FakeSocket, unknown>();
  readonly #stalled: { readonly socket: FakeSocket; readonly message: unknown }[] = [];
  #stalls = false;
  #newest = 1;
  #changes = 0;

  constructor(net: FakeNetwork) {
    this.#net = net;
  }

  /** The value of each active flag. */
  get values(): ReadonlyMap<string, string> {
    const active = [...this.#documents.values()].filter(({ isArchived }) => !isArchived);
    return new Map(active.map(({ key, value }) => [key, value]));
  }

  change({ key, archives, stamp, dropped }: Omit<Mishap & { readonly do: 'change' }, 'do'>): void {
    const version = this.#newest + { newer: 1, same: 0, older: -1 }[stamp];
    const held = this.#documents.get(key);
    // A document's own versions do not go back.
    if (held !== undefined && version < held.version) return;
    this.#newest = Math.max(this.#newest, version);
    this.#changes += 1;
    const document = { key, version, value: `value ${this.#changes}`, isArchived: archives };
    this.#documents.set(key, document);
    if (dropped) return;
    for (const socket of this.#net.liveSockets) this.#push(socket, messageOf('patch', [document]));
  }

  delete(key: string): void {
    this.#documents.delete(key);
  }

  stall(): void {
    this.#stalls = true;
  }

  flow(): void {
    this.#stalls = false;
    for (const { socket, message } of this.#stalled.splice(0)) socket.message(message);
  }

  /** Takes the next step of the connection: accepts it, reads an answer, or sends it. @returns whether there was one. */
  proceed(): boolean {
    const { socket } = this.#net;
    if (socket.state === 'connecting') {
      socket.open();
      return true;
    }
    if (socket.state !== 'open') return false;
    const read = this.#read.get(socket);
    if (read !== undefined) {
      this.#read.delete(socket);
      socket.message(read);
      return true;
    }
    const index = this.#answered.get(socket) ?? 0;
    const sent = socket.sent[index];
    if (sent === undefined) return false;
    this.#answered.set(socket, index + 1);
    this.#read.set(socket, this.#answerTo(sent));
    return true;
  }

  #answerTo(sent: string): unknown {
    const timestamp = timestampOf(sent);
    if (timestamp === undefined) return { messageType: 'pong', data: {} };
    const documents = [...this.#documents.values()];
    if (timestamp === 0) return messageOf('full', documents);
    return messageOf(
      'patch',
      documents.filter(({ version }) => versionOf(version) > timestamp),
    );
  }

  #push(socket: FakeSocket, message: unknown): void {
    if (this.#stalls) this.#stalled.push({ socket, message });
    else if (socket.state === 'open') socket.message(message);
  }
}

const ADA = { key: 'ada' };

/** A client of such a server. */
class Scene {
  readonly world: World;
  readonly server: FeatBitServer;
  /** What the server held when the connection was accepted that is now there, and has held ever since. */
  #atOpening = new Set<string>();

  /** @param isInTrouble whether the server is: its versions say nothing then of what is whole. */
  constructor(times: StreamingTimes, isInTrouble: boolean) {
    this.#judged = isInTrouble;
    this.world = new World(times);
    this.server = new FeatBitServer(this.world.net);
    for (const key of KEYS.slice(0, 2)) this.server.change({ key, archives: false, stamp: 'newer', dropped: false });
  }

  async take(mishap: Mishap): Promise<void> {
    const { world, server } = this;
    switch (mishap.do) {
      case 'change':
        server.change(mishap);
        // An answer that is read now says so, even if it is restored before the answer comes.
        if (mishap.archives) this.#atOpening.delete(mishap.key);
        break;
      case 'delete':
        server.delete(mishap.key);
        break;
      case 'proceed':
        this.#step();
        break;
      case 'drop':
        world.net.socket.drop();
        break;
      case 'stall':
        server.stall();
        break;
      case 'flow':
        server.flow();
        break;
      case 'pass':
        await world.clock.advance(mishap.milliseconds);
        break;
    }
    await world.clock.settle();
    this.judge();
  }

  /** The server does all that it has to do. */
  async proceed(): Promise<void> {
    if (this.world.net.liveSockets.length === 0) await this.world.clock.advance(must(this.world.clock.untilNext));
    while (this.#step()) await this.world.clock.settle();
    this.judge();
  }

  /** In sync for the first time means: with everything that there was when the connection was accepted. */
  judge(): void {
    if (!this.world.told.some((told) => told === 'in sync' || told === 'confirmed')) return;
    if (this.#judged) return;
    this.#judged = true;
    const held = new Set(this.world.store.activeFlags().map(({ key }) => key));
    const still = [...this.#atOpening].filter((key) => this.server.values.has(key));
    expect(still.filter((key) => !held.has(key))).toEqual([]);
  }

  #judged: boolean;

  #step(): boolean {
    if (this.world.net.socket.state === 'connecting') this.#atOpening = new Set(this.server.values.keys());
    return this.server.proceed();
  }

  expectTheTruth(): void {
    for (const key of KEYS) {
      const outcome = evaluate(this.world.store, true, key, ADA);
      const held = outcome instanceof Failure ? undefined : outcome.variation.value;
      expect(held, key).toBe(this.server.values.get(key));
    }
  }
}

it('whatever pushes overtake answers, and whatever answers do not come, nothing is missed', async () => {
  await check(
    fc.asyncProperty(fc.array(ORDINARY, { maxLength: 40 }), async (mishaps) => {
      const scene = new Scene(STREAMING_TIMES, false);
      for (const mishap of mishaps) await scene.take(mishap);
      await scene.proceed();
      scene.expectTheTruth();
    }),
    400,
  );
});

it('whatever a server in trouble does not push, or its cursor misses, is right after a healing period', async () => {
  const interval = fc.constantFrom(5_000, 5_000, false as const);
  await check(
    fc.asyncProperty(fc.array(TROUBLE, { maxLength: 40 }), interval, async (mishaps, resyncInterval) => {
      const scene = new Scene({ ...STREAMING_TIMES, resyncInterval, fullResyncInterval: 20_000 }, true);
      for (const mishap of mishaps) await scene.take(mishap);
      await scene.take({ do: 'flow' });
      for (let second = 0; second < 40; second++) {
        await scene.proceed();
        await scene.take({ do: 'pass', milliseconds: 1_000 });
      }
      await scene.proceed();
      scene.expectTheTruth();
    }),
    250,
  );
});

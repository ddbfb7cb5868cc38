import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FlagStore } from '../../src/flags/store.js';
import { decodeConnectionToken } from '../../src/protocol/connection-token.js';
import { Log } from '../../src/runtime/log.js';
import type { Socket, SocketHandlers } from '../../src/runtime/platform.js';
import { Intake } from '../../src/sync/intake.js';
import { StreamingSource } from '../../src/sync/streaming.js';
import type { FakeClock } from '../support/fake-clock.js';
import { FakeNetwork, FakePlatform, type FakeSocket } from '../support/fake-network.js';
import { must } from '../support/must.js';
import { check } from '../support/property.js';
import { COMPILING } from '../support/store.js';
import { full, patch, updatedAt, versionOf, wireFlag } from '../support/wire.js';

// The streaming source with the real intake and store behind it, against a server of whims: whatever it does, in
// whatever order and at whatever time.

const TIMES = { connectTimeout: 5_000, firstRetryDelay: 1_000, maxRetryDelay: 60_000, pingInterval: 15_000 };
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
  /** Whether everything was brought once, or confirmed by an answered ping that did not go out with the first data. */
  #whole = false;
  /** The connection that data came over last, and when it first did. */
  #live: { readonly socket: FakeSocket; readonly since: number } | undefined;
  /** The cursor that each socket asks with once it is open. */
  readonly #cursors = new Map<FakeSocket, number>();
  /** What the last request asked from, unless its answer has come for certain. */
  #unanswered: number | undefined;
  #answersPings = false;

  constructor() {
    const log = new Log(undefined, this.clock);
    this.intake = new Intake(this.store, COMPILING, this.clock, log, {
      committed: (_changes, { inSync }) => this.told.push(inSync ? 'in sync' : 'stale'),
      affected: () => undefined,
      confirmed: () => this.told.push('confirmed'),
      interrupted: () => this.told.push('interrupted'),
      failed: () => this.told.push('failed'),
    });
    const settings = { url: 'ws://featbit.test', secret: SECRET, times: TIMES };
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
        if (socket.state === 'connecting') {
          this.#unanswered ??= this.cursor;
          this.#cursors.set(socket, this.#unanswered);
        }
        socket.open();
        break;
      case 'pong':
        if (socket.state === 'open' && socket === this.#live?.socket) {
          this.#answersPings = true;
          this.#unanswered = undefined;
          if (this.clock.elapsed() - this.#live.since >= TIMES.pingInterval) this.#whole = true;
        }
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

  get cursor(): number {
    return this.#whole ? Math.max(0, ...this.#expected.values()) : 0;
  }

  expectCommit(kind: 'full' | 'patch', flags: Versions): void {
    if (kind === 'full') this.#expected = new Map();
    for (const { key, version } of flags) {
      this.#expected.set(key, Math.max(versionOf(version), this.#expected.get(key) ?? 0));
    }
    if (kind === 'full') this.#whole = true;
    if (kind === 'full' || flags.length === 0 || !this.#answersPings) this.#unanswered = undefined;
    const { socket } = this.net;
    if (this.#live?.socket !== socket) this.#live = { socket, since: this.clock.elapsed() };
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
    const [request, ...pings] = socket.sent;
    if (request === undefined) return;
    expect(JSON.parse(request)).toEqual({ messageType: 'data-sync', data: { timestamp: this.#cursors.get(socket) } });
    for (const ping of pings) expect(ping).toBe(PING);
  }

  #judgeTimes(): void {
    const { opened, gone } = this.net;
    for (const [index, end] of gone.entries()) {
      const next = opened[index + 1] ?? (this.ended ? end : this.clock.elapsed());
      if (Number.isFinite(end)) expect(next - end).toBeLessThanOrEqual(TIMES.maxRetryDelay);
    }
  }
}

function messageOf(
  kind: 'full' | 'patch',
  flags: readonly { readonly key: string; readonly version: number }[],
): unknown {
  const wire = flags.map(({ key, version }) => wireFlag(key, `on-${version}`, { updatedAt: updatedAt(version) }));
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

// The same client and a server that is good but unlucky: it answers a connection's messages in their order, pushes what
// changes without waiting for that, and loses connections at any moment.

const KEYS = ['a', 'b', 'c', 'd'] as const;
type Mishap =
  | { readonly do: 'change'; readonly key: (typeof KEYS)[number] }
  | { readonly do: 'proceed' }
  | { readonly do: 'drop' }
  | { readonly do: 'pass'; readonly milliseconds: number };
const MISHAP: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 4, arbitrary: fc.constantFrom<Mishap>({ do: 'proceed' }, { do: 'drop' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(1, 2_000, 15_000) }),
  },
);

class UnluckyServer {
  readonly #net: FakeNetwork;
  readonly #versions = new Map<string, number>();
  /** How many of a socket's messages have been answered. */
  readonly #answered = new Map<FakeSocket, number>();
  #newest = 0;

  constructor(net: FakeNetwork) {
    this.#net = net;
  }

  get versions(): ReadonlyMap<string, number> {
    return this.#versions;
  }

  change(key: string): void {
    this.#newest += 1;
    this.#versions.set(key, this.#newest);
    for (const socket of this.#net.liveSockets) socket.message(messageOf('patch', this.#newerThan(this.#newest - 1)));
  }

  /** Takes the next step of a connection: accepts it, or answers its next message. @returns whether there was one. */
  proceed(): boolean {
    const socket = this.#net.socket;
    if (socket.state === 'connecting') {
      socket.open();
      return true;
    }
    const index = this.#answered.get(socket) ?? 0;
    const sent = socket.sent[index];
    if (socket.state !== 'open' || sent === undefined) return false;
    this.#answered.set(socket, index + 1);
    const { messageType, data } = JSON.parse(sent) as { messageType: string; data: { timestamp: number } };
    if (messageType === 'ping') socket.message({ messageType: 'pong', data: {} });
    else if (data.timestamp === 0) socket.message(messageOf('full', this.#newerThan(0)));
    else socket.message(messageOf('patch', this.#newerThan(data.timestamp - versionOf(0))));
    return true;
  }

  #newerThan(than: number): { readonly key: string; readonly version: number }[] {
    return [...this.#versions].filter(([, version]) => version > than).map(([key, version]) => ({ key, version }));
  }
}

it('whatever pushes overtake answers that then do not come, nothing is missed', async () => {
  await check(
    fc.asyncProperty(fc.array(MISHAP, { maxLength: 30 }), async (mishaps) => {
      const world = new World();
      const server = new UnluckyServer(world.net);
      const proceed = async (): Promise<void> => {
        while (server.proceed()) await world.clock.settle();
      };
      server.change('a');
      // Accepted, answered, and its first ping too: from here on it is a server that answers pings.
      await proceed();
      for (const mishap of mishaps) {
        if (mishap.do === 'change') server.change(mishap.key);
        else if (mishap.do === 'proceed') server.proceed();
        else if (mishap.do === 'drop') world.net.socket.drop();
        else await world.clock.advance(mishap.milliseconds);
        await world.clock.settle();
      }
      if (world.net.liveSockets.length === 0) await world.clock.advance(must(world.clock.untilNext));
      await proceed();
      for (const [key, version] of server.versions)
        expect(world.store.flag(key)?.version, key).toBe(versionOf(version));
    }),
    250,
  );
});

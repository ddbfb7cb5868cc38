/** Data from a server with the flaws of a real one: it pushes before it answers, stalls, drops, and forgets. */
import {
  type FeatBitServer,
  type FeatBitServerOptions,
  segmentFlag,
  segmentOf,
  servingFlag,
} from '../server/featbit/index.js';
import type { SuiteCase } from '../suite/case.js';
import { ADA, type CaseSettings, type Trial, type TrialClient } from '../suite/trial.js';
import { type Behaviour, group, STREAMING } from './support.js';

/** An answer takes so long to be made, in milliseconds, and is as old as its question. */
const LATE: FeatBitServerOptions = { answerCosts: { base: 300, perDocument: 0 } };
const RESYNC: CaseSettings = { resyncIntervalMs: 300 };
const FULL_RESYNC: CaseSettings = { resyncIntervalMs: 300, fullResyncIntervalMs: 700 };
const BETA = segmentOf('beta', []);
/** Pushes of a transaction beyond what the server's queue holds. */
const TRANSACTION = 1_100;

/** A server whose flags a and b serve "old" to everybody, and s the users of a segment that is empty. */
async function serverWith(trial: Trial, options?: FeatBitServerOptions): Promise<FeatBitServer> {
  const server = await trial.featbitServer(options);
  server.environment.load([servingFlag('a', 'old'), servingFlag('b', 'old'), segmentFlag('s', BETA.id)], [BETA]);
  return server;
}

async function readyClient(
  trial: Trial,
  settings?: CaseSettings,
  options?: FeatBitServerOptions,
): Promise<{ server: FeatBitServer; client: TrialClient }> {
  const server = await serverWith(trial, options);
  const client = await trial.client(server, {}, settings);
  await client.ready();
  return { server, client };
}

/** Waits until a connection (from 1) has asked for data. */
const asked = (trial: Trial, server: FeatBitServer, count = 1): Promise<unknown> =>
  server.until(
    `a request for data on connection ${count}`,
    () => server.streams.connections[count - 1]?.requests[0],
    trial.reconnectDeadline,
  );

/** Waits until that request is answered, and the answer has had time to be taken in. */
async function answered(trial: Trial, server: FeatBitServer, count = 1): Promise<void> {
  await server.until('the answer', () => server.streams.connections[count - 1]?.requests[0]?.answer, 5_000);
  await trial.pause(200);
}

/** A stamp, in microseconds, at the begin of a millisecond. */
const millisecond = (): number => Date.now() * 1_000;

const PUSHES: [name: string, what: string, push: (server: FeatBitServer) => void, flag: string, value: string][] = [
  ['flag', 'A flag', ({ environment }) => environment.setValue('a', 'new'), 'a', 'new'],
  ['new-flag', 'A new flag', ({ environment }) => environment.saveFlags([servingFlag('c', 'new')]), 'c', 'new'],
  ['archived', 'The archiving of a flag', ({ environment }) => environment.archive('a'), 'a', 'fallback'],
  ['segment', 'A segment', ({ environment }) => environment.saveSegment({ ...BETA, included: [ADA.key] }), 's', 'in'],
];

const overtakenAtStart = PUSHES.map(
  ([name, what, push, flag, value]): Behaviour => ({
    id: `start-overtaken-${name}`,
    rule: 'field.overtaken',
    description: `${what} that is pushed before the first answer, which is older, is right after it.`,
    needs: STREAMING,
    async run(trial) {
      const server = await serverWith(trial, LATE);
      const client = await trial.client(server);
      await asked(trial, server);
      push(server);
      await answered(trial, server);
      await trial.eventually(`the value of ${flag}`, () => client.value(flag), value);
    },
  }),
);

const overtakenAfterReconnection = PUSHES.map(
  ([name, what, push, flag, value]): Behaviour => ({
    id: `reconnection-overtaken-${name}`,
    rule: 'field.overtaken',
    description: `${what} that is pushed before a reconnection’s answer, an older full, is right after it.`,
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { ...LATE, answersCursorsWithFulls: true });
      server.streams.cut();
      await asked(trial, server, 2);
      push(server);
      await answered(trial, server, 2);
      await trial.eventually(`the value of ${flag}`, () => client.value(flag), value);
    },
  }),
);

/** Ways in which the SDK gets to know of a change that was not pushed, with the settings that make them quick. */
const HEALED: [name: string, rule: string, description: string, settings: CaseSettings, change: Change][] = [
  [
    'stalled',
    'field.resync',
    'While no push comes, a change is asked for on the open stream.',
    RESYNC,
    ({ environment, pushes }) => {
      pushes.stall();
      environment.setValue('a', 'new');
    },
  ],
  [
    'dropped',
    'field.full-resync',
    'A push that the server has dropped, behind the cursor by now, comes with a full.',
    FULL_RESYNC,
    ({ environment, pushes }) => {
      environment.load(Array.from({ length: TRANSACTION }, (_, index) => servingFlag(`flag-${index}`, 'old')));
      pushes.stall();
      environment.saveFlags([
        environment.withValue('a', 'new'),
        ...Array.from({ length: TRANSACTION }, (_, index) => environment.withValue(`flag-${index}`, 'new')),
      ]);
      pushes.resume();
    },
  ],
  [
    'late-commit',
    'field.full-resync',
    'A change that is committed after a later one, and not pushed, comes with a full.',
    FULL_RESYNC,
    ({ environment, pushes }) => {
      environment.setValue('b', 'new');
      pushes.stall();
      environment.setValue('a', 'new', { stamp: millisecond() - 1_000_000 });
      pushes.drop();
    },
  ],
];

type Change = (server: FeatBitServer) => void;

const healed = HEALED.map(
  ([name, rule, description, settings, change]): Behaviour => ({
    id: name,
    rule,
    description,
    needs: ['streaming', 'resync'],
    async run(trial) {
      const { server, client } = await readyClient(trial, settings);
      change(server);
      await trial.eventually('the value', () => client.value('a'), 'new', 6_000);
      trial.equal('the number of connections', server.streams.connections.length, 1);
    },
  }),
);

const others: Behaviour[] = [
  {
    id: 'start-whole',
    rule: 'field.whole',
    description: 'A push before the first answer does not make the SDK ready: when it is, every flag is there.',
    needs: STREAMING,
    async run(trial) {
      const server = await serverWith(trial, LATE);
      const client = await trial.client(server);
      await asked(trial, server);
      server.environment.setValue('a', 'new');
      await client.ready();
      trial.equal('the value of another flag at that moment', await client.value('b'), 'old');
    },
  },
  {
    id: 'start-not-initialised',
    rule: 'field.whole',
    description: 'A push before the first answer does not initialise.',
    needs: ['streaming', 'initialized'],
    async run(trial) {
      const server = await serverWith(trial, LATE);
      const client = await trial.client(server);
      await asked(trial, server);
      server.environment.setValue('a', 'new');
      await trial.pause(120);
      trial.equal('the answers by then', server.streams.connections[0]?.requests[0]?.answer, undefined);
      trial.equal('initialised', await client.initialized(), false);
    },
  },
  {
    id: 'reconnection-last-heard',
    rule: 'field.overtaken',
    description: 'What listeners hear last, after a reconnection whose full was overtaken, is the change.',
    needs: ['streaming', 'flagListeners'],
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { ...LATE, answersCursorsWithFulls: true });
      await client.listen('listener');
      server.streams.cut();
      await asked(trial, server, 2);
      server.environment.setValue('a', 'new');
      await answered(trial, server, 2);
      const lastHeard = async (): Promise<unknown> => {
        const changes = await client.changes('listener');
        return changes.filter(({ flagKey }) => flagKey === 'a').at(-1)?.value;
      };
      await trial.eventually('the value that was heard last', lastHeard, 'new');
    },
  },
  {
    id: 'same-millisecond',
    rule: 'field.full-resync',
    description: 'A change in the millisecond of another, which the SDK has, comes with a full.',
    needs: ['streaming', 'resync'],
    async run(trial) {
      const { server, client } = await readyClient(trial, FULL_RESYNC);
      const stamp = millisecond();
      server.environment.setValue('b', 'new', { stamp });
      await trial.eventually('the value of the first', () => client.value('b'), 'new');
      server.pushes.stall();
      server.environment.setValue('a', 'new', { stamp: stamp + 1 });
      await trial.eventually('the value of the second', () => client.value('a'), 'new', 6_000);
    },
  },
  {
    id: 'polled-same-millisecond',
    rule: 'field.full-resync',
    description: 'A change in the millisecond of another, which a poll has brought, comes with a poll for everything.',
    needs: ['polling', 'resync'],
    async run(trial) {
      const server = await serverWith(trial);
      const client = await trial.client(server, { mode: 'polling' }, { pollsPerFullSync: 5 });
      await client.ready();
      const stamp = millisecond();
      server.environment.setValue('b', 'new', { stamp });
      await trial.eventually('the value of the first', () => client.value('b'), 'new');
      server.environment.setValue('a', 'new', { stamp: stamp + 1 });
      await trial.eventually('the value of the second', () => client.value('a'), 'new', 6_000);
    },
  },
  {
    id: 'resync-quiet',
    rule: 'field.quiet-resync',
    description: 'Requests for what is new and for everything notify of nothing but what is different.',
    needs: ['streaming', 'resync', 'flagListeners'],
    waits: '1.5 s of repeated requests',
    async run(trial) {
      const { server, client } = await readyClient(trial, { resyncIntervalMs: 200, fullResyncIntervalMs: 400 });
      await client.listen('listener');
      await trial.pause(1_500);
      const requests = server.streams.connections[0]?.requests ?? [];
      trial.check(
        'repeated requests, for everything too',
        requests.slice(1).some(({ cursor }) => cursor === 0),
        requests,
      );
      trial.equal('what was heard', await client.changes('listener'), []);
      server.pushes.stall();
      server.environment.setValue('a', 'new');
      await trial.eventually('the value', () => client.value('a'), 'new');
      await trial.pause(500);
      const heard = (await client.changes('listener')).map(({ flagKey }) => flagKey);
      trial.equal('what was heard then', heard, ['a']);
    },
  },
  {
    id: 'resync-unanswered',
    rule: 'field.unanswered-resync',
    description: 'While the server leaves repeated requests unanswered and answers pings, connection and data stay.',
    needs: ['streaming', 'resync'],
    waits: '2 s of requests without an answer',
    async run(trial) {
      const { server, client } = await readyClient(trial, { ...FULL_RESYNC, pingIntervalMs: 300 });
      server.store.become('away');
      await trial.pause(2_000);
      trial.equal('the value', await client.value('a'), 'old');
      server.store.become('up');
      server.environment.setValue('a', 'new');
      await trial.eventually('the value', () => client.value('a'), 'new');
      trial.equal('the number of connections', server.streams.connections.length, 1);
    },
  },
  {
    id: 'no-store',
    rule: 'field.no-store',
    description: 'A stream outlives an absence of the server’s store, and what is pushed afterwards arrives.',
    needs: STREAMING,
    waits: '1.5 s without a store',
    async run(trial) {
      const { server, client } = await readyClient(trial, { pingIntervalMs: 300 });
      server.store.become('away');
      await trial.pause(1_500);
      trial.equal('the value', await client.value('a'), 'old');
      server.store.become('up');
      server.environment.setValue('a', 'new');
      await trial.eventually('the value', () => client.value('a'), 'new');
      trial.equal('the number of connections', server.streams.connections.length, 1);
    },
  },
  {
    id: 'no-store-at-start',
    rule: 'field.no-store',
    description: 'A connection that is closed because the store is away is tried again until it is back.',
    needs: STREAMING,
    waits: '500 ms without a store',
    async run(trial) {
      const server = await serverWith(trial);
      server.store.become('away');
      const client = await trial.client(server);
      await server.until('an attempt', () => server.streams.attempts[0], 5_000);
      await trial.pause(500);
      server.store.become('up');
      await client.ready(trial.reconnectDeadline);
    },
  },
  {
    id: 'restart',
    rule: 'field.restart',
    description:
      'A server that stops (1006, then 1000 to who comes meanwhile) and returns is found, with what changed.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await server.stop();
      server.environment.setValue('a', 'new');
      await server.listen();
      await trial.eventually('the value', () => client.value('a'), 'new', trial.reconnectDeadline);
    },
  },
  {
    id: 'upgrade-retry-after',
    rule: 'field.upgrade-retry-after',
    description: 'After an upgrade that is refused with 503 and Retry-After: 2 the next attempt comes then.',
    needs: STREAMING,
    waits: '2 s of Retry-After',
    async run(trial) {
      const server = await serverWith(trial);
      server.streams.refusal = { status: 503, retryAfter: '2' };
      await trial.client(server);
      const first = await server.until('an attempt', () => server.streams.attempts[0], 5_000);
      await server.until('its end', () => (first.outcome === 503 ? true : undefined), 5_000);
      server.streams.refusal = undefined;
      const next = await server.until('the next attempt', () => server.streams.attempts[1], trial.reconnectDeadline);
      trial.check('a next attempt after 2 s and not much later', isBetween(next.at - first.at, 1_950, 4_500), {
        milliseconds: Math.round(next.at - first.at),
      });
    },
  },
  {
    id: 'upgrade-stripped',
    rule: 'field.upgrade-stripped',
    description:
      'Where a proxy does not pass the upgrade, and the server answers it with 401, the log names the proxy.',
    needs: ['streaming', 'logs'],
    async run(trial) {
      const server = await serverWith(trial);
      server.streams.stripsUpgrades = true;
      const client = await trial.client(server);
      const namesProxy = async (): Promise<boolean> =>
        (await client.logs()).some(({ message }) => /proxy|proxies/i.test(message));
      await trial.eventually('a message that names a proxy', namesProxy, true, 5_000);
    },
  },
  {
    id: 'polls-compressed',
    rule: 'http.gzip',
    description: 'A poll asks for gzip and reads it.',
    needs: ['polling'],
    async run(trial) {
      const server = await serverWith(trial, { compressesPolls: true });
      const client = await trial.client(server, { mode: 'polling' });
      await client.ready();
      trial.equal('the value', await client.value('a'), 'old');
      const asks = String(server.polling.polls[0]?.headers['accept-encoding'] ?? '');
      trial.check('an Accept-Encoding with gzip', asks.includes('gzip'), asks);
    },
  },
];

const isBetween = (value: number, least: number, most: number): boolean => value >= least && value <= most;

export const featbitSync: SuiteCase[] = group('featbit-sync', [
  ...overtakenAtStart,
  ...overtakenAfterReconnection,
  ...healed,
  ...others,
]);

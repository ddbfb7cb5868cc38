/** Events at a server with the flaws of a real one: it is slow, goes on with what was given up, and refuses whole batches. */
import { type FeatBitServer, type FeatBitServerOptions, servingFlag } from '../server/featbit/index.js';
import type { SuiteCase } from '../suite/case.js';
import type { CaseSettings, Trial, TrialClient } from '../suite/trial.js';
import { type Behaviour, group } from './support.js';

const TRACK: Behaviour['needs'] = ['streaming', 'track', 'flush'];
/** Half of a surrogate pair: what is left of an emoji that was cut. */
const HALF = '\ud83d';
/** What takes its place. */
const REPLACED = '\ufffd';
const EVENTS = 20;
/** Requests for a batch of 21 with one event that the server refuses: halving needs ten, and a 500 is tried again. */
const MOST_REQUESTS = 30;

async function readyClient(
  trial: Trial,
  options?: FeatBitServerOptions,
  settings?: CaseSettings,
): Promise<{ server: FeatBitServer; client: TrialClient }> {
  const server = await trial.featbitServer(options);
  server.environment.load([servingFlag('a', 'old'), servingFlag('cut', `cut ${HALF}`)]);
  const client = await trial.client(server, {}, settings);
  await client.ready();
  return { server, client };
}

/** Records events that are told apart by their users. @returns their identities in the ledger. */
async function trackMany(client: TrialClient, count: number, from = 0): Promise<string[]> {
  const ids: string[] = [];
  for (let index = from; index < from + count; index++) {
    await client.track({ key: `user-${index}` }, 'click', index);
    ids.push(`user-${index} click ${index}`);
  }
  return ids;
}

/** Fails the case unless each event becomes a row, once. */
async function keptOnce(trial: Trial, server: FeatBitServer, ids: string[], timeoutMs: number): Promise<void> {
  const missing = async (): Promise<number> => ids.filter((id) => server.ledger.timesKept(id) === 0).length;
  await trial.eventually('the number of events that are missing', missing, 0, timeoutMs);
  await trial.pause(300);
  trial.equal(
    'the events that were kept twice',
    ids.filter((id) => server.ledger.timesKept(id) > 1),
    [],
  );
}

/** Records an event that the server cannot read, and the identity that it should have in the ledger. */
const TEXTS: [name: string, where: string, record: (client: TrialClient) => Promise<unknown>, id?: string][] = [
  ['key', 'a user’s key', (client) => client.track({ key: `p${HALF}` }, 'click', 1), `p${REPLACED} click 1`],
  ['name', 'a user’s name', (client) => client.track({ key: 'p', name: HALF }, 'click', 1), 'p click 1'],
  [
    'attribute',
    'an attribute',
    (client) => client.track({ key: 'p', custom: { city: HALF } }, 'click', 1),
    'p click 1',
  ],
  ['event-name', 'an event’s name', (client) => client.track({ key: 'p' }, `e${HALF}`, 1), `p e${REPLACED} 1`],
  ['flag-value', 'the value of a flag', (client) => client.value('cut', { key: 'p' })],
];

const texts = TEXTS.map(
  ([name, where, record, id]): Behaviour => ({
    id: `half-pair-${name}`,
    rule: 'field.half-pair',
    description: `With half of a surrogate pair in ${where} the event and all others of its batch are kept.`,
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await record(client);
      const others = await trackMany(client, EVENTS);
      await client.flush();
      await keptOnce(trial, server, id === undefined ? others : [id, ...others], 10_000);
      trial.equal('the number of events', server.ledger.summary.kept, EVENTS + 1);
    },
  }),
);

const refused = ([400, 500] as const).map(
  (status): Behaviour => ({
    id: `refused-${status}`,
    rule: 'field.divided',
    description: `When the server refuses a batch with ${status} because of one event, the others are kept, in few requests.`,
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial, {
        refusesEvent: ({ userKey }) => (userKey === 'refused' ? status : undefined),
      });
      const before = await trackMany(client, EVENTS / 2);
      await client.track({ key: 'refused' }, 'click', 1);
      const after = await trackMany(client, EVENTS / 2, EVENTS / 2);
      await client.flush();
      await keptOnce(trial, server, [...before, ...after], 15_000);
      await trial.pause(500);
      const requests = server.ledger.requests.length;
      trial.check(`at most ${MOST_REQUESTS} requests`, requests <= MOST_REQUESTS, requests);
    },
  }),
);

export const featbitEvents: SuiteCase[] = group('featbit-events', [
  ...texts,
  ...refused,
  {
    id: 'metric-range',
    rule: 'field.metric-range',
    description: 'A metric that a 32-bit float cannot hold does not take the others of its batch with it.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track({ key: 'p' }, 'large', 1e39);
      const others = await trackMany(client, EVENTS);
      await client.flush();
      await keptOnce(trial, server, others, 10_000);
    },
  },
  {
    id: 'metric-range-counted',
    rule: 'field.metric-range',
    description: 'A metric that a 32-bit float cannot hold is counted as dropped.',
    needs: [...TRACK, 'counters'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track({ key: 'p' }, 'large', -1e39);
      const others = await trackMany(client, 1);
      await client.flush();
      await keptOnce(trial, server, others, 10_000);
      trial.equal('the number of dropped events', await client.dropped(), 1);
    },
  },
  {
    id: 'slow',
    rule: 'field.slow-events',
    description: 'Events that the server takes 7 s for are not sent a second time meanwhile.',
    needs: TRACK,
    waits: '7 s of the server’s work',
    async run(trial) {
      const { server, client } = await readyClient(
        trial,
        { insights: { latency: 7_000 } },
        // What the SDK does by itself is looked at.
        { eventRequestTimeoutMs: undefined, eventRetryIntervalMs: undefined, eventMaxRetries: undefined },
      );
      const events = await trackMany(client, EVENTS);
      await client.flush();
      const isAnswered = (): true | undefined => (server.ledger.requests[0]?.answer === undefined ? undefined : true);
      await server.until('the first answer', isAnswered, 15_000);
      await trial.pause(500);
      trial.equal('the number of requests', server.ledger.requests.length, 1);
      await keptOnce(trial, server, events, 1_000);
    },
  },
  {
    id: 'absence',
    rule: 'field.absence',
    description: 'Events that are recorded while the server is away for 3 s are kept when it is back, each once.',
    needs: TRACK,
    waits: '3 s without a server',
    async run(trial) {
      const { server, client } = await readyClient(
        trial,
        {},
        { flushIntervalMs: 500, eventRetryIntervalMs: undefined, eventMaxRetries: undefined },
      );
      await server.stop();
      const events: string[] = [];
      for (let round = 0; round < 6; round++) {
        events.push(...(await trackMany(client, 5, round * 5)));
        await client.flush();
        await trial.pause(500);
      }
      await server.listen();
      await keptOnce(trial, server, events, 30_000);
    },
  },
  {
    id: 'limited',
    rule: 'deliver.retry-after',
    description: 'Under a limit of two requests in 3 s all events are kept, each once.',
    needs: TRACK,
    waits: '3 s of Retry-After',
    async run(trial) {
      const { server, client } = await readyClient(trial, {
        insightLimit: { requests: 2, perMilliseconds: 3_000 },
      });
      const events: string[] = [];
      for (let round = 0; round < 4; round++) {
        events.push(...(await trackMany(client, 2, round * 2)));
        await client.flush();
        await trial.pause(100);
      }
      await keptOnce(trial, server, events, 15_000);
    },
  },
]);

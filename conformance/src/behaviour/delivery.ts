import type { HttpAnswer, InsightRequest, ScriptedServer } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import { ADA, type Trial, type TrialClient } from '../suite/trial.js';
import { type Behaviour, flag, group, patchOf, readyClient, second } from './support.js';

const TRACK: Behaviour['needs'] = ['streaming', 'track', 'flush'];
const LARGEST_BATCH = 50;

async function trackMany(client: TrialClient, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await client.track({ key: `user-${index}` }, `event-${index}`, index);
}

const eventName = (event: Record<string, unknown>): unknown =>
  (event.metrics as { eventName?: unknown }[] | undefined)?.[0]?.eventName;

/** The names of the metrics that were sent in requests that were answered with 2xx. */
const namesIn = (server: ScriptedServer): unknown[] => server.events.map(eventName);

/** Answers of a first request that call for a retry soon. */
const RETRIED: [name: string, answer: HttpAnswer][] = [
  ['400', { status: 400 }],
  ['408', { status: 408 }],
  ['429', { status: 429 }],
  ['500', { status: 500 }],
  ['503', { status: 503 }],
  ['reset', 'reset'],
];

const retried = RETRIED.map(
  ([name, answer]): Behaviour => ({
    id: `retry-${name}`,
    rule: 'deliver.retry',
    description: `A request that ends with ${name} is tried again.`,
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = (_request, count) => (count === 1 ? answer : { status: 200 });
      await client.track(ADA, 'click', 1);
      await client.flush();
      const second = await server.until('a second request', () => server.insights[1], 8_000);
      trial.equal('its events', (second.events ?? []).map(eventName), ['click']);
    },
  }),
);

/** Answers after which delivery ends, or rests for a minute at least. */
const terminal = [401, 403, 404].map(
  (code): Behaviour => ({
    id: `terminal-${code}`,
    rule: 'deliver.terminal',
    description: `After ${code} no further request is made, and flags go on working.`,
    needs: TRACK,
    waits: '2.5 s without a request',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => ({ status: code });
      await client.track(ADA, 'first', 1);
      await client.flush();
      await server.until('a request', () => server.insights[0], 5_000);
      // The answer must have reached the SDK before the next event.
      await trial.pause(300);
      await client.track(ADA, 'second', 1);
      await client.flush();
      await trial.pause(2_200);
      trial.equal('the number of requests', server.insights.length, 1);
      server.connection.send(patchOf(flag('a', 'two', second(2))));
      await trial.eventually('the value', () => client.value('a'), 'two');
    },
  }),
);

const done = [200, 202, 204].map(
  (code): Behaviour => ({
    id: `success-${code}`,
    rule: 'deliver.success',
    description: `After ${code} the events are not sent again.`,
    needs: TRACK,
    waits: '400 ms in which the events would be sent again',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => ({ status: code });
      await client.track(ADA, 'first', 1);
      await client.flush();
      await server.until('a request', () => server.insights[0], 5_000);
      await trial.pause(400);
      await client.track(ADA, 'second', 1);
      await client.flush();
      await server.until('the second event', () => (namesIn(server).includes('second') ? true : undefined), 5_000);
      trial.equal('the events', namesIn(server), ['first', 'second']);
    },
  }),
);

const others: Behaviour[] = [
  {
    id: 'too-large',
    rule: 'deliver.too-large',
    description: 'A batch that is refused with 413 comes in smaller requests; only what is too large alone is lost.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      const limit = 2_000;
      const taken: unknown[] = [];
      server.onInsight = ({ text, events = [] }) => {
        if (text.length > limit) return { status: 413 };
        taken.push(...events.map(eventName));
        return { status: 200 };
      };
      await trackMany(client, 10);
      await client.track({ key: 'large', custom: { note: 'x'.repeat(limit) } }, 'large', 1);
      await client.track(ADA, 'last', 1);
      await client.flush();
      await server.until('the last event', () => (taken.includes('last') ? true : undefined), 8_000);
      await trial.pause(300);
      const names = [...Array.from({ length: 10 }, (_, index) => `event-${index}`), 'last'];
      trial.equal('the events that were taken', taken.map(String).sort(), names);
    },
  },
  {
    id: 'batches',
    rule: 'deliver.batches',
    description: 'A hundred and twenty events come in requests of at most 50, each once.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await trackMany(client, 120);
      await client.flush();
      await server.until('120 events', () => (server.events.length >= 120 ? true : undefined), 8_000);
      const sizes = server.insights.map((request) => request.events?.length ?? 0);
      trial.check('requests of at most 50 events', Math.max(...sizes) <= LARGEST_BATCH, sizes);
      trial.equal('the number of different events', new Set(namesIn(server)).size, 120);
      trial.equal('the number of events', server.events.length, 120);
    },
  },
  {
    id: 'batches-after-outage',
    rule: 'deliver.batches',
    description:
      'Four hundred events that wait behind a silent server come in requests of at most 50 when it answers, each once.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => 'hang';
      await trackMany(client, 400);
      await client.flush();
      await server.until('a request', () => server.insights[0], 5_000);
      server.calm();
      await client.flush();
      await server.until('400 events', () => (server.events.length >= 400 ? true : undefined), 10_000);
      const sizes = server.insights.map((request) => request.events?.length ?? 0);
      trial.check('requests of at most 50 events', Math.max(...sizes) <= LARGEST_BATCH, sizes);
      trial.equal('the number of different events', new Set(namesIn(server)).size, 400);
      trial.equal('the number of events', server.events.length, 400);
    },
  },
  {
    id: 'batch-fills',
    rule: 'deliver.batch-fills',
    description: 'Fifty events are sent without a flush, long before the timer.',
    needs: ['streaming', 'track'],
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { flushIntervalMs: 60_000 });
      await trackMany(client, LARGEST_BATCH);
      await server.until('a request', () => server.insights[0], 4_000);
    },
  },
  {
    id: 'timer',
    rule: 'deliver.timer',
    description: 'One event is sent by the timer alone.',
    needs: ['streaming', 'track'],
    waits: 'the SDK’s flush interval (300 ms where it lets itself be told)',
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { flushIntervalMs: 300 });
      await client.track(ADA, 'click', 1);
      await server.until('a request', () => server.insights[0], 15_000);
    },
  },
  {
    id: 'flush',
    rule: 'deliver.flush',
    description: 'flush sends long before the timer.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { flushIntervalMs: 60_000 });
      await client.track(ADA, 'click', 1);
      await client.flush();
      await server.until('a request', () => server.insights[0], 4_000);
    },
  },
  {
    id: 'retry-bounded',
    rule: 'deliver.retry-bounded',
    description: 'A server that always fails sees a batch a bounded number of times.',
    needs: TRACK,
    waits: '3 s of failures',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => ({ status: 503 });
      await client.track(ADA, 'click', 1);
      await client.flush();
      await server.until('a request', () => server.insights[0], 5_000);
      await trial.pause(2_500);
      const before = server.insights.length;
      await trial.pause(500);
      trial.check('at most ten attempts', before <= 10, before);
      trial.equal('attempts after them', server.insights.length - before, 0);
    },
  },
  {
    id: 'retry-after',
    rule: 'deliver.retry-after',
    description: 'After a 429 with Retry-After: 2 the retry comes two seconds later, not sooner.',
    needs: TRACK,
    waits: '2 s of Retry-After',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = (_request, count) =>
        count === 1 ? { status: 429, headers: { 'Retry-After': '2' } } : { status: 200 };
      await client.track(ADA, 'click', 1);
      await client.flush();
      await server.until('a retry', () => server.insights[1], 8_000);
      const [first, retry] = server.insights;
      const gap = (retry?.at ?? 0) - (first?.at ?? 0);
      trial.check('a retry after 2 s or a little more', gap >= 1_950 && gap < 5_000, `${gap} ms`);
    },
  },
  {
    id: 'retry-same',
    rule: 'deliver.retry-same',
    description: 'A retry brings the same users, values and times.',
    needs: TRACK,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = (_request, count) => ({ status: count === 1 ? 503 : 200 });
      await client.value('a');
      await client.track({ key: 'ada', custom: { plan: 'pro' } }, 'click', 2.5);
      await client.flush();
      await server.until('a retry', () => server.insights[1], 8_000);
      trial.equal('the retry', server.insights[1]?.events, server.insights[0]?.events);
    },
  },
  {
    id: 'flush-waits',
    rule: 'deliver.flush-waits',
    description: 'A waiting flush ends when the events are there, after a retry too.',
    needs: ['streaming', 'track', 'flushAndWait'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = (_request, count) => ({ status: count === 1 ? 503 : 200 });
      await client.track(ADA, 'click', 1);
      const finished = await client.flushAndWait(8_000);
      trial.equal('the result', finished, true);
      trial.equal('the number of requests by then', server.insights.length, 2);
    },
  },
  {
    id: 'flush-waits-for-in-flight',
    rule: 'deliver.flush-waits',
    description: 'A waiting flush includes a request that was under way before it.',
    needs: ['streaming', 'track', 'flush', 'flushAndWait'],
    waits: '300 ms with a request under way',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => 'hang';
      await client.track(ADA, 'click', 1);
      await client.flush();
      await server.until('a request', () => server.insights[0], 5_000);
      let ended = false;
      const waiting = client.flushAndWait(5_000).then((finished) => {
        ended = true;
        return finished;
      });
      await trial.pause(300);
      trial.equal('whether the flush ended while the request was under way', ended, false);
      server.calm();
      trial.equal('the result', await waiting, true);
    },
  },
  {
    id: 'flush-waits-bounded',
    rule: 'deliver.flush-waits',
    description: 'A waiting flush ends with its time when the server is silent.',
    needs: ['streaming', 'track', 'flushAndWait'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => 'hang';
      await client.track(ADA, 'click', 1);
      const start = Date.now();
      trial.equal('the result', await client.flushAndWait(500), false);
      const took = Date.now() - start;
      trial.check('an end after about 500 ms', took >= 450 && took < 2_000, `${took} ms`);
    },
  },
  {
    id: 'flush-waits-failure',
    rule: 'deliver.flush-waits',
    description: 'A waiting flush ends when the events have finally failed.',
    needs: ['streaming', 'track', 'flushAndWait'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => ({ status: 503 });
      await client.track(ADA, 'click', 1);
      trial.equal('the result', await client.flushAndWait(8_000), true);
      trial.check('more than one attempt by then', server.insights.length > 1, server.insights.length);
    },
  },
  {
    id: 'not-held-up',
    rule: 'deliver.not-held-up',
    description: 'An event that comes while a batch waits for its retry is sent before it.',
    needs: TRACK,
    waits: '3 s of Retry-After at most',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = ({ events }) =>
        (events ?? []).some((event) => eventName(event) === 'stuck')
          ? { status: 503, headers: { 'Retry-After': '3' } }
          : { status: 200 };
      await client.track(ADA, 'stuck', 1);
      await client.flush();
      await server.until('the first request', () => server.insights[0], 5_000);
      await client.track(ADA, 'later', 1);
      await client.flush();
      const requestsOf = (name: string): InsightRequest[] =>
        server.insights.filter(({ events }) => (events ?? []).some((event) => eventName(event) === name));
      await server.until('the later event', () => requestsOf('later')[0], 5_000);
      trial.equal('the attempts of the first batch by then', requestsOf('stuck').length, 1);
    },
  },
  {
    id: 'bounded-queue',
    rule: 'deliver.bounded-queue',
    description:
      'With a silent server and room for 20 events, of 400 most are dropped and counted, and the first are kept.',
    needs: ['streaming', 'track', 'flush', 'eventQueueLimit', 'counters'],
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { maxEventsInQueue: 20, eventRequestTimeoutMs: 30_000 });
      server.onInsight = () => 'hang';
      await trackMany(client, 400);
      const dropped = await client.dropped();
      trial.check('some events to be dropped and some kept', dropped >= 50 && dropped < 400, dropped);
      server.calm();
      await client.flush();
      await server.until('the first event', () => (namesIn(server).includes('event-0') ? true : undefined), 5_000);
    },
  },
  {
    id: 'bounded-queue-loss-told',
    rule: 'deliver.bounded-queue',
    description: 'The loss of events from a full queue is in the log.',
    needs: ['streaming', 'track', 'eventQueueLimit', 'logs'],
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { maxEventsInQueue: 20 });
      server.onInsight = () => 'hang';
      const before = (await client.logs()).length;
      await trackMany(client, 400);
      const warnings = (await client.logs()).slice(before).filter((entry) => ['warn', 'error'].includes(entry.level));
      trial.check('a warning or an error in the log', warnings.length > 0, warnings.length);
    },
  },
  {
    id: 'close-sends',
    rule: 'deliver.close',
    description: 'close() sends what waits.',
    needs: ['streaming', 'track'],
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { flushIntervalMs: 60_000 });
      await trackMany(client, 3);
      await client.value('a');
      await client.close();
      trial.equal('the number of events by then', server.events.length, 4);
    },
  },
  {
    id: 'close-bounded',
    rule: 'deliver.close',
    description:
      'close() ends within its time (3 s where it lets itself be told, 8 s at most) with a silent event server.',
    needs: ['streaming', 'track'],
    waits: 'the SDK’s close time-out',
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { closeTimeoutMs: 3_000 });
      server.onInsight = () => 'hang';
      await client.track(ADA, 'click', 1);
      const took = await client.close(8_000);
      trial.check('an end within 8 s', took < 8_000, `${took} ms`);
    },
  },
  {
    id: 'close-once',
    rule: 'deliver.close',
    description: 'close() makes one last attempt with a failing server and then ends.',
    needs: ['streaming', 'track'],
    waits: '1.5 s without a request',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onInsight = () => ({ status: 503 });
      await client.track(ADA, 'click', 1);
      const took = await client.close(8_000);
      trial.check('at least one attempt', server.insights.length >= 1, server.insights.length);
      trial.check('an end within 8 s', took < 8_000, `${took} ms`);
      await afterClose(trial, server);
    },
  },
];

async function afterClose(trial: Trial, server: ScriptedServer): Promise<void> {
  const before = server.insights.length;
  await trial.pause(1_500);
  trial.equal('attempts after the close', server.insights.length - before, 0);
}

export const delivery: SuiteCase[] = group('delivery', [...others, ...done, ...retried, ...terminal]);

import type { SuiteCase } from '../suite/case.js';
import { ADA, SECRET } from '../suite/trial.js';
import { fullOf, group, ONE, readyClient } from './support.js';

interface Timed {
  user?: { keyId?: unknown; customizedProperties?: unknown };
  metrics?: { eventName?: unknown; timestamp?: unknown }[];
  variations?: { featureFlagKey?: unknown; timestamp?: unknown }[];
}

export const events: SuiteCase[] = group('events', [
  {
    id: 'request',
    rule: 'http.insight',
    description: 'Events are posted as a JSON array with the agreed content type.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track(ADA, 'click', 1);
      await client.flush();
      const request = await server.until('an event request', () => server.insights[0], 5_000);
      trial.equal('the path', request.path, '/api/public/insight/track');
      trial.check('a JSON array', request.events !== undefined, request.text);
      const type = (request.headers['content-type'] ?? '').toLowerCase().replace(/\s/g, '');
      trial.equal('Content-Type', type, 'application/json;charset=utf-8');
    },
  },
  {
    id: 'prefix',
    rule: 'http.insight',
    description: 'A path prefix of the event base is kept.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(ONE);
      const client = await trial.client(server, { eventUrl: `${server.httpUrl}/featbit/` });
      await client.ready();
      await client.track(ADA, 'click', 1);
      await client.flush();
      const request = await server.until('an event request', () => server.insights[0], 5_000);
      trial.equal('the path', request.path, '/featbit/api/public/insight/track');
    },
  },
  {
    id: 'authorization',
    rule: 'secret.authorization',
    description: 'The secret is in Authorization as it is.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track(ADA, 'click', 1);
      await client.flush();
      const request = await server.until('an event request', () => server.insights[0], 5_000);
      trial.equal('Authorization', request.headers.authorization, SECRET);
    },
  },
  {
    id: 'disabled',
    rule: 'event.offline',
    description: 'With events disabled nothing is sent.',
    needs: ['streaming', 'disableEvents', 'track', 'flush'],
    async run(trial) {
      const { server, client } = await readyClient(trial, { disableEvents: true });
      await client.value('a');
      await client.track(ADA, 'click', 1);
      await client.flush();
      await client.close();
      trial.equal('the number of event requests', server.insights.length, 0);
    },
  },
  {
    id: 'before-init',
    rule: 'event.before-init',
    description: 'A metric that is tracked before initialisation is sent.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      await client.track(ADA, 'early', 1);
      await client.flush();
      await server.until('the metric', () => server.events[0], 5_000);
    },
  },
  {
    id: 'not-ready-evaluation',
    rule: 'event.fallback',
    description: 'An evaluation before initialisation records nothing.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      await client.value('a');
      await client.track(ADA, 'early', 1);
      await client.flush();
      await server.until('the metric', () => server.events.find((event) => 'metrics' in event), 5_000);
      trial.equal(
        'evaluation events',
        server.events.filter((event) => 'variations' in event),
        [],
      );
    },
  },
  {
    id: 'closed',
    rule: 'event.closed',
    description: 'What is evaluated or tracked after close() is not sent.',
    needs: ['streaming', 'track', 'flush'],
    waits: '300 ms without a request',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.close();
      await client.value('a');
      await client.track(ADA, 'late', 1).catch(() => undefined);
      await trial.pause(300);
      trial.equal('the number of event requests', server.insights.length, 0);
    },
  },
  {
    id: 'snapshot-user',
    rule: 'event.snapshot',
    description: 'A user object that is changed after the call is sent as it was.',
    needs: ['streaming', 'track', 'flush', 'mutateUser'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track({ key: 'ada', custom: { plan: 'free' } }, 'click', 1, { plan: 'pro' });
      await client.flush();
      const event = (await server.until('the metric', () => server.events[0], 5_000)) as Timed;
      trial.equal('the properties', event.user?.customizedProperties, [{ name: 'plan', value: 'free' }]);
    },
  },
  {
    id: 'snapshot-time',
    rule: 'event.snapshot',
    description: 'The time of an event is that of the call, not of its sending.',
    needs: ['streaming', 'track', 'flush'],
    waits: '1.6 s between the call and the flush',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      const start = Date.now();
      await client.track(ADA, 'click', 1);
      await client.value('a');
      const end = Date.now();
      await trial.pause(1_600);
      await client.flush();
      await server.until('two events', () => server.events[1], 5_000);
      const times = (server.events as Timed[]).map(
        (event) => event.metrics?.[0]?.timestamp ?? event.variations?.[0]?.timestamp,
      );
      const inCall = times.every((time) => isWithin(time, start, end));
      trial.check(`times from ${start} to ${end}`, inCall, times);
    },
  },
]);

const isWithin = (time: unknown, from: number, to: number): boolean =>
  typeof time === 'number' && Number.isInteger(time) && time >= from - 100 && time <= to + 100;

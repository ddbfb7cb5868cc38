import { guidOf } from '../reference/guid.js';
import { dataSync } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import { ADA, type Trial, type TrialClient } from '../suite/trial.js';
import {
  type Behaviour,
  flag,
  fullOf,
  group,
  ONE,
  patchOf,
  readyClient,
  second,
  segment,
  segmentFlag,
} from './support.js';

const LISTENERS: Behaviour['needs'] = ['streaming', 'flagListeners'];

/** The keys that a listener was told of, each as often as it was. */
const keysOf = async (client: TrialClient, name = 'listener'): Promise<string[]> =>
  (await client.changes(name)).map((change) => change.flagKey);

/** Waits for a later patch to be told of, so that what would have been told before it has been. */
async function settled(trial: Trial, client: TrialClient, send: (message: object) => void): Promise<void> {
  send(patchOf(flag('last', 'last', second(99))));
  await trial.eventually('the last notification', async () => (await keysOf(client)).includes('last'), true);
}

const SEGMENT = guidOf('segment');

export const listeners: SuiteCase[] = group('listeners', [
  {
    id: 'patch',
    rule: 'listen.patch',
    description: 'A patch tells of its flag once, when the new value can be seen.',
    needs: LISTENERS,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listen('listener');
      server.connection.send(patchOf(flag('a', 'two', second(2))));
      await settled(trial, client, (message) => server.connection.send(message));
      const changes = (await client.changes('listener')).filter((change) => change.flagKey === 'a');
      trial.equal('the notifications of flag a', changes.length, 1);
      if (changes[0]?.value !== undefined) trial.equal('the value at that moment', changes[0].value, 'two');
    },
  },
  {
    id: 'new-flag',
    rule: 'listen.patch',
    description: 'A flag that a patch adds is told of.',
    needs: LISTENERS,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listen('listener');
      server.connection.send(patchOf(flag('b', 'two', second(2))));
      await trial.eventually('the notifications', () => keysOf(client), ['b']);
    },
  },
  {
    id: 'archived',
    rule: 'listen.patch',
    description: 'A flag that a patch archives is told of.',
    needs: LISTENERS,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listen('listener');
      server.connection.send(patchOf(flag('a', 'two', second(2), { isArchived: true })));
      await trial.eventually('the notifications', () => keysOf(client), ['a']);
      trial.equal('the value', await client.value('a'), 'fallback');
    },
  },
  {
    id: 'full',
    rule: 'listen.full',
    description: 'A full tells of the flag that it changed, the one that it brought and the one that it took away.',
    needs: LISTENERS,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(ONE, flag('gone', 'one', second(1)));
      const client = await trial.client(server);
      await client.ready();
      await client.listen('listener');
      server.connection.send(fullOf(flag('a', 'two', second(2)), flag('new', 'one', second(2))));
      await settled(trial, client, (message) => server.connection.send(message));
      const told = new Set(await keysOf(client));
      trial.equal(
        'what was told of',
        ['a', 'new', 'gone'].filter((key) => told.has(key)),
        ['a', 'new', 'gone'],
      );
    },
  },
  {
    id: 'order',
    rule: 'listen.order',
    description: 'Changes are told of in their order.',
    needs: LISTENERS,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listen('listener');
      const keys = ['c', 'b', 'e', 'd', 'a'];
      for (const [index, key] of keys.entries()) server.connection.send(patchOf(flag(key, 'new', second(index + 2))));
      await trial.eventually('the notifications', () => keysOf(client), keys);
    },
  },
  {
    id: 'segment',
    rule: 'listen.segment',
    description: 'A segment’s patch tells of the flag that uses it, and not of the others.',
    needs: LISTENERS,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () =>
        dataSync(
          'full',
          [segmentFlag('a', SEGMENT, second(1)), flag('b', 'one', second(1))],
          [segment(SEGMENT, second(1))],
        );
      const client = await trial.client(server);
      await client.ready();
      await client.listen('listener');
      server.connection.send(dataSync('patch', [], [segment(SEGMENT, second(2), { included: ['ada'] })]));
      await settled(trial, client, (message) => server.connection.send(message));
      trial.equal('what was told of', [...new Set(await keysOf(client))].sort(), ['a', 'last']);
      trial.equal('the value', await client.value('a'), 'yes');
    },
  },
  {
    id: 'equal-version',
    rule: 'listen.no-effect',
    description: 'Patches of an equal and of an older version tell nobody.',
    needs: LISTENERS,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(flag('a', 'one', second(5)));
      const client = await trial.client(server);
      await client.ready();
      await client.listen('listener');
      server.connection.send(patchOf(flag('a', 'equal', second(5))));
      server.connection.send(patchOf(flag('a', 'older', second(4))));
      server.connection.send(patchOf());
      await settled(trial, client, (message) => server.connection.send(message));
      trial.equal('what was told of', await keysOf(client), ['last']);
    },
  },
  {
    id: 'value',
    rule: 'listen.patch',
    description: 'A listener to a value is told when it changes for its user, and not when it stays.',
    needs: ['streaming', 'valueListeners'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listenToValue('listener', 'a', ADA);
      server.connection.send(patchOf(flag('a', 'one', second(2))));
      server.connection.send(patchOf(flag('a', 'two', second(3))));
      await trial.eventually('the notifications', () => client.changes('listener'), [{ flagKey: 'a', value: 'two' }]);
    },
  },
  {
    id: 'no-events',
    rule: 'listen.no-events',
    description: 'The evaluations behind a listener to a value record no event.',
    needs: ['streaming', 'valueListeners', 'track', 'flush'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listenToValue('listener', 'a', { key: 'listener' });
      server.connection.send(patchOf(flag('a', 'two', second(2))));
      await trial.eventually('the notifications', async () => (await client.changes('listener')).length, 1);
      await client.track(ADA, 'last', 1);
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
    id: 'failing',
    rule: 'listen.failing',
    description: 'A listener that throws disturbs neither the one after it nor the connection.',
    needs: LISTENERS,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.listen('bad', 'throw');
      await client.listen('listener');
      server.connection.send(patchOf(flag('a', 'two', second(2))));
      await trial.eventually('the notifications', () => keysOf(client), ['a']);
      server.connection.send(patchOf(flag('a', 'three', second(3))));
      await trial.eventually('the notifications', () => keysOf(client), ['a', 'a']);
      trial.equal('the value', await client.value('a'), 'three');
      trial.equal('the number of connections', server.connections.length, 1);
    },
  },
]);

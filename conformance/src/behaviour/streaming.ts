import { dataSync } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import { flag, fullOf, group, ONE, patchOf, readyClient, STREAMING, second, version } from './support.js';

/** The greatest message that the real server takes. */
const LARGEST_CLIENT_MESSAGE = 4 * 2_048;

export const streaming: SuiteCase[] = group('streaming', [
  {
    id: 'hello',
    rule: 'stream.hello',
    description: 'The first message is data-sync with timestamp 0.',
    needs: STREAMING,
    async run(trial) {
      const { server } = await readyClient(trial);
      const [first] = server.connection.received;
      trial.equal('the first message', first?.json, { messageType: 'data-sync', data: { timestamp: 0 } });
    },
  },
  {
    id: 'cursor',
    rule: 'stream.cursor',
    description: 'On a reconnection the first message carries the greatest version held, of a patch too.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.send(patchOf(flag('b', 'two', second(7))));
      await trial.eventually('flag b', () => client.value('b'), 'two');
      server.connection.cut();
      const next = await server.synced(2, trial.reconnectDeadline);
      trial.equal('the first message', next.received[0]?.json, {
        messageType: 'data-sync',
        data: { timestamp: version(7) },
      });
    },
  },
  {
    id: 'ping',
    rule: 'stream.ping',
    description: 'The SDK sends pings of the agreed form, and their pongs do no harm.',
    needs: STREAMING,
    waits: 'the SDK’s ping interval (300 ms where it lets itself be told)',
    async run(trial) {
      const { server, client } = await readyClient(trial, {}, { pingIntervalMs: 300 });
      const { connection } = server;
      await server.until('two pings', () => connection.ofType('ping')[1], 40_000);
      trial.equal('a ping', connection.ofType('ping')[0]?.json, { messageType: 'ping', data: {} });
      connection.send(patchOf(flag('a', 'two', second(2))));
      await trial.eventually('the value', () => client.value('a'), 'two');
      trial.equal('the number of connections', server.connections.length, 1);
    },
  },
  {
    id: 'push',
    rule: 'stream.push',
    description: 'A pushed patch is visible to the next evaluations.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.send(patchOf(flag('a', 'two', second(2))));
      await trial.eventually('the value', () => client.value('a'), 'two', 1_000);
    },
  },
  {
    id: 'push-in-order',
    rule: 'stream.push',
    description: 'A hundred patches in a row leave the last one.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      for (let count = 2; count <= 101; count++) {
        server.connection.send(patchOf(flag('a', `value-${count}`, second(count))));
      }
      await trial.eventually('the value', () => client.value('a'), 'value-101');
    },
  },
  {
    id: 'full-for-cursor',
    rule: 'stream.full-for-cursor',
    description: 'A full as the answer to a cursor replaces everything.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onDataSync = () => fullOf(flag('b', 'two', second(1)));
      server.connection.cut();
      await server.synced(2, trial.reconnectDeadline);
      await trial.eventually('flag b', () => client.value('b'), 'two');
      trial.equal('flag a, which the full does not have', await client.value('a'), 'fallback');
    },
  },
  {
    id: 'unknown-type',
    rule: 'stream.unknown-type',
    description: 'A message of an unknown type neither changes data nor ends the connection.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.send({ messageType: 'news', data: { eventType: 'full', featureFlags: [], segments: [] } });
      server.connection.send(patchOf(flag('b', 'two', second(2))));
      await trial.eventually('flag b', () => client.value('b'), 'two');
      trial.equal('flag a', await client.value('a'), 'one');
      trial.equal('the number of connections', server.connections.length, 1);
    },
  },
  {
    id: 'fragmented',
    rule: 'stream.fragmented',
    description: 'A full in seven frames is one message, also where a character is cut in two.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = (_timestamp, connection) => {
        connection.sendFragmented(JSON.stringify(fullOf(flag('a', 'été 😀'.repeat(50), second(1)))), 7);
        return undefined;
      };
      const client = await trial.client(server);
      await client.ready();
      trial.equal('the value', await client.value('a'), 'été 😀'.repeat(50));
    },
  },
  {
    id: 'large',
    rule: 'stream.large',
    description: 'A full of 3,000 flags and more than 5 MB is taken in.',
    needs: STREAMING,
    async run(trial) {
      const filling = 'x'.repeat(1_100);
      const flags = Array.from({ length: 3_000 }, (_, index) =>
        flag(`flag-${index}`, `${index}-${filling}`, second(1)),
      );
      const server = await trial.server();
      server.onDataSync = () => dataSync('full', flags, []);
      const client = await trial.client(server);
      await client.ready();
      trial.equal('the value of the last flag', await client.value('flag-2999'), `2999-${filling}`);
      trial.equal('the number of connections', server.connections.length, 1);
    },
  },
  {
    id: 'slow-answer',
    rule: 'stream.slow-answer',
    description: 'An answer that takes eleven seconds is waited for on the same connection.',
    needs: STREAMING,
    waits: '11 s for the answer',
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = (_timestamp, connection) => {
        setTimeout(() => connection.send(fullOf(ONE)), 11_000);
        return undefined;
      };
      const client = await trial.client(server, {}, { startWaitMs: 20_000 });
      await client.ready(20_000);
      trial.equal('the number of connections', server.connections.length, 1);
    },
  },
  {
    id: 'small-client-messages',
    rule: 'stream.small-client-messages',
    description: 'What the SDK sends over a connection fits in 8 KiB a message.',
    needs: STREAMING,
    async run(trial) {
      const { server } = await readyClient(trial);
      const sizes = server.connection.received.map((message) => Buffer.byteLength(message.text));
      trial.check('messages of at most 8 KiB', sizes.length > 0 && Math.max(...sizes) <= LARGEST_CLIENT_MESSAGE, sizes);
    },
  },
  {
    id: 'bad-envelope-log',
    rule: 'decode.envelope-log',
    description: 'A bad envelope is logged at error level, without its payload.',
    needs: ['streaming', 'logs'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.sendText('{"messageType":"data-sync","data":{"private-payload');
      server.connection.send(patchOf(flag('b', 'two', second(2))));
      await trial.eventually('flag b', () => client.value('b'), 'two');
      const entries = await client.logs();
      const errors = entries.filter((entry) => entry.level === 'error');
      trial.check(
        'an entry at error level',
        errors.length > 0,
        entries.map((entry) => entry.level),
      );
      const leaks = entries.filter((entry) => entry.message.includes('private-payload'));
      trial.equal('entries with the payload', leaks, []);
    },
  },
]);

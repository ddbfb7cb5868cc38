import { dataSync } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import { ADA } from '../suite/trial.js';
import { flag, fullOf, group, ONE, patchOf, readyClient, STREAMING, second } from './support.js';

export const status: SuiteCase[] = group('status', [
  {
    id: 'not-ready',
    rule: 'status.not-ready',
    description: 'A client whose server does not answer is NotReady.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      await server.synced(1, 5_000);
      trial.equal('the status', await client.status(), 'NotReady');
    },
  },
  {
    id: 'not-ready-evaluation',
    rule: 'eval.not-initialised',
    description: 'Before initialisation an evaluation gives the fallback with ClientNotReady.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      await server.synced(1, 5_000);
      const reply = await client.evaluate('a', ADA, 'string', 'mine');
      trial.equal('the value', reply.value, 'mine');
      if (reply.reason !== undefined) trial.equal('the reason', reply.reason, 'ClientNotReady');
      if (reply.variationId !== undefined) trial.equal('the variation id', reply.variationId, '');
    },
  },
  {
    id: 'bulk-before-init',
    rule: 'bulk.no-gate',
    description: 'Before initialisation bulk evaluation sees the empty store and gives an empty result.',
    needs: ['streaming', 'allFlags'],
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      await server.synced(1, 5_000);
      trial.equal('the flags', (await client.allFlags(ADA)).flags, []);
    },
  },
  {
    id: 'open-socket',
    rule: 'status.socket-is-not-ready',
    description: 'A connection that opens, and pongs, do not make a client ready; the sync answer does.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server);
      const connection = await server.synced(1, 5_000);
      connection.send({ messageType: 'pong', data: {} });
      await connection.delivered();
      const early = await client.waitForInitialization(200);
      trial.check('the wait not to end with ready', early !== 'ready', early);
      if (trial.offers('initialized')) trial.equal('initialized', await client.initialized(), false);
      trial.equal('the value', await client.value('a'), 'fallback');
    },
  },
  {
    id: 'empty-full',
    rule: 'status.empty-counts',
    description: 'An empty full makes a client ready.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf();
      const client = await trial.client(server);
      await client.ready();
    },
  },
  {
    id: 'empty-patch',
    rule: 'status.empty-counts',
    description: 'An empty patch makes a client ready.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => patchOf();
      const client = await trial.client(server);
      await client.ready();
    },
  },
  {
    id: 'data-before-ready',
    rule: 'status.data-before-ready',
    description: 'The first evaluation after the wait sees the data, of a large full too.',
    needs: STREAMING,
    async run(trial) {
      const flags = Array.from({ length: 1_000 }, (_, index) => flag(`flag-${index}`, `value-${index}`, second(1)));
      const server = await trial.server();
      server.onDataSync = () => dataSync('full', flags, []);
      const client = await trial.client(server);
      await client.ready();
      trial.equal('the value of the last flag', await client.value('flag-999'), 'value-999');
    },
  },
  {
    id: 'ready',
    rule: 'status.ready-again',
    description: 'A client in sync is Ready.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const { client } = await readyClient(trial);
      trial.equal('the status', await client.status(), 'Ready');
    },
  },
  {
    id: 'stale',
    rule: 'status.stale',
    description: 'A client that lost its connection is Stale and evaluates what it holds.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onUpgrade = () => ({ refuse: 503 });
      server.connection.cut();
      await trial.eventually('the status', () => client.status(), 'Stale');
      const { value, reason } = await client.evaluate('a', ADA, 'string', 'fallback');
      trial.equal('the value', value, 'one');
      if (reason !== undefined) trial.equal('the reason', reason, 'Fallthrough');
      if (trial.offers('initialized')) trial.equal('initialized', await client.initialized(), true);
    },
  },
  {
    id: 'outage-evaluates',
    rule: 'status.stale',
    description: 'During an outage what is held still evaluates, one flag and all.',
    needs: ['streaming', 'allFlags'],
    waits: '150 ms of outage',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await server.close();
      await trial.pause(150);
      trial.equal('the value', await client.value('a'), 'one');
      trial.equal(
        'the flags',
        (await client.allFlags(ADA)).flags.map((item) => item.flagKey),
        ['a'],
      );
    },
  },
  {
    id: 'stale-until-answer',
    rule: 'status.ready-again',
    description: 'A reconnected client is Stale until the sync answer, an empty patch, and then Ready.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.onDataSync = () => undefined;
      server.connection.cut();
      const next = await server.synced(2, trial.reconnectDeadline);
      await next.delivered();
      trial.equal('the status before the answer', await client.status(), 'Stale');
      next.send(patchOf());
      await trial.eventually('the status', () => client.status(), 'Ready');
    },
  },
  {
    id: 'wait-expires',
    rule: 'status.wait-expires',
    description: 'A wait that expires ends itself only: a later one sees the late success.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server, {}, { startWaitMs: 300 });
      const connection = await server.synced(1, 5_000);
      const early = await client.waitForInitialization(300);
      trial.check('the first wait not to end with ready', early !== 'ready', early);
      connection.send(fullOf(ONE));
      await trial.eventually('the value', () => client.value('a'), 'one');
      trial.equal('the second wait', await client.waitForInitialization(3_000), 'ready');
    },
  },
  {
    id: '4003-closed',
    rule: 'status.4003-closed',
    description: 'After 4003 the status is Closed.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.close(4003);
      await trial.eventually('the status', () => client.status(), 'Closed');
    },
  },
  {
    id: '4003-ends-wait',
    rule: 'status.4003-closed',
    description: 'A wait ends with 4003 long before its time, and a later one at once.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = (_timestamp, connection) => {
        connection.close(4003);
        return undefined;
      };
      const client = await trial.client(server, {}, { startWaitMs: 8_000 });
      for (const which of ['first', 'later']) {
        const start = Date.now();
        const outcome = await client.waitForInitialization(8_000);
        const took = Date.now() - start;
        trial.check(`the ${which} wait not to end with ready`, outcome !== 'ready', outcome);
        trial.check(`the ${which} wait to end within 2 s`, took < 2_000, `${outcome} after ${took} ms`);
      }
    },
  },
  {
    id: 'close-status',
    rule: 'status.close',
    description: 'A closed client is Closed.',
    needs: ['streaming', 'status'],
    async run(trial) {
      const { client } = await readyClient(trial);
      await client.close();
      trial.equal('the status', await client.status(), 'Closed');
    },
  },
  {
    id: 'close-ends-wait',
    rule: 'status.close',
    description: 'close() ends a pending wait.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server, {}, { startWaitMs: 8_000 });
      await server.synced(1, 5_000);
      const start = Date.now();
      const waiting = client.waitForInitialization(8_000);
      await client.close();
      const outcome = await waiting;
      trial.check('the wait not to end with ready', outcome !== 'ready', outcome);
      trial.check(
        'the wait to end with the close',
        Date.now() - start < 4_000,
        `${outcome} after ${Date.now() - start} ms`,
      );
    },
  },
  {
    id: 'close-then-wait',
    rule: 'status.close',
    description: 'A wait after close() ends at once.',
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => undefined;
      const client = await trial.client(server, {}, { startWaitMs: 8_000 });
      await client.close();
      const start = Date.now();
      const outcome = await client.waitForInitialization(8_000);
      trial.check('the wait not to end with ready', outcome !== 'ready', outcome);
      trial.check(
        'the wait to end within 1 s',
        Date.now() - start < 1_000,
        `${outcome} after ${Date.now() - start} ms`,
      );
    },
  },
  {
    id: 'close-twice',
    rule: 'status.close',
    description: 'Closing again is harmless.',
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await Promise.all([client.close(), client.close()]);
      await client.close();
      await server.until(
        'the connection to end',
        () => (server.openConnections.length === 0 ? true : undefined),
        2_000,
      );
    },
  },
  {
    id: 'close-ends-connection',
    rule: 'status.after-close',
    description: 'After close() the connection is gone and no other is made.',
    needs: STREAMING,
    waits: 'longer than the first wait before a reconnection',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.close();
      await server.until(
        'the connection to end',
        () => (server.openConnections.length === 0 ? true : undefined),
        2_000,
      );
      await trial.pause(trial.longerThanReconnect);
      trial.equal('the number of attempts', server.attempts.length, 1);
    },
  },
  {
    id: 'close-in-outage',
    rule: 'status.close',
    description: 'close() during an outage ends recovery: when the server is back nobody connects.',
    needs: STREAMING,
    waits: 'longer than the first wait before a reconnection',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await server.close();
      await trial.pause(100);
      const attempts = server.attempts.length;
      // Back before a reconnection is due, however long close() takes.
      const closing = client.close();
      await trial.pause(100);
      await server.listen();
      await closing;
      await trial.pause(trial.longerThanReconnect);
      trial.equal('the attempts after the close', server.attempts.length - attempts, 0);
    },
  },
  {
    id: 'closed-evaluates',
    rule: 'status.closed-evaluates',
    description: 'A closed client evaluates what it holds, one flag and all.',
    needs: STREAMING,
    async run(trial) {
      const { client } = await readyClient(trial);
      await client.close();
      trial.equal('the value', await client.value('a'), 'one');
      if (!trial.offers('allFlags')) return;
      trial.equal(
        'the flags',
        (await client.allFlags(ADA)).flags.map((item) => item.value),
        ['one'],
      );
    },
  },
]);

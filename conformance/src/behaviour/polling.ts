import type { SuiteCase } from '../suite/case.js';
import { SECRET } from '../suite/trial.js';
import { type Behaviour, checkUserAgent, flag, fullOf, group, ONE, patchOf, second, version } from './support.js';

const POLLING: Behaviour['needs'] = ['polling'];
const POLL = { mode: 'polling' } as const;
const body = (message: object): { status: number; body: string } => ({ status: 200, body: JSON.stringify(message) });

export const polling: SuiteCase[] = group('polling', [
  {
    id: 'first-poll',
    rule: 'http.latest-all',
    description:
      'The first poll asks for everything, with the secret in Authorization, and its full makes the client ready.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = () => body(fullOf(ONE));
      const client = await trial.client(server, POLL);
      await client.ready();
      trial.equal('the value', await client.value('a'), 'one');
      const [first] = server.polls;
      trial.check('no timestamp or 0', first?.timestamp === null || first?.timestamp === '0', first?.timestamp);
      trial.equal('Authorization', first?.headers.authorization, SECRET);
    },
  },
  {
    id: 'prefix',
    rule: 'http.latest-all',
    description: 'A path prefix of the polling base is kept.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = () => body(fullOf(ONE));
      const client = await trial.client(server, { ...POLL, pollingUrl: `${server.httpUrl}/featbit/` });
      await client.ready();
      trial.equal('the path', server.polls[0]?.path, '/featbit/api/public/sdk/server/latest-all');
    },
  },
  {
    id: 'user-agent',
    rule: 'connect.user-agent',
    description: 'A poll names the SDK.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = () => body(fullOf(ONE));
      const client = await trial.client(server, POLL);
      await client.ready();
      checkUserAgent(trial, server.polls[0]?.headers);
    },
  },
  {
    id: 'close',
    rule: 'status.after-close',
    description: 'After close() no further poll is made.',
    needs: POLLING,
    waits: '600 ms, six intervals where the SDK lets itself be told',
    async run(trial) {
      const server = await trial.server();
      server.onPoll = () => body(fullOf(ONE));
      const client = await trial.client(server, POLL);
      await client.ready();
      await client.close();
      const before = server.polls.length;
      await trial.pause(600);
      trial.equal('the polls after the close', server.polls.length - before, 0);
      trial.equal('the value', await client.value('a'), 'one');
    },
  },
  {
    id: 'cursor-and-patch',
    rule: 'http.latest-all',
    description: 'The next poll carries the cursor, and a patch counts.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = (_request, count) => body(count === 1 ? fullOf(ONE) : patchOf(flag('b', 'two', second(2))));
      const client = await trial.client(server, POLL);
      await client.ready();
      await trial.eventually('flag b', () => client.value('b'), 'two', 10_000);
      trial.equal('the second timestamp', server.polls[1]?.timestamp, String(version(1)));
      trial.equal('flag a', await client.value('a'), 'one');
    },
  },
  {
    id: 'empty-body',
    rule: 'http.empty-body',
    description: 'An empty 200 body changes nothing, and polling goes on.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = (_request, count) => (count === 1 ? body(fullOf(ONE)) : { status: 200, body: '' });
      const client = await trial.client(server, POLL);
      await client.ready();
      await server.until('three polls', () => server.polls[2], 10_000);
      trial.equal('the value', await client.value('a'), 'one');
      trial.equal('the timestamp', server.polls[2]?.timestamp, String(version(1)));
    },
  },
  {
    id: 'empty-body-status',
    rule: 'http.empty-body',
    description: 'After a failed poll an empty 200 body puts the client in sync again.',
    needs: ['polling', 'status'],
    async run(trial) {
      const server = await trial.server();
      server.onPoll = (_request, count) => {
        if (count === 1) return body(fullOf(ONE));
        return count === 2 ? { status: 503 } : { status: 200, body: '' };
      };
      const client = await trial.client(server, POLL, { pollingIntervalMs: 400 });
      await client.ready();
      await server.until('the failing poll', () => server.polls[1], 10_000);
      await trial.eventually('the status', () => client.status(), 'Stale', 350);
      await server.until('the poll after it', () => server.polls[2], 10_000);
      await trial.eventually('the status', () => client.status(), 'Ready');
    },
  },
  {
    id: 'failed-poll',
    rule: 'connect.reconnect',
    description: 'A poll that fails keeps the data, and polling goes on.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = (_request, count) => {
        if (count === 2) return 'reset';
        if (count === 3) return { status: 500, body: 'oops' };
        return body(count === 1 ? fullOf(ONE) : fullOf(flag('a', 'two', second(2))));
      };
      const client = await trial.client(server, POLL);
      await client.ready();
      await server.until('three polls', () => server.polls[2], 15_000);
      trial.equal('the value meanwhile', await client.value('a'), 'one');
      await trial.eventually('the value', () => client.value('a'), 'two', 15_000);
    },
  },
  {
    id: 'html-with-200',
    rule: 'decode.envelope',
    description: 'A page of HTML with status 200 changes nothing, and polling goes on.',
    needs: POLLING,
    async run(trial) {
      const server = await trial.server();
      server.onPoll = (_request, count) => {
        if (count === 2) return { status: 200, body: '<html>maintenance</html>' };
        return body(count === 1 ? fullOf(ONE) : fullOf(flag('a', 'two', second(2))));
      };
      const client = await trial.client(server, POLL);
      await client.ready();
      await server.until('two polls', () => server.polls[1], 15_000);
      await trial.eventually('the value', () => client.value('a'), 'two', 15_000);
    },
  },
]);

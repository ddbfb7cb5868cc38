import type { ScriptedServer, UpgradeAnswer } from '../server/scripted-server.js';
import type { SuiteCase } from '../suite/case.js';
import { SECRET } from '../suite/trial.js';
import { type Behaviour, checkUserAgent, fullOf, group, ONE, readyClient, STREAMING, version } from './support.js';

const CLOCK_TOLERANCE_MS = 5_000;

/** Cases about bases of the streaming URL, with the path that must be asked for. */
const BASES: [name: string, base: (server: ScriptedServer) => string, path: string][] = [
  ['plain', (server) => server.streamingUrl, '/streaming'],
  ['final-slash', (server) => `${server.streamingUrl}/`, '/streaming'],
  ['prefix', (server) => `${server.streamingUrl}/featbit`, '/featbit/streaming'],
  ['prefix-and-slash', (server) => `${server.streamingUrl}/featbit/`, '/featbit/streaming'],
  ['http-scheme', (server) => `${server.httpUrl}/featbit`, '/featbit/streaming'],
];

const paths = BASES.map(
  ([name, base, path]): Behaviour => ({
    id: `path-${name}`,
    rule: 'connect.path',
    description: `The streaming base “${name}” is asked for ${path}, with type=server and a token.`,
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      await trial.client(server, { streamingUrl: base(server) });
      await server.synced(1, 5_000);
      const [attempt] = server.attempts;
      trial.equal('the path', attempt?.path, path);
      trial.equal('the type', attempt?.query.get('type'), 'server');
      trial.check('a token', attempt?.token !== undefined, attempt?.query.get('token'));
    },
  }),
);

/** Secrets that an SDK uses as they are. */
const SECRETS: [name: string, rule: string, secret: string][] = [
  ['usual', 'token.readable', SECRET],
  ['padded', 'token.padding', 'c2VjcmV0LXdpdGgtcGFkZGluZw=='],
  ['short', 'secret.as-given', 'abc'],
  ['one-character', 'secret.as-given', 'x'],
  ['long', 'secret.as-given', 'k'.repeat(200)],
  ['reserved', 'token.uri-encoded', 'a+b/c&d%e?f#g=h i'],
];

const secrets = SECRETS.map(
  ([name, rule, secret]): Behaviour => ({
    id: `secret-${name}`,
    rule,
    description: `The secret “${name}” can be read out of the token, with the time of the attempt.`,
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      const start = Date.now();
      await trial.client(server, { secret });
      await server.synced(1, 5_000);
      const token = server.attempts[0]?.token;
      trial.equal('the secret in the token', token?.secret, secret.replace(/=+$/, ''));
      const time = token?.timestamp ?? 0;
      const near = time >= start - CLOCK_TOLERANCE_MS && time <= Date.now() + CLOCK_TOLERANCE_MS;
      trial.check('the time of the attempt in the token', near, time);
      trial.check('a position from 2 to the end', (token?.position ?? 0) >= 2, token?.position);
    },
  }),
);

/** Ways in which a connection ends, after each of which an SDK connects again. */
const ENDS: [name: string, rule: string, end: (server: ScriptedServer) => void][] = [
  ['1000', 'connect.reconnect', (server) => server.connection.close(1000)],
  ['1001', 'connect.reconnect', (server) => server.connection.close(1001)],
  ['1006', 'connect.reconnect', (server) => server.connection.cut()],
  ['1011', 'connect.1011', (server) => server.connection.close(1011)],
  ['1012', 'connect.reconnect', (server) => server.connection.close(1012)],
  ['4000', 'connect.reconnect', (server) => server.connection.close(4000)],
];

const ends = ENDS.map(
  ([name, rule, end]): Behaviour => ({
    id: `after-${name}`,
    rule,
    description: `After an end with ${name} the SDK connects again with its cursor, and the data stays.`,
    needs: STREAMING,
    async run(trial) {
      const { server, client } = await readyClient(trial);
      end(server);
      const next = await server.synced(2, trial.reconnectDeadline);
      trial.equal('the cursor', next.cursor, version(1));
      trial.equal('the value', await client.value('a'), 'one');
    },
  }),
);

/** Ways in which a first attempt fails. */
const REFUSALS: [name: string, answer: UpgradeAnswer][] = [
  ['401', { refuse: 401 }],
  ['404', { refuse: 404 }],
  ['503', { refuse: 503 }],
  ['reset', 'reset'],
];

const refusals = REFUSALS.map(
  ([name, answer]): Behaviour => ({
    id: `refused-${name}`,
    rule: 'connect.reconnect',
    description: `After a first attempt that ends with ${name} the SDK tries again.`,
    needs: STREAMING,
    async run(trial) {
      const server = await trial.server();
      server.onUpgrade = (attempt) => (attempt === 1 ? answer : 'accept');
      server.onDataSync = () => fullOf(ONE);
      const client = await trial.client(server);
      await client.ready(trial.reconnectDeadline);
      trial.equal('the value', await client.value('a'), 'one');
    },
  }),
);

const others: Behaviour[] = [
  {
    id: 'silent-handshake',
    rule: 'connect.reconnect',
    description: 'A server that takes the connection and never answers the handshake is given up, and tried again.',
    needs: STREAMING,
    waits: 'the SDK’s connect time-out',
    async run(trial) {
      const server = await trial.server();
      server.onUpgrade = (attempt) => (attempt === 1 ? 'silence' : 'accept');
      server.onDataSync = () => fullOf(ONE);
      const client = await trial.client(server, {}, { connectTimeoutMs: 300 });
      await client.ready(trial.reconnectDeadline);
      trial.equal('the value', await client.value('a'), 'one');
    },
  },
  {
    id: 'server-restart',
    rule: 'connect.reconnect',
    description: 'A server that goes away for a while and comes back on its port is found again.',
    needs: STREAMING,
    waits: '400 ms of outage',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await server.close();
      await trial.pause(400);
      trial.equal('the value meanwhile', await client.value('a'), 'one');
      await server.listen();
      const next = await server.synced(2, trial.reconnectDeadline);
      trial.equal('the cursor', next.cursor, version(1));
    },
  },
  {
    id: 'late-server',
    rule: 'connect.reconnect',
    description: 'A server that is not there at the start is found when it comes.',
    needs: STREAMING,
    waits: '200 ms without a server',
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = () => fullOf(ONE);
      await server.close();
      const client = await trial.client(server);
      await trial.pause(200);
      await server.listen();
      await client.ready(trial.reconnectDeadline);
    },
  },
  {
    id: 'one-connection',
    rule: 'connect.reconnect',
    description: 'After several drops there is one connection, not several.',
    needs: STREAMING,
    waits: '300 ms in which a second connection would be made',
    async run(trial) {
      const { server } = await readyClient(trial);
      for (const count of [2, 3]) {
        server.connection.cut();
        await server.synced(count, trial.reconnectDeadline);
      }
      await trial.pause(300);
      trial.equal('the number of open connections', server.openConnections.length, 1);
      trial.equal('the number of connections', server.connections.length, 3);
    },
  },
  {
    id: 'backoff',
    rule: 'connect.backoff',
    description: 'Refused attempts are spaced: not more than 40 in two seconds.',
    needs: STREAMING,
    waits: '2 s of refusals',
    async run(trial) {
      const server = await trial.server();
      server.onUpgrade = () => ({ refuse: 503 });
      await trial.client(server);
      await server.until('an attempt', () => server.attempts[0], 5_000);
      await trial.pause(2_000);
      trial.check('at least two attempts', server.attempts.length >= 2, server.attempts.length);
      trial.check('at most 40 attempts', server.attempts.length <= 40, server.attempts.length);
    },
  },
  {
    id: 'token-fresh',
    rule: 'token.fresh',
    description: 'The second attempt has a token of its own, with its own time.',
    needs: STREAMING,
    async run(trial) {
      const { server } = await readyClient(trial);
      const start = Date.now();
      server.connection.cut();
      await server.synced(2, trial.reconnectDeadline);
      const token = server.attempts[1]?.token;
      trial.equal('the secret', token?.secret, SECRET);
      trial.check('a time after the first attempt', (token?.timestamp ?? 0) >= start, token?.timestamp);
    },
  },
  {
    id: 'user-agent-socket',
    rule: 'connect.user-agent',
    description: 'The streaming request names the SDK.',
    needs: STREAMING,
    async run(trial) {
      const { server } = await readyClient(trial);
      checkUserAgent(trial, server.attempts[0]?.headers);
    },
  },
  {
    id: 'user-agent-events',
    rule: 'connect.user-agent',
    description: 'The event request names the SDK.',
    needs: ['streaming', 'track', 'flush'],
    async run(trial) {
      const { server, client } = await readyClient(trial);
      await client.track({ key: 'ada' }, 'click', 1);
      await client.flush();
      const request = await server.until('an event request', () => server.insights[0], 5_000);
      checkUserAgent(trial, request.headers);
    },
  },
  {
    id: 'closed-4003',
    rule: 'connect.4003',
    description: 'After 4003 the SDK does not connect again, and what it holds still evaluates.',
    needs: STREAMING,
    waits: 'longer than the first wait before a reconnection',
    async run(trial) {
      const { server, client } = await readyClient(trial);
      server.connection.close(4003);
      await trial.pause(trial.longerThanReconnect);
      trial.equal('the number of attempts', server.attempts.length, 1);
      trial.equal('the value', await client.value('a'), 'one');
    },
  },
  {
    id: 'closed-4003-at-once',
    rule: 'connect.4003',
    description: 'A connection that is refused with 4003 as soon as it is open is the last.',
    needs: STREAMING,
    waits: 'longer than the first wait before a reconnection',
    async run(trial) {
      const server = await trial.server();
      server.onDataSync = (_timestamp, connection) => {
        connection.close(4003);
        return undefined;
      };
      await trial.client(server);
      await server.synced(1, 5_000);
      await trial.pause(trial.longerThanReconnect);
      trial.equal('the number of attempts', server.attempts.length, 1);
    },
  },
];

export const connection: SuiteCase[] = group('connection', [...paths, ...secrets, ...ends, ...refusals, ...others]);

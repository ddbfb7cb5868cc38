import { afterEach, describe, expect, it } from 'vitest';
import { makeToken } from '../src/reference/token.js';
import {
  FeatBitServer,
  type FeatBitServerOptions,
  ManualClock,
  RawClient,
  type RawClientOptions,
  SERVER_SECRET,
  segmentFlag,
  segmentOf,
  servingFlag,
} from '../src/server/featbit/index.js';

const servers: FeatBitServer[] = [];
const clients: RawClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.kill();
});

/** A server with the flags a, b and c, whose time stands still at the machine's present. */
async function start(options: FeatBitServerOptions = {}): Promise<{ server: FeatBitServer; clock: ManualClock }> {
  const clock = new ManualClock(Date.now());
  const server = await FeatBitServer.start({ clock, ...options });
  server.environment.load(['a', 'b', 'c'].map((key) => servingFlag(key, 'old')));
  servers.push(server);
  return { server, clock };
}

function connect(server: FeatBitServer, options: RawClientOptions = {}): RawClient {
  const client = new RawClient(server, options);
  clients.push(client);
  return client;
}

/** A client whose connection the server knows. */
async function connected(server: FeatBitServer): Promise<RawClient> {
  const before = server.streams.connections.length;
  const client = connect(server);
  await client.open();
  await server.until('the connection', () => server.streams.connections[before], 5_000);
  return client;
}

/** Waits until the server has read so many requests and pings, answered or not. */
const read = (server: FeatBitServer, requests: number): Promise<unknown> =>
  server.until('the request', () => server.streams.connections.at(-1)?.requests[requests - 1], 5_000);

const kinds = (client: RawClient): string[] =>
  client.messages.map(({ messageType, data }) => data.eventType ?? messageType);

const keys = (client: RawClient, index: number): (string | undefined)[] =>
  (client.messages[index]?.data.featureFlags ?? []).map(({ key }) => key);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What comes for a message after a ping that is answered behind it. */
async function answerTo(text: string, frames = 1): Promise<string[]> {
  const { server, clock } = await start();
  const client = await connected(server);
  client.send(text, frames);
  client.ping();
  const connection = server.streams.connections[0];
  await server.until(
    'both',
    () =>
      (connection?.requests.length ?? 0) + (connection?.ignored ?? 0) + (connection?.pings ?? 0) > 0 ? 1 : undefined,
    5_000,
  );
  while (!kinds(client).includes('pong')) {
    clock.advance(50);
    await turn();
  }
  await turn();
  return kinds(client);
}

describe('streaming', () => {
  it('pushes a change before it answers, and the full that follows is older', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    client.ask(0);
    await read(server, 1);
    server.environment.setValue('a', 'new');
    await client.received(1);
    clock.advance(1_000);
    await client.received(2);
    expect(kinds(client)).toEqual(['patch', 'full']);
    const versions = client.messages.map(({ data }) => data.featureFlags?.find(({ key }) => key === 'a')?.updatedAt);
    expect(Date.parse(versions[0] ?? '')).toBeGreaterThan(Date.parse(versions[1] ?? ''));
  });

  it('brings an overtaken change when it is asked again with the full’s own version', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    client.ask(0);
    await read(server, 1);
    server.environment.setValue('a', 'new');
    await client.received(1);
    clock.advance(1_000);
    const full = await client.received(2);
    client.ask(Math.max(...(full.data.featureFlags ?? []).map(({ updatedAt }) => Date.parse(updatedAt))));
    await read(server, 2);
    clock.advance(1_000);
    await client.received(3);
    expect(kinds(client)).toEqual(['patch', 'full', 'patch']);
    expect(keys(client, 2)).toEqual(['a']);
  });

  it('makes fulls one at a time, each longer the more flags there are', async () => {
    const { server, clock } = await start({ answerCosts: { base: 60, perDocument: 10 } });
    const [first, second] = [await connected(server), await connected(server)];
    first.ask(0);
    await server.until('a request', () => server.streams.connections[0]?.requests[0], 5_000);
    second.ask(0);
    await server.until('a request', () => server.streams.connections[1]?.requests[0], 5_000);
    const from = clock.now();
    clock.advance(1_000);
    const answers = server.streams.connections.map(({ requests }) => (requests[0]?.answer?.at ?? 0) - from);
    expect(answers).toEqual([90, 180]);
  });

  it('makes handshakes one at a time, beside the answers', async () => {
    const { server, clock } = await start({ handshakeCost: 100, answerCosts: { base: 1_000, perDocument: 0 } });
    const clients = [connect(server), connect(server)];
    await server.until('both attempts', () => server.streams.attempts[1], 5_000);
    clock.advance(150);
    await server.until('a connection', () => server.streams.connections[0], 5_000);
    expect(server.streams.attempts.map(({ outcome }) => outcome)).toEqual(['accepted', 'hanging']);
    clock.advance(100);
    for (const client of clients) await client.open();
  });

  it('answers a cursor with everything where it is told to', async () => {
    const { server, clock } = await start();
    server.answersCursorsWithFulls = true;
    const client = await connected(server);
    client.ask(Date.now());
    await read(server, 1);
    clock.advance(1_000);
    await client.received(1);
    expect([kinds(client), keys(client, 0)]).toEqual([['full'], ['a', 'b', 'c']]);
  });

  it('is killed with everything that was only in its memory, and has its store when it is back', async () => {
    const { server, clock } = await start({ insights: { eventsPerSecond: 100 } });
    const client = await connected(server);
    server.pushes.stall();
    server.environment.setValue('a', 'new');
    const lost = track(server, `[${GOOD},${GOOD}]`).catch(() => 'cut');
    await server.until('the request', () => server.ledger.requests[0], 5_000);
    await server.kill();
    expect([await lost, await client.ended(), server.listening]).toEqual(['cut', 1006, false]);
    await server.listen();
    clock.advance(1_000);
    expect([server.ledger.summary.kept, server.pushes.sent, server.pushes.dropped]).toEqual([0, 0, 1]);
    const again = await connected(server);
    again.ask(0);
    await server.until('a request', () => server.streams.connections[1]?.requests[0], 5_000);
    clock.advance(1_000);
    const full = await again.received(1);
    expect(JSON.stringify(full.data.featureFlags)).toContain('"value":"new"');
    // What had stalled the pushes ended with the process.
    server.environment.setValue('a', 'newer');
    await again.received(2);
  });

  it('works on the full of a client that has gone', async () => {
    const { server, clock } = await start({ answerCosts: { base: 90, perDocument: 0 } });
    const gone = await connected(server);
    gone.ask(0);
    await read(server, 1);
    gone.close();
    await server.until('the end', () => (server.streams.open.length === 0 ? true : undefined), 5_000);
    const client = await connected(server);
    client.ask(0);
    await read(server, 1);
    clock.advance(100);
    await turn();
    expect(client.messages).toEqual([]);
    clock.advance(80);
    await client.received(1);
  });

  it('answers requests and pings of a connection in their order', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    client.ask(0);
    client.ping();
    client.ask(Date.now());
    await read(server, 2);
    clock.advance(1_000);
    await client.received(3);
    expect(kinds(client)).toEqual(['full', 'pong', 'patch']);
    expect(keys(client, 2)).toEqual([]);
  });

  it.each<[string, string, string[], number?]>([
    ['0', '{"messageType":"data-sync","data":{"timestamp":0}}', ['full', 'pong']],
    ['no timestamp', '{"messageType":"data-sync","data":{}}', ['full', 'pong']],
    ['a fraction', '{"messageType":"data-sync","data":{"timestamp":1.5}}', ['full', 'pong']],
    ['less than 0', '{"messageType":"data-sync","data":{"timestamp":-1}}', ['patch', 'pong']],
    ['null', '{"messageType":"data-sync","data":{"timestamp":null}}', ['pong']],
    ['text', '{"messageType":"data-sync","data":{"timestamp":"0"}}', ['pong']],
    ['a boolean', '{"messageType":"data-sync","data":{"timestamp":false}}', ['pong']],
    ['a time after the year 9999', '{"messageType":"data-sync","data":{"timestamp":253402300800000}}', ['pong']],
    ['data that is null', '{"messageType":"data-sync","data":null}', ['pong']],
    ['no data', '{"messageType":"data-sync"}', ['pong']],
    ['a type in capitals', '{"messageType":"DATA-SYNC","data":{"timestamp":0}}', ['full', 'pong']],
    ['a ping with null', '{"messageType":"ping","data":null}', ['pong', 'pong']],
    ['a ping without data', '{"messageType":"ping"}', ['pong']],
    ['an echo', '{"messageType":"echo","data":{"n":1}}', ['echo', 'pong']],
    ['another type', '{"messageType":"hello","data":{}}', ['pong']],
    ['rubbish', 'rubbish', ['pong']],
    ['8,192 bytes', '{"messageType":"data-sync","data":{"timestamp":0}}'.padEnd(8_192), ['full', 'pong']],
    ['8,193 bytes', '{"messageType":"data-sync","data":{"timestamp":0}}'.padEnd(8_193), ['pong']],
    ['four frames', '{"messageType":"data-sync","data":{"timestamp":0}}', ['full', 'pong'], 4],
    ['five frames', '{"messageType":"data-sync","data":{"timestamp":0}}', ['pong'], 5],
  ])('answers a message with %s as the real server does', async (_name, text, expected, frames) => {
    expect(await answerTo(text, frames)).toEqual(expected);
  });

  it('keeps pushes back while it answers, and sends the newest 1,000 of them later', async () => {
    const { server, clock } = await start();
    server.environment.load(Array.from({ length: 1_200 }, (_, index) => servingFlag(`flag-${index}`, 'old')));
    const client = await connected(server);
    server.pushes.stall();
    server.environment.saveFlags(
      Array.from({ length: 1_200 }, (_, index) => server.environment.withValue(`flag-${index}`, 'new')),
    );
    client.ping();
    await client.received(1);
    client.ask(clock.now() - 1_000);
    await read(server, 1);
    clock.advance(1_000);
    expect((await client.received(2)).data.featureFlags?.length).toBe(1_200);
    server.pushes.resume();
    await client.received(1_002);
    await turn();
    expect([server.pushes.sent, server.pushes.dropped]).toEqual([1_000, 200]);
    expect(keys(client, 2)).toEqual(['flag-200']);
  });

  it('has a cursor that never brings a second change of its millisecond, nor a late commit', async () => {
    const { server, clock } = await start();
    const { environment } = server;
    const stamp = Math.floor(clock.now()) * 1_000;
    environment.setValue('a', 'new', { stamp: stamp + 100 });
    environment.setValue('b', 'late', { stamp: stamp - 5_000, commitAfter: 300 });
    clock.advance(400);
    environment.setValue('c', 'new', { stamp: stamp + 900 });
    const cursor = stamp / 1_000;
    expect(environment.newerThan(cursor)).toEqual({ flags: [], segments: [] });
    expect(environment.newerThan(cursor - 1).flags.map((json) => JSON.parse(json).key)).toEqual(['a', 'c']);
    expect(JSON.parse(environment.newerThan(cursor - 1).flags[0] ?? '').updatedAt).toMatch(/\.\d{3}100Z$/);
  });

  it('pushes a changed segment alone, an archived flag, and nothing for a flag that is deleted', async () => {
    const { server } = await start();
    const { environment } = server;
    const segment = segmentOf('beta', ['ada']);
    environment.load([segmentFlag('s', segment.id)], [segment]);
    const client = await connected(server);
    environment.saveSegment({ ...segment, included: [] });
    environment.archive('a');
    environment.deleteFlag('b');
    await client.received(2);
    await turn();
    expect(
      client.messages.map(({ data }) => [data.featureFlags?.map(({ key }) => key), data.segments?.length]),
    ).toEqual([
      [[], 1],
      [['a'], 0],
    ]);
    // The flag that uses the segment is left to the cursor.
    expect(environment.newerThan(Date.now() - 60_000).flags.map((json) => JSON.parse(json).key)).toContain('s');
  });

  it.each<[string, RawClientOptions]>([
    ['a token that is too old', { token: makeToken(SERVER_SECRET, Date.now() - 40_000, 2) }],
    ['a token of another secret', { token: makeToken('x'.repeat(44), Date.now(), 2) }],
    ['no token', { token: '' }],
    ['another type', { type: 'client' }],
  ])('closes %s with 4003', async (_name, given) => {
    const { server } = await start();
    const client = connect(server, given);
    expect([await client.ended(), client.closeReason]).toEqual([4003, 'invalid request']);
  });

  it('without its store answers pings and no requests, and closes who comes', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    server.store.become('away');
    client.ask(0);
    client.ping();
    await client.received(1);
    const late = connect(server);
    await late.open();
    await server.until('the attempt', () => server.streams.attempts[1], 5_000);
    clock.advance(20);
    expect(await late.ended()).toBe(1011);
    server.store.become('up');
    client.ask(0);
    await read(server, 2);
    clock.advance(1_000);
    await client.received(2);
    expect(kinds(client)).toEqual(['pong', 'full']);
  });

  it('answers no handshake while the store hangs, and all of them when it is back', async () => {
    const { server } = await start();
    server.store.become('hanging');
    const client = connect(server);
    await server.until('the attempt', () => server.streams.attempts[0], 5_000);
    await turn();
    expect(server.streams.attempts[0]?.outcome).toBe('hanging');
    server.store.become('up');
    await client.open();
    expect(server.streams.attempts[0]?.outcome).toBe('accepted');
  });

  it('stops without a close frame, and closes with 1000 who comes meanwhile', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    const stopped = server.stop();
    expect(await client.ended()).toBe(1006);
    expect(await connect(server).ended()).toBe(1000);
    clock.advance(200);
    await stopped;
    await server.listen();
    await connected(server);
  });

  it.each([
    ['a rate limit', { status: 429, retryAfter: '7' }],
    ['a balancer', { status: 503 }],
  ])('can be refused an upgrade by %s', async (_name, refusal) => {
    const { server } = await start();
    server.streams.refusal = refusal;
    expect(await connect(server).ended()).toBe(1006);
    expect(server.streams.attempts[0]?.outcome).toBe(refusal.status);
  });

  it('answers an upgrade that a proxy has stripped with 401', async () => {
    const { server } = await start();
    server.streams.stripsUpgrades = true;
    expect(await connect(server).ended()).toBe(1006);
    const plain = await fetch(`${server.httpUrl}/streaming`);
    expect([server.streams.attempts[0]?.outcome, plain.status]).toEqual([401, 401]);
  });

  it('sends no ping, only a pong every two minutes, and cuts nobody', async () => {
    const { server, clock } = await start();
    const client = await connected(server);
    clock.advance(600_000);
    await turn();
    expect([client.closeCode, client.messages]).toEqual([undefined, []]);
  });
});

const USER = '"user":{"keyId":"ada","name":"Ada","customizedProperties":[{"name":"country","value":"it"}]}';
const variation = (inside: string): string =>
  `{${USER},"variations":[{"featureFlagKey":"a","variation":{"id":"v","value":"on"},"timestamp":1,"sendToExperiment":true${inside}}]}`;
const metric = (inside: string): string =>
  `{${USER},"metrics":[{"appType":"x","route":"index/metric","type":"CustomEvent","eventName":"m",${inside}}]}`;
const GOOD = metric('"numericValue":1,"timestamp":1');

async function track(
  server: FeatBitServer,
  body: string,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${server.httpUrl}/api/public/insight/track`, {
    method: 'POST',
    headers: { Authorization: server.secret, 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body,
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('insights', () => {
  it.each<[string, string, number, string[]]>([
    ['an evaluation, a metric and a user', `[${variation('')},${GOOD},{${USER}}]`, 200, ['ada a v', 'ada m 1', 'ada']],
    ['nothing', '[]', 200, []],
    ['a user that is missing', `[{"variations":[]},${GOOD}]`, 200, ['ada m 1']],
    ['a user whose key is blank', `[{"user":{"keyId":" "}},${GOOD}]`, 200, ['ada m 1']],
    [
      'a variation that is missing',
      `[{${USER},"variations":[{"featureFlagKey":"a","timestamp":1}]},${GOOD}]`,
      200,
      ['ada m 1'],
    ],
    ['properties that are null', '[{"user":{"keyId":"ada","customizedProperties":null}}]', 200, ['ada']],
    ['a timestamp as text', `[${metric('"numericValue":1,"timestamp":"1"')}]`, 200, ['ada m 1']],
    ['a whole pair', `[${GOOD},{"user":{"keyId":"\\ud83d\\ude00"}}]`, 200, ['ada m 1', '😀']],
    ['the text of an escape', `[{"user":{"keyId":"\\\\ud83d"}}]`, 200, ['\\ud83d']],
    ['half a pair in a key', `[${GOOD},{"user":{"keyId":"a\\ud83d"}}]`, 400, []],
    ['half a pair in an unknown field', `[${GOOD},{${USER},"more":["\\ude00"]}]`, 400, []],
    ['half a pair in the name of a field', `[${GOOD},{${USER},"\\ud83d":1}]`, 400, []],
    ['a timestamp with a fraction', `[${GOOD},${metric('"numericValue":1,"timestamp":1.5')}]`, 400, []],
    ['a number as a property', '[{"user":{"keyId":"ada","customizedProperties":[{"name":"n","value":1}]}}]', 400, []],
    ['variations that are null', `[{${USER},"variations":null}]`, 400, []],
    ['metrics that are null', `[{${USER},"metrics":null}]`, 400, []],
    ['a metric beyond a 32-bit float', `[${GOOD},${metric('"numericValue":1e39,"timestamp":1')}]`, 500, []],
    [
      'the largest 32-bit float',
      `[${metric('"numericValue":3.4028234663852886e38,"timestamp":1')}]`,
      200,
      ['ada m 3.4028234663852886e+38'],
    ],
    ['an element that is null', `[${GOOD},null]`, 500, []],
    ['nesting 50 deep', `[${GOOD},{${USER},"deep":${'['.repeat(48)}${']'.repeat(48)}}]`, 400, []],
    ['null', 'null', 400, []],
    ['an object', '{}', 400, []],
    ['half a body', '[{', 400, []],
    ['no body', '', 400, []],
  ])('takes %s as the real server does', async (_name, body, status, kept) => {
    const { server } = await start();
    expect((await track(server, body)).status).toBe(status);
    expect(server.ledger.kept).toEqual(kept);
  });

  it.each<[string, Record<string, string>, number]>([
    ['plain text', { 'Content-Type': 'text/plain' }, 415],
    ['a compressed body', { 'Content-Encoding': 'gzip' }, 400],
    ['another secret', { Authorization: 'x' }, 401],
  ])('refuses %s', async (_name, headers, status) => {
    const { server } = await start();
    expect((await track(server, `[${GOOD}]`, headers)).status).toBe(status);
    expect(server.ledger.kept).toEqual([]);
  });

  it('refuses a body beyond its limit with 413', async () => {
    const { server } = await start({ bodyLimit: 1_000 });
    expect((await track(server, `[${GOOD}]`.padEnd(1_001))).status).toBe(413);
    expect((await track(server, `[${GOOD}]`.padEnd(1_000))).status).toBe(200);
  });

  it('limits requests, and says when the window ends', async () => {
    const { server, clock } = await start({ insightLimit: { requests: 2, perMilliseconds: 20_000 } });
    for (let count = 0; count < 2; count++) await track(server, '[]');
    clock.advance(5_500);
    const refused = await track(server, '[]');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '15']);
    clock.advance(14_500);
    expect((await track(server, '[]')).status).toBe(200);
  });

  const users = (count: number, name: string): string =>
    JSON.stringify(Array.from({ length: count }, (_, index) => ({ user: { keyId: `${name}-${index}` } })));

  it('keeps events one by one, those of all open requests in turn, and answers at their end', async () => {
    const { server, clock } = await start({ insights: { eventsPerSecond: 100 } });
    const [first, second] = [track(server, users(50, 'x')), track(server, users(50, 'y'))];
    await server.until('both', () => server.ledger.requests[1], 5_000);
    clock.advance(500);
    expect(server.ledger.summary.kept).toBe(50);
    clock.advance(470);
    expect(server.ledger.requests.map(({ answer }) => answer)).toEqual([undefined, undefined]);
    clock.advance(40);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect(server.ledger.summary).toEqual({ kept: 100, doubled: 0, extraRows: 0, lost: 0 });
  });

  it('answers no sooner than its latency', async () => {
    const { server, clock } = await start({ insights: { latency: 6_000 } });
    const answer = track(server, `[${GOOD}]`);
    await server.until('the request', () => server.ledger.requests[0], 5_000);
    clock.advance(5_980);
    expect(server.ledger.requests[0]?.answer).toBeUndefined();
    clock.advance(40);
    expect((await answer).status).toBe(200);
  });

  it('goes on with what a client gave up: sent again it is there twice', async () => {
    const { server, clock } = await start({ insights: { eventsPerSecond: 100 } });
    const giveUp = new AbortController();
    const first = track(server, users(50, 'x'), {}, giveUp.signal).catch(() => 'given up');
    await server.until('the request', () => server.ledger.requests[0], 5_000);
    clock.advance(100);
    giveUp.abort();
    expect(await first).toBe('given up');
    await server.until('the end', () => server.ledger.requests[0]?.givenUp || undefined, 5_000);
    const again = track(server, users(50, 'x'));
    await server.until('the request', () => server.ledger.requests[1], 5_000);
    clock.advance(5_000);
    expect((await again).status).toBe(200);
    expect(server.ledger.summary).toEqual({ kept: 50, doubled: 50, extraRows: 50, lost: 0 });
  });

  it('answers 200 and loses everything without its store, and waits for one that hangs', async () => {
    const { server, clock } = await start();
    server.store.become('away');
    expect((await track(server, users(3, 'x'))).status).toBe(200);
    expect(server.ledger.summary).toEqual({ kept: 0, doubled: 0, extraRows: 0, lost: 3 });
    server.store.become('hanging');
    const waiting = track(server, users(3, 'y'));
    await server.until('the request', () => server.ledger.requests[1], 5_000);
    clock.advance(10_000);
    expect(server.ledger.summary.kept).toBe(0);
    server.store.become('up');
    clock.advance(100);
    expect((await waiting).status).toBe(200);
    expect(server.ledger.summary.kept).toBe(3);
  });

  it('loses a share of events where it is told to, the same for the same seed', async () => {
    const lost: number[] = [];
    for (const seed of [7, 7, 8]) {
      const { server } = await start({ seed, insights: { lossShare: 0.1 } });
      expect((await track(server, users(300, 'x'))).status).toBe(200);
      lost.push(server.ledger.summary.lost);
    }
    expect(lost[0]).toBeGreaterThan(10);
    expect([lost[1], lost[2] === lost[0]]).toEqual([lost[0], false]);
  });
});

describe('polls', () => {
  /** A server whose answers take no time. */
  const quick = { answerCosts: { base: 0, perDocument: 0 } };

  const answered = async (
    server: FeatBitServer,
    clock: ManualClock,
    query: string,
    headers?: Record<string, string>,
  ) => {
    const count = server.polling.polls.length;
    const response = fetch(`${server.httpUrl}/api/public/sdk/server/latest-all${query}`, {
      headers: { Authorization: server.secret, ...headers },
    });
    await server.until('the poll', () => server.polling.polls[count], 5_000);
    clock.advance(0);
    return response;
  };

  it.each<[string, string, number, string | undefined]>([
    ['no timestamp', '', 200, 'full'],
    ['0', '?timestamp=0', 200, 'full'],
    ['an old cursor', '?timestamp=1', 200, 'patch'],
    ['a negative one', '?timestamp=-1', 200, 'patch'],
    ['the far future', '?timestamp=253402300799999', 200, undefined],
    ['a time after the year 9999', '?timestamp=253402300800000', 500, undefined],
    ['an empty one', '?timestamp=', 400, undefined],
    ['text', '?timestamp=now', 400, undefined],
    ['a fraction', '?timestamp=1.5', 400, undefined],
    ['20 digits', '?timestamp=12345678901234567890', 400, undefined],
    ['two of them', '?timestamp=1&timestamp=x', 200, 'patch'],
    ['another spelling and a space', '?TimeStamp=%201', 200, 'patch'],
  ])('answers %s as the real server does', async (_name, query, status, eventType) => {
    const { server, clock } = await start(quick);
    const response = await answered(server, clock, query);
    const text = await response.text();
    expect([response.status, text === '' ? undefined : JSON.parse(text).data.eventType]).toEqual([status, eventType]);
    if (text !== '') expect(response.headers.get('content-length')).toBe(null);
    expect(response.headers.get('etag')).toBe(null);
  });

  it('compresses where something in front of it does, for who asks', async () => {
    const { server, clock } = await start({ ...quick, compressesPolls: true });
    const zipped = await answered(server, clock, '', { 'Accept-Encoding': 'gzip' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(JSON.parse(await zipped.text()).data.featureFlags.length).toBe(3);
    const plain = await answered(server, clock, '', { 'Accept-Encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBe(null);
  });

  it('refuses another secret, and fails without its store', async () => {
    const { server, clock } = await start(quick);
    expect((await answered(server, clock, '', { Authorization: 'x' })).status).toBe(401);
    server.store.become('away');
    expect((await answered(server, clock, '')).status).toBe(500);
    const health = ['liveness', 'readiness'].map(
      async (name) => (await fetch(`${server.httpUrl}/health/${name}`)).status,
    );
    expect(await Promise.all(health)).toEqual([200, 503]);
  });
});

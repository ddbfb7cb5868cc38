import { describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../src/errors.js';
import { sayTheSame, type UpstreamCommit, type UpstreamObserver, UpstreamServer } from '../src/upstream.js';
import { FakePlatform } from './support/fake-network.js';
import { RecordingLogger } from './support/recording-logger.js';
import { wireFlag, wireSegment } from './support/wire.js';

const SECRET = 'the-server-secret-of-an-environment-of-44-cha';
const T = Date.UTC(2026, 0, 1);
const at = (version: number) => new Date(T + version).toISOString();

/** A server that is followed, with what was reported, in short. */
function aWorld() {
  const platform = new FakePlatform();
  const logger = new RecordingLogger();
  const lines = () => logger.entries.map(({ message }) => message).join('\n');
  const server = new UpstreamServer({ url: 'https://featbit.example.org/prefix/' }, logger, platform);
  const commits: UpstreamCommit[] = [];
  const reports: string[] = [];
  const observer: UpstreamObserver = {
    committed: (commit) => {
      commits.push(commit);
      const names = commit.documents.map(({ kind, key, version, isArchived }) => {
        return `${kind} ${key}@${version - T}${isArchived ? '!' : ''}`;
      });
      reports.push([commit.eventType, ...names, ...(commit.isAnswer ? ['answer'] : [])].join(' '));
    },
    answered: () => void reports.push('answered'),
    alive: () => void reports.push('alive'),
    interrupted: ({ code }) => void reports.push(`interrupted ${code}`),
    refused: ({ code }) => void reports.push(`refused ${code}`),
  };
  const end = server.follow(SECRET, logger, observer);
  const receive = async (eventType: string, featureFlags: readonly unknown[], segments: readonly unknown[] = []) => {
    platform.net.socket.message({ messageType: 'data-sync', data: { eventType, featureFlags, segments } });
    await platform.clock.settle();
  };
  return { platform, server, lines, commits, reports, end, receive };
}

const flag = (key: string, version: number, overrides: object = {}) => ({
  ...wireFlag(key),
  updatedAt: at(version),
  ...overrides,
});

describe('an environment that is followed', () => {
  it('is asked for over one connection, with a token of the secret', () => {
    const { platform } = aWorld();
    expect(platform.net.sockets).toHaveLength(1);
    expect(platform.net.socket.url).toMatch(/^wss:\/\/featbit\.example\.org\/prefix\/streaming\?type=server&token=/);
    expect(platform.net.socket.url).not.toContain(SECRET);
    platform.net.socket.open();
    expect(platform.net.socket.sent[0]).toBe('{"messageType":"data-sync","data":{"timestamp":0}}');
  });

  it('is reported document by document, as they came', async () => {
    const { platform, receive, reports, commits } = aWorld();
    platform.net.socket.open();
    const document = flag('a', 1, { description: 'unknown to evaluation' });
    await receive('full', [document, flag('b', 2, { isArchived: true })], [{ ...wireSegment('s'), updatedAt: at(3) }]);
    expect(reports).toEqual(['full segment s@3 flag a@1 flag b@2! answer']);
    expect(commits[0]?.documents.find(({ key }) => key === 'a')?.document).toEqual(document);
    expect(commits[0]?.isInSync).toBe(true);
  });

  it('has of a document that came twice the newer one, and none that cannot be decoded', async () => {
    const { platform, receive, reports, lines } = aWorld();
    platform.net.socket.open();
    await receive('full', [flag('a', 1), flag('a', 5), flag('a', 3), flag('broken', 9, { rules: null })]);
    expect(reports).toEqual(['full flag a@5 answer']);
    expect(lines()).toContain('flag "broken" was skipped');
  });

  it('tells pushes from answers', async () => {
    const { platform, receive, reports, commits } = aWorld();
    platform.net.socket.open();
    await receive('full', [flag('a', 1)]);
    await receive('patch', [flag('a', 2)]);
    expect(reports[1]).toBe('patch flag a@2');
    expect(commits[1]).toMatchObject({ isAnswer: false, isInSync: true });
    await receive('patch', []);
    expect(reports.at(-1)).toBe('patch answer');
  });

  it('that is pushed before there was an answer is not in sync', async () => {
    const { platform, receive, commits } = aWorld();
    platform.net.socket.open();
    await receive('patch', [flag('a', 2)]);
    expect(commits[0]).toMatchObject({ isAnswer: false, isInSync: false });
  });

  it('is connected again after an interruption, and asked from where it was', async () => {
    const { platform, receive, reports } = aWorld();
    platform.net.socket.open();
    await receive('full', [flag('a', 1)]);
    platform.net.socket.drop();
    expect(reports.at(-1)).toBe('interrupted interrupted');
    await platform.clock.advance(2_000);
    platform.net.socket.open();
    expect(platform.net.socket.sent[0]).toBe(JSON.stringify({ messageType: 'data-sync', data: { timestamp: T + 1 } }));
  });

  it('is asked again a minute and more after a refusal', async () => {
    const { platform, reports } = aWorld();
    platform.net.socket.open();
    platform.net.socket.drop(4003);
    expect(reports).toEqual(['refused rejected']);
    await platform.clock.advance(59_000);
    expect(platform.net.sockets).toHaveLength(1);
    await platform.clock.advance(16_000);
    expect(platform.net.sockets).toHaveLength(2);
  });

  it('is asked again on the same stream when a full message undoes a push', async () => {
    const { platform, receive } = aWorld();
    platform.net.socket.open();
    await receive('full', [flag('a', 1)]);
    await receive('patch', [flag('a', 5)]);
    const before = platform.net.socket.sent.length;
    await receive('full', [flag('a', 1)]);
    const asked = platform.net.socket.sent.slice(before).filter((text) => text.includes('data-sync'));
    expect(asked).toEqual([JSON.stringify({ messageType: 'data-sync', data: { timestamp: T + 1 } })]);
  });

  it('is over when it is ended: nothing is reported, nothing is connected, no timer is left', async () => {
    const { platform, receive, reports, end } = aWorld();
    platform.net.socket.open();
    await receive('full', [flag('a', 1)]);
    end();
    const count = reports.length;
    await receive('full', [flag('a', 2)]);
    await platform.clock.advance(100_000);
    expect(reports).toHaveLength(count);
    expect(platform.net.liveSockets).toEqual([]);
    expect(platform.clock.timers()).toBe(0);
  });
});

describe('a server', () => {
  it('is sent events with a secret, as SDKs send them', async () => {
    const { platform, server } = aWorld();
    const sent = server.track('any-secret', '[{}]', 5_000);
    const [request] = platform.net.openRequests;
    expect(request?.request).toMatchObject({
      method: 'POST',
      url: 'https://featbit.example.org/prefix/api/public/insight/track',
      headers: { Authorization: 'any-secret', 'Content-Type': 'application/json; charset=utf-8' },
      body: '[{}]',
      timeout: 5_000,
    });
    request?.respond(200);
    expect(await sent).toMatchObject({ kind: 'done' });
  });

  it.each<[what: string, answer: (world: ReturnType<typeof aWorld>) => void, kind: string]>([
    ['nobody listens', ({ platform }) => platform.net.openRequests[0]?.fail('ECONNREFUSED'), 'unreachable'],
    ['it is cut', ({ platform }) => platform.net.openRequests[0]?.cut(), 'cut'],
    ['it is not answered', ({ platform }) => platform.net.openRequests[0]?.timeOut(), 'unanswered'],
    ['it is refused', ({ platform }) => platform.net.openRequests[0]?.respond(401), 'unauthorized'],
    ['it is too large', ({ platform }) => platform.net.openRequests[0]?.respond(413), 'too-large'],
  ])('says what became of a request: %s', async (_, answer, kind) => {
    const world = aWorld();
    const sent = world.server.post('/api/x', 'key', '"id"', 1_000);
    answer(world);
    expect(await sent).toMatchObject({ kind });
  });

  it('opens a stream of another kind', () => {
    const { platform, server } = aWorld();
    const handlers = { opened() {}, message() {}, activity() {}, closed() {} };
    server.openStream('type=relay-proxy&token=k', handlers);
    expect(platform.net.socket.url).toBe('wss://featbit.example.org/prefix/streaming?type=relay-proxy&token=k');
  });

  it('closes what it has', () => {
    const { platform, server } = aWorld();
    server.close();
    expect(platform.net.closed).toBe(true);
  });

  it.each([{ url: 'x' }, { url: 'http://a:b@c' }, { url: 'http://x', ca: 'x' }])('cannot be at %j', (options) => {
    expect(() => new UpstreamServer(options)).toThrow(InvalidConfigError);
  });
});

describe('two documents', () => {
  it.each<[what: string, overrides: object, isSame: boolean]>([
    ['are alike', {}, true],
    ['differ in what evaluation does not read', { description: 'x', tags: ['y'], updatedAt: at(9) }, true],
    ['differ in what it reads', { isEnabled: false }, false],
    ['differ in being archived', { isArchived: true }, false],
    ['and one cannot be read', { rules: 7 }, false],
  ])('%s', (_, overrides, isSame) => {
    expect(sayTheSame('flag', flag('a', 1, { isEnabled: true }), flag('a', 1, { isEnabled: true, ...overrides }))).toBe(
      isSame,
    );
  });

  it('of segments are compared by their users', () => {
    const one = { ...wireSegment('s'), updatedAt: at(1) };
    expect(sayTheSame('segment', one, { ...one, name: 'x' })).toBe(true);
    expect(sayTheSame('segment', one, { ...one, included: ['somebody else'] })).toBe(false);
  });
});

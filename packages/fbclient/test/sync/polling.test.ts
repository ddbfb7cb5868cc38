import { beforeEach, describe, expect, it } from 'vitest';
import { Log } from '../../src/runtime/log.js';
import { PollingSource, type PollingTimes } from '../../src/sync/polling.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakePlatform, type FakeRequest } from '../support/fake-network.js';
import { FakeSink } from '../support/fake-sink.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { POLLING_TIMES } from '../support/times.js';
import { full, patch, updatedAt, versionOf, wireFlag } from '../support/wire.js';

const INTERVAL = 30_000;

let platform: FakePlatform;
let sink: FakeSink;
let source: PollingSource;
let logger: RecordingLogger;

beforeEach(() => start());

function start(times: Partial<PollingTimes> = {}): void {
  platform = new FakePlatform();
  sink = new FakeSink();
  logger = new RecordingLogger();
  const settings = {
    url: 'http://featbit.test/prefix',
    secret: 'the-secret',
    times: { ...POLLING_TIMES, interval: INTERVAL, ...times },
  };
  source = new PollingSource(settings, platform, platform.net, new Log(logger, new FakeClock()));
  source.start(sink);
}

const request = (index = -1): FakeRequest => must(platform.net.requests.at(index));
const polls = (): number => platform.net.requests.length;

describe('a poll', () => {
  it('comes at once, then an interval after the end of the one before', async () => {
    expect(polls()).toBe(1);
    await platform.clock.advance(9_000);
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.advance(INTERVAL - 1);
    expect(polls()).toBe(1);
    await platform.clock.advance(1);
    expect(polls()).toBe(2);
  });

  it('is one at a time, however slow the server', async () => {
    await platform.clock.advance(10 * INTERVAL);
    expect(polls()).toBe(1);
  });

  it('asks for everything first, then for what is newer than the cursor', async () => {
    sink.cursor = 0;
    expect(request().request).toEqual({
      method: 'GET',
      url: 'http://featbit.test/prefix/api/public/sdk/server/latest-all',
      headers: { Authorization: 'the-secret' },
      timeout: 10_000,
      maxBody: 256 * 1024 * 1024,
      compressed: true,
    });
    sink.cursor = 1_767_225_600_123;
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.advance(INTERVAL);
    expect(request().request.url).toBe(
      'http://featbit.test/prefix/api/public/sdk/server/latest-all?timestamp=1767225600123',
    );
  });

  it('waits for a long answer to be taken in', async () => {
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.advance(10 * INTERVAL);
    expect(polls()).toBe(1);
    finish(true);
    await platform.clock.advance(INTERVAL);
    expect(polls()).toBe(2);
  });
});

describe('an answer', () => {
  it.each([full([{ key: 'a' }]), patch()])('with data is passed on, decoded', async (envelope) => {
    request().respond(200, { body: JSON.stringify(envelope) });
    await platform.clock.settle();
    expect(sink.calls).toEqual([['accept', envelope]]);
  });

  it.each(['', ' ', '\r\n'])('that is empty says that nothing is newer: %j', async (body) => {
    request().respond(200, { body });
    await platform.clock.settle();
    expect(sink.calls).toEqual([['confirm']]);
  });

  it.each<[string, (of: FakeRequest) => void, string]>([
    ['of HTML', (of) => of.respond(200, { body: '<html></html>' }), 'bad-answer'],
    ['of status 500', (of) => of.respond(500), 'bad-answer'],
    ['of status 404', (of) => of.respond(404), 'bad-answer'],
    ['of status 304', (of) => of.respond(304), 'bad-answer'],
    ['of status 407, which is a proxy’s', (of) => of.respond(407), 'connect-failed'],
    ['that does not come', (of) => of.fail('ECONNREFUSED'), 'connect-failed'],
  ])('%s is an interruption, and the next poll comes', async (_name, answer, code) => {
    sink.answer = () => Promise.resolve(false);
    answer(request());
    await platform.clock.settle();
    expect(sink.calls.at(-1)).toEqual(['interrupted', code]);
    await platform.clock.advance(INTERVAL);
    expect(polls()).toBe(2);
    sink.answer = () => Promise.resolve(true);
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.settle();
    expect(sink.calls.at(-1)?.[0]).toBe('accept');
  });

  it('of a proxy that wants credentials says so, and what to do', async () => {
    const told: string[] = [];
    sink.interrupted = ({ message }) => told.push(message);
    request().respond(407);
    await platform.clock.settle();
    expect(told).toEqual([expect.stringMatching(/the proxy refused \(HTTP status 407\): check .*option proxy/)]);
  });

  it('that is no data-sync is an interruption, and the log has no word of it', async () => {
    request().respond(200, { body: '{"messageType":"data-sync","data":"MARKED"}' });
    await platform.clock.settle();
    expect(sink.calls).toEqual([['interrupted', 'bad-answer']]);
    expect(logger.codes('error')).toEqual(['bad-data-sync']);
    expect(logger.text).not.toContain('MARKED');
  });

  it.each([401, 403])('of status %d is a refusal: the next poll comes after a long, growing wait', async (status) => {
    start({ refusedRetryDelay: 60_000 });
    platform.chance = 0.5;
    for (const wait of [67_500, 135_000, 270_000, 540_000, 600_000, 600_000]) {
      const before = polls();
      request().respond(status, { retryAfter: '1' });
      await platform.clock.advance(wait - 1);
      expect(polls()).toBe(before);
      await platform.clock.advance(1);
      expect(polls()).toBe(before + 1);
    }
    expect(new Set(sink.calls.map((call) => call.join()))).toEqual(new Set(['failed,rejected']));
    // Let in again: the row is over.
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.advance(INTERVAL);
    request().respond(status);
    await platform.clock.advance(67_500);
    expect(polls()).toBe(9);
  });

  it.each([401, 403])('of status %d is final with refusedRetryDelay: false', async (status) => {
    request().respond(status, { retryAfter: '1' });
    await platform.clock.advance(86_400_000);
    expect(sink.calls).toEqual([['failed', 'rejected']]);
    expect(polls()).toBe(1);
    expect(platform.clock.timers()).toBe(0);
  });

  it.each([
    [429, '120', 120_000],
    [503, '1', INTERVAL],
    [200, '60', 60_000],
    [503, '100000', 300_000],
    [503, 'soon', INTERVAL],
  ])(
    'of status %d with Retry-After %s puts the next poll off, never ahead',
    async (status, retryAfter, milliseconds) => {
      request().respond(status, { retryAfter, body: status === 200 ? JSON.stringify(full()) : '' });
      await platform.clock.advance(milliseconds - 1);
      expect(polls()).toBe(1);
      await platform.clock.advance(1);
      expect(polls()).toBe(2);
    },
  );
});

describe('one of so many polls', () => {
  const asked = (): (string | null)[] =>
    platform.net.requests.map(({ request: { url } }) => new URL(url).searchParams.get('timestamp'));
  /** Answers a poll, so that the next one comes. */
  async function answer(body: string): Promise<void> {
    request().respond(200, { body });
    await platform.clock.advance(INTERVAL);
  }

  it('asks for everything, because a cursor can miss changes', async () => {
    start({ pollsPerFullSync: 3 });
    const everything = JSON.stringify(full([wireFlag('a')]));
    request().respond(200, { body: everything });
    await platform.clock.settle();
    sink.cursor = 5;
    await platform.clock.advance(INTERVAL);
    for (const body of ['', JSON.stringify(patch()), everything, '', '']) await answer(body);
    expect(asked()).toEqual([null, '5', '5', null, '5', '5', null]);
    expect(sink.calls.filter(([call]) => call === 'asked').length).toBe(2);
    // Only what was asked for once more is compared.
    expect(sink.repeated).toEqual([false, false, true]);
  });

  it.each<[string, (poll: FakeRequest) => void]>([
    ['fails', (poll) => poll.fail('ECONNRESET')],
    ['is answered with 500', (poll) => poll.respond(500)],
    ['is answered with something else', (poll) => poll.respond(200, { body: '<html>' })],
  ])(
    'comes again after as many polls when it %s: what is newer than the cursor is asked for meanwhile',
    async (_name, end) => {
      start({ pollsPerFullSync: 3 });
      sink.cursor = 5;
      await answer(JSON.stringify(full()));
      for (let poll = 0; poll < 7; poll++) {
        if (asked().at(-1) === null) {
          end(request());
          await platform.clock.settle();
          await platform.clock.advance(INTERVAL);
        } else await answer('');
      }
      expect(asked()).toEqual([null, '5', '5', null, '5', '5', null, '5', '5']);
    },
  );

  it.each([1, 2])('is every poll, or every second one: %d', async (pollsPerFullSync) => {
    start({ pollsPerFullSync });
    sink.cursor = 5;
    await answer(JSON.stringify(full()));
    for (let poll = 0; poll < 4; poll++) await answer(JSON.stringify(full()));
    expect(asked().filter((cursor) => cursor === null).length).toBe(pollsPerFullSync === 1 ? 6 : 3);
  });

  it('counts what it puts right: not what is newer than the cursor, which the next poll would have brought', async () => {
    start({ pollsPerFullSync: 1 });
    await answer(JSON.stringify(full()));
    sink.cursor = versionOf(5);
    const versions = [
      ['missed', 5],
      ['new', 6],
    ] as const;
    sink.differences = versions.map(([key, version]) => ({
      kind: 'flag',
      key,
      before: undefined,
      after: versionOf(version),
      visible: true,
    }));
    sink.differences.push({ kind: 'segment', key: 'gone', before: versionOf(1), after: undefined, visible: true });
    await answer(JSON.stringify(full([wireFlag('new', 'on', { updatedAt: updatedAt(6) })])));
    expect(sink.calls.filter(([call]) => call === 'repaired')).toEqual([['repaired', 2]]);
  });
});

describe('closing', () => {
  it('cancels the poll that is under way', async () => {
    source.close();
    expect(platform.net.openRequests).toEqual([]);
    await platform.clock.advance(86_400_000);
    expect(polls()).toBe(1);
    expect(sink.calls).toEqual([]);
  });

  it('cancels the next one', async () => {
    request().respond(200, { body: JSON.stringify(full()) });
    await platform.clock.settle();
    source.close();
    expect(platform.clock.timers()).toBe(0);
    await platform.clock.advance(86_400_000);
    expect(polls()).toBe(1);
  });

  it('while an interruption is being told lets no other poll follow', async () => {
    sink.interrupted = () => source.close();
    request().fail('ECONNREFUSED');
    await platform.clock.advance(86_400_000);
    expect(polls()).toBe(1);
    expect(platform.clock.timers()).toBe(0);
  });

  it('while an answer is taken in lets no other poll follow', async () => {
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    request().respond(200, { body: JSON.stringify(full()) });
    source.close();
    finish(false);
    await platform.clock.advance(86_400_000);
    expect(polls()).toBe(1);
    expect(sink.calls.map(([call]) => call)).toEqual(['accept']);
    expect(platform.clock.timers()).toBe(0);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { PollingSource } from '../../src/sync/polling.js';
import { FakePlatform, type FakeRequest } from '../support/fake-network.js';
import { FakeSink } from '../support/fake-sink.js';
import { must } from '../support/must.js';
import { full, patch } from '../support/wire.js';

const INTERVAL = 30_000;

let platform: FakePlatform;
let sink: FakeSink;
let source: PollingSource;

beforeEach(() => {
  platform = new FakePlatform();
  sink = new FakeSink();
  const settings = {
    url: 'http://featbit.test/prefix',
    secret: 'the-secret',
    times: { interval: INTERVAL, requestTimeout: 10_000 },
  };
  source = new PollingSource(settings, platform, platform.net);
  source.start(sink);
});

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
  it.each([full([{ key: 'a' }]), patch()])('with data is passed on as it came', async (envelope) => {
    request().respond(200, { body: JSON.stringify(envelope) });
    await platform.clock.settle();
    expect(sink.calls).toEqual([['accept', JSON.stringify(envelope)]]);
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

  it.each([401, 403])('of status %d is a refusal for good', async (status) => {
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

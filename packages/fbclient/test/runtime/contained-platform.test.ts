import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/runtime/clock.js';
import { containedPlatform } from '../../src/runtime/contained-platform.js';
import { Log } from '../../src/runtime/log.js';
import type { Platform, SocketHandlers } from '../../src/runtime/platform.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakePlatform } from '../support/fake-network.js';
import { RecordingLogger } from '../support/recording-logger.js';

let fake: FakePlatform;
let logger: RecordingLogger;
let platform: Platform;

beforeEach(() => {
  fake = new FakePlatform();
  logger = new RecordingLogger();
  platform = containedPlatform(fake, new Log(logger, new FakeClock()));
});

const fail = (): never => {
  throw new RangeError('MARKED');
};

function expectContained(): void {
  expect(logger.entries).toMatchObject([{ level: 'error', fields: { code: 'internal-error' } }]);
  expect(logger.text).toContain('RangeError');
  expect(logger.text).not.toContain('MARKED');
}

it.each<[string, (clock: Clock) => void]>([
  ['a background timer', (clock) => void clock.background(1, fail)],
  ['an awaited timer', (clock) => void clock.awaited(1, fail)],
  ['a later turn', (clock) => clock.nextTurn(fail)],
])('what %s throws is logged, and reaches nobody', async (_name, start) => {
  start(platform.clock);
  await fake.clock.advance(1);
  expectContained();
});

it('what the taker of an answer throws is logged, and reaches nobody', () => {
  const network = platform.network({ proxy: false, ca: undefined, rejectUnauthorized: true });
  network.request({ method: 'GET', url: 'http://a.test', headers: {}, timeout: 1, maxBody: 1 }, fail);
  fake.net.requests[0]?.respond(200);
  expectContained();
});

describe('what a socket’s handler throws', () => {
  const open = (handlers: Partial<SocketHandlers>): string[] => {
    const ends: string[] = [];
    const network = platform.network({ proxy: false, ca: undefined, rejectUnauthorized: true });
    const quiet = { opened: () => undefined, message: () => undefined, activity: () => undefined };
    const closed = (code: number, problem: string): void => void ends.push(`${code} ${problem}`);
    network.openSocket('ws://a.test', { ...quiet, closed, ...handlers });
    fake.net.socket.open();
    fake.net.socket.message('text');
    return ends;
  };

  it.each(['opened', 'message', 'activity'])('is an interruption with a reason: %s', (name) => {
    expect(open({ [name]: fail })).toEqual(['1006 RangeError in the SDK itself']);
    expect(fake.net.socket.state).toBe('gone');
    expectContained();
  });

  it('is logged where the connection is over anyway', () => {
    open({ closed: fail });
    fake.net.socket.drop();
    expectContained();
  });
});

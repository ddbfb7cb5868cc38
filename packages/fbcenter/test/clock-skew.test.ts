import { encodeConnectionToken } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './support/fake-clock.js';
import { StreamClient, syncedClient } from './support/stream-client.js';
import { startTestCenter } from './support/test-center.js';

/** A center, and what it writes for its operator. */
async function startWithLog(clock?: FakeClock, holdTime = 0) {
  const lines: [message: string, fields: Record<string, unknown>][] = [];
  const note = (message: string, fields = {}) => void lines.push([message, fields]);
  const logger = { debug() {}, info() {}, warn: note, error: note };
  const internals = { streamingLimits: { holdTime }, ...(clock === undefined ? {} : { clock }) };
  return { test: await startTestCenter({ logger }, internals), lines };
}

const tokenOf = (secret: string, time: number) => encodeConnectionToken(secret, time, 0.5);

describe('an SDK whose clock is off', () => {
  it.each<[string, number, RegExp]>([
    ['40 s behind', -40_000, /^this clock is 40\.\d s behind/],
    ['40 s ahead', 40_000, /^this clock is (?:39\.\d|40\.0) s ahead/],
    ['a day ahead', 86_400_000, /^this clock is 24 h ahead/],
  ])(
    '%s is closed as by a server that goes away, and the log names the environment and the skew',
    async (_, skew, text) => {
      const { test, lines } = await startWithLog();
      const token = tokenOf(test.environment.serverSecret, Date.now() + skew);
      const client = new StreamClient(test, { query: `type=server&token=${token}` });
      await client.opened();
      const { code, reason } = await client.closed;
      expect([code, reason]).toEqual([1001, expect.stringMatching(text)]);
      const [[message, fields] = [], ...more] = lines;
      expect([message, more]).toEqual(['a streaming connection was sent away because of its clock', []]);
      expect(fields).toMatchObject({ environment: 'dev', reason });
      expect(Math.abs(Number(fields?.skew) - skew)).toBeLessThan(10_000);
      expect(JSON.stringify(lines)).not.toContain(test.environment.serverSecret);
      expect(JSON.stringify(lines)).not.toContain(token);
    },
  );

  it.each(['featbit-dotnet-server-sdk', 'fb-go-server-sdk'])(
    'that would come back at once (%s) is answered 503 before it is let in, and the log says why',
    async (name) => {
      const { test, lines } = await startWithLog();
      const token = tokenOf(test.environment.serverSecret, Date.now() - 40_000);
      const client = new StreamClient(test, {
        query: `type=server&token=${token}`,
        headers: { 'user-agent': name },
      });
      await expect(client.opened()).rejects.toThrow('503');
      expect(lines.map(([message]) => message)).toEqual(['a streaming connection was sent away because of its clock']);
    },
  );

  it('in a browser is answered 503, whatever the browser is', async () => {
    const { test } = await startWithLog();
    const token = tokenOf(test.environment.clientSecret, Date.now() + 40_000);
    const client = new StreamClient(test, { query: `type=client&token=${token}` });
    await expect(client.opened()).rejects.toThrow('503');
  });

  it('is let in once the clocks agree again, whichever was wrong', async () => {
    const clock = new FakeClock(Date.now() - 3_600_000);
    const { test } = await startWithLog(clock);
    expect((await new StreamClient(test).closed).code).toBe(1001);
    clock.time = Date.now();
    await syncedClient(test);
  });

  it('is held before it is closed, so that it does not come back hundreds of times a second', async () => {
    const { test } = await startWithLog(undefined, 60_000);
    const token = tokenOf(test.environment.serverSecret, 0);
    const client = new StreamClient(test, { query: `type=server&token=${token}` });
    await client.opened();
    const other = new StreamClient(test, { query: 'type=server&token=nonsense' });
    expect((await other.closed).code).toBe(4003);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    // A center that stops does not wait for it.
    await test.center.close();
    expect((await client.closed).code).not.toBe(4003);
  });
});

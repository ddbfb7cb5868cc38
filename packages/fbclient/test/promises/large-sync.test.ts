import { describe, expect, it } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakeNetwork } from '../support/fake-network.js';
import { full, longText, patch, updatedAt, wireFlag } from '../support/wire.js';

const USER = { key: 'u' };
const FLAGS = 20;

/** A clock on which work takes time, and whose turns of the event loop are taken one by one. */
class SteppedClock extends FakeClock {
  override costOfReading = 3;
  readonly #waiting: (() => void)[] = [];

  override nextTurn(callback: () => void): void {
    this.#waiting.push(callback);
  }

  /** Takes one turn. @returns whether there was anything to do in it. */
  turn(): boolean {
    const due = this.#waiting.splice(0);
    for (const callback of due) callback();
    return due.length > 0;
  }
}

function flags(value: string, version: number) {
  return Array.from({ length: FLAGS }, (_, index) =>
    wireFlag(`f${index}`, value, { updatedAt: updatedAt(version + index) }),
  );
}

function start() {
  const clock = new SteppedClock();
  const net = new FakeNetwork();
  const options = { envSecret: 's', streamingUrl: 'ws://h', disableEvents: true };
  const client = new FBClient(options, { clock, random: () => 0.5, network: () => net });
  net.socket.open();
  net.socket.message(full(flags('old', 1)));
  while (clock.turn());
  const f0 = (): string => client.variation('f0', USER, '');
  const others = (): readonly string[] => [
    ...new Set(Array.from({ length: FLAGS - 1 }, (_, index) => client.variation(`f${index + 1}`, USER, ''))),
  ];
  return { clock, client, socket: net.socket, f0, others };
}

/** Runs a scenario for something that happens before the first turn of a large sync, before the second, … and after the last. */
async function atEveryTurn(scenario: (turns: number) => Promise<{ readonly over: boolean }>): Promise<void> {
  for (let turns = 0; ; turns++) {
    const { over } = await scenario(turns);
    if (!over) continue;
    // Otherwise the sync was not large, and nothing was shown.
    expect(turns).toBeGreaterThan(FLAGS / 4);
    return;
  }
}

/** @returns whether the sync ended within so many turns. */
function take(turns: number, clock: SteppedClock, each: () => void): boolean {
  for (let turn = 0; turn < turns; turn++) {
    if (!clock.turn()) return true;
    each();
  }
  return false;
}

describe.each([
  ['of many documents', (message: unknown) => message],
  ['of many documents and so long that it stays bytes', longText],
])('a sync %s is taken in by and by, and never seen in part', (_what, form) => {
  it('shows the old data or the new, and applies what arrives meanwhile after it, in order', async () => {
    await atEveryTurn(async (turns) => {
      const { clock, client, socket, f0, others } = start();
      const seen = [f0()];
      const look = (): void => {
        if (seen.at(-1) !== f0()) seen.push(f0());
        expect(others()).toHaveLength(1);
      };
      socket.message(form(full(flags('new', 100))));
      look();
      const over = take(turns, clock, look);
      socket.message(patch([wireFlag('f0', 'patched', { updatedAt: updatedAt(500) })]));
      look();
      // Older than the patch: it counts because it comes later.
      socket.message(form(full(flags('newest', 300))));
      look();
      while (clock.turn()) look();

      expect(['old', 'new', 'patched', 'newest'].filter((value) => seen.includes(value))).toEqual(seen);
      expect([f0(), others()]).toEqual(['newest', ['newest']]);
      expect(client.diagnostics().data.commits).toBe(4);
      expect(client.status).toBe('Ready');
      return { over };
    });
  });

  it('is abandoned by close(), at whatever point', async () => {
    await atEveryTurn(async (turns) => {
      const { clock, client, socket, f0 } = start();
      socket.message(form(full(flags('new', 100))));
      const over = take(turns, clock, () => undefined);
      socket.message(form(full(flags('newest', 300))));
      clock.turn();
      const before = [f0(), client.diagnostics().data.commits];
      const closing = client.close();
      let closed = false;
      void closing.then(() => {
        closed = true;
      });
      while (clock.turn() || !closed) await Promise.resolve();

      expect([f0(), client.diagnostics().data.commits]).toEqual(before);
      return { over };
    });
  });
});

import { describe, expect, it, vi } from 'vitest';
import { type ElsewhereParts, followOthers } from '../src/elsewhere.js';
import { Usages } from '../src/live/usage.js';
import type { ForeignChange } from '../src/storage/storage.js';
import { FakeClock } from './support/fake-clock.js';
import { memoryLogger } from './support/memory-logger.js';

/** A center of which only what others change is looked at. */
function center(overrides: Partial<ElsewhereParts> = {}) {
  const did: string[] = [];
  const log = memoryLogger();
  let report: (change: ForeignChange) => void = () => {};
  const stopped = vi.fn();
  const stop = followOthers({
    storage: {
      watchOthers: (listener: (change: ForeignChange) => void) => {
        report = listener;
        return stopped;
      },
      environments: { list: async () => [{ id: 'e1' }, { id: 'e2' }] },
      secrets: { list: async (id: string) => [{ id: `secret of ${id}` }] },
    } as unknown as ElsewhereParts['storage'],
    hub: {
      revoke: (id) => void did.push(`revoke ${id}`),
      secretIds: () => new Set(['secret of e1', 'a secret that is gone']),
    },
    experiments: {
      refresh: async (id) => void did.push(`refresh ${id}`),
      reach: { forget: (id) => void did.push(`forget users of ${id}`) },
    },
    usages: { reset: (id) => void did.push(`reset ${id}`), resetAll: () => void did.push('reset all') },
    judgeStreams: async () => void did.push('judge'),
    log,
    ...overrides,
  });
  return { did, log, stop, stopped, report: (change: ForeignChange) => report(change) };
}

describe('what another center has changed', () => {
  it.each<[ForeignChange, readonly string[]]>([
    [{ kind: 'secret-removed', id: 's' }, ['revoke s']],
    [{ kind: 'access' }, ['judge']],
    [{ kind: 'experiments', environmentId: 'e1' }, ['refresh e1']],
    [{ kind: 'insights', environmentId: 'e1' }, ['forget users of e1', 'reset e1']],
    [{ kind: 'missed' }, ['judge', 'refresh undefined', 'reset all', 'revoke a secret that is gone']],
  ])('%j is taken over here', async (change, expected) => {
    const { did, report } = center();
    report(change);
    await vi.waitFor(() => expect([...did].sort()).toEqual(expected));
  });

  it('is logged when it cannot be taken over, and the next change is', async () => {
    const { did, log, report } = center({
      judgeStreams: async () => Promise.reject(new Error('the database is away')),
    });
    report({ kind: 'access' });
    await vi.waitFor(() => expect(log.lines).toEqual(['warn what another center has changed could not be taken over']));
    report({ kind: 'insights', environmentId: 'e1' });
    await vi.waitFor(() => expect(did).toEqual(['forget users of e1', 'reset e1']));
  });

  it('is followed until the end', () => {
    const { stop, stopped } = center();
    stop();
    expect(stopped).toHaveBeenCalledOnce();
  });
});

describe('usages of a shared database', () => {
  it('are read anew after a while, for others count too; those of one center only when it has counted', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const clock = new FakeClock();
      const reading = vi.fn(async () => []);
      const [shared, own] = [true, false].map((isShared) => new Usages({ usage: reading }, clock, isShared).of('e'));
      const read = async (usages = shared) => {
        reading.mockClear();
        await usages?.current();
        return reading.mock.calls.length;
      };
      expect([await read(), await read(), await read(own), await read(own)]).toEqual([1, 0, 1, 0]);
      vi.advanceTimersByTime(2_001);
      expect([await read(), await read(), await read(own)]).toEqual([1, 0, 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AuditRetention, startAuditRetention } from '../src/audit-retention.js';
import { CENTER } from '../src/model/actor.js';
import { openSqliteStorage } from '../src/storage/sqlite/open.js';
import type { Storage } from '../src/storage/storage.js';
import { FakeClock } from './support/fake-clock.js';
import { memoryLogger } from './support/memory-logger.js';
import { replacing } from './support/replacing.js';

const DAY = 24 * 60 * 60 * 1_000;

let clock: FakeClock;
let storage: Storage;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  clock = new FakeClock();
  storage = openSqliteStorage({ clock });
});
afterEach(async () => {
  vi.useRealTimers();
  await storage.close();
});

const log = memoryLogger();
async function start(days: number | undefined, over: Storage = storage): Promise<AuditRetention> {
  const retention = await startAuditRetention({ storage: over, clock, log, days });
  onTestFinished(() => retention.stop());
  return retention;
}

async function entries(): Promise<string[]> {
  const list = await storage.audit.list({ limit: 100 });
  return list.map(({ action, subject }) => `${action} ${subject.key}`);
}

async function append(key: string): Promise<void> {
  await storage.audit.append({ actor: CENTER, action: 'create', subject: { kind: 'token', key } });
}

describe('entries of the audit log', () => {
  it('are kept for ever unless it is said otherwise', async () => {
    await append('a');
    clock.time += 4_000 * DAY;
    const retention = await start(undefined);
    await retention.sweep();
    expect(await entries()).toEqual(['create a']);
  });

  it('are forgotten at the start and each day, and the log says so', async () => {
    await append('a');
    clock.time += 20 * DAY;
    await append('b');
    clock.time += 15 * DAY;
    await start(30);
    expect(await entries()).toEqual(['prune audit', 'update audit-days', 'create b']);
    clock.time += 20 * DAY;
    vi.advanceTimersByTime(DAY);
    await vi.waitFor(async () => expect(await entries()).toEqual(['prune audit', 'prune audit', 'update audit-days']));
  });

  it('are not forgotten once the center has stopped', async () => {
    const retention = await start(30);
    await append('a');
    retention.stop();
    clock.time += 100 * DAY;
    vi.advanceTimersByTime(10 * DAY);
    expect((await entries())[0]).toBe('create a');
  });

  it('stay when they cannot be forgotten, which the log of the center says', async () => {
    const failing = replacing(storage, {
      audit: {
        ...storage.audit,
        forgetBefore: async () => {
          throw new Error('the disk is gone');
        },
      },
    });
    const retention = await start(30, failing);
    await retention.sweep();
    expect(log.lines.at(-1)).toBe('warn old entries of the audit log could not be forgotten');
  });
});

describe('how long entries are kept', () => {
  it.each<[string, readonly (number | undefined)[], [unknown, unknown][]]>([
    ['for ever', [undefined, undefined], []],
    ['as long as before', [90, 90], [[null, 90]]],
    [
      'longer than before',
      [90, 365],
      [
        [null, 90],
        [90, 365],
      ],
    ],
    [
      'for ever again',
      [90, undefined, undefined],
      [
        [null, 90],
        [90, null],
      ],
    ],
  ])('is written down when it is another time than at the last start: %s', async (_, starts, changes) => {
    for (const days of starts) (await start(days)).stop();
    const list = await storage.audit.list({ kind: 'setting', limit: 10 });
    const details = await Promise.all(list.map(({ id }) => storage.audit.get(id)));
    const days = (text = '') => JSON.parse(text).days;
    expect(details.reverse().map((detail) => [days(detail?.before), days(detail?.after)])).toEqual(changes);
    for (const detail of details) expect(detail?.actor).toEqual(CENTER);
  });
});

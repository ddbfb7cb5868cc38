import { describe, expect, it } from 'vitest';
import { Freshness } from '../../src/relay/freshness.js';
import type { RelayedEnvironment } from '../../src/relay/relayed-environments.js';
import { Replica } from '../../src/relay/replica.js';
import { decodeSnapshot, encodeSnapshot, snapshotName } from '../../src/relay/snapshot.js';
import { SnapshotKeeper } from '../../src/relay/snapshot-keeper.js';
import { FakeTimers } from '../support/fake-timers.js';
import { MemoryFiles } from '../support/memory-files.js';
import { memoryLogger } from '../support/memory-logger.js';

const doc = (key: string, version: number, text = `{"key":"${key}"}`) => ({
  kind: 'flag' as const,
  key,
  version,
  isArchived: false,
  text,
});

function aWorld(files = new MemoryFiles()) {
  const clock = new FakeTimers();
  const log = memoryLogger();
  const environment: RelayedEnvironment = {
    id: 'e',
    key: 'dev',
    secrets: [],
    replica: new Replica((_kind, one, other) => one === other),
    freshness: new Freshness(),
  };
  const keeper = new SnapshotKeeper(environment, { files, clock, log });
  const { replica, freshness } = environment;
  const full = (...documents: ReturnType<typeof doc>[]) => {
    replica.full(documents);
    freshness.heard(clock.now());
    keeper.changed();
  };
  const saves = () => files.writes.filter((write) => write === `write ${snapshotName('e')}`).length;
  return { clock, log, files, environment, replica, freshness, keeper, full, saves };
}

describe('a snapshot', () => {
  const state = {
    documents: [{ ...doc('a', 1, '{"key":"a","x":"ключ\\n"}'), position: 3 }],
    cursors: [[1, 3] as const],
    replacedAt: 7,
  };

  it('is read as it was written', () => {
    expect(decodeSnapshot(encodeSnapshot({ environmentId: 'e', state }), 'e')).toEqual(state);
  });

  it.each<[what: string, damage: (text: string) => string, problem: RegExp]>([
    ['empty', () => '', /does not begin/],
    ['a line', () => 'x', /does not begin/],
    ['of another format', (text) => text.replace('relay 1', 'relay 2'), /does not begin/],
    ['cut off', (text) => text.slice(0, -5), /not what was written/],
    ['without its content', (text) => `${text.split('\n')[0]}\n`, /not what was written/],
    ['changed by a bit', (text) => text.replace('"version":1', '"version":2'), /not what was written/],
    ['with a wrong sum', (text) => text.replace(/"sha256":"./, '"sha256":"-'), /not what was written/],
  ])('that is %s is no snapshot, and says why', (_, damage, problem) => {
    expect(decodeSnapshot(damage(encodeSnapshot({ environmentId: 'e', state })), 'e')).toMatch(problem);
  });

  it('is of its own environment', () => {
    expect(decodeSnapshot(encodeSnapshot({ environmentId: 'other', state }), 'e')).toMatch(/another environment/);
  });
});

describe('what is kept on disk', () => {
  it('is written a second after a change, once for changes that come together', async () => {
    const { clock, full, saves } = aWorld();
    full(doc('a', 1));
    full(doc('a', 1), doc('b', 2));
    await clock.advance(999);
    expect(saves()).toBe(0);
    await clock.advance(1);
    expect(saves()).toBe(1);
    await clock.advance(600_000);
    expect(saves()).toBe(1);
  });

  it('is there for the next run, with its age', async () => {
    const { clock, full, keeper, files } = aWorld();
    full(doc('a', 1));
    await clock.advance(1_000);
    await keeper.close();
    const next = aWorld(files);
    await next.clock.advance(90_000);
    await next.keeper.restore();
    expect(next.replica.counts).toEqual({ flags: 1, segments: 0 });
    expect(next.freshness.age(next.clock.now())).toBe(90_000);
    expect(next.log.lines).toEqual(['info a snapshot is there to be served']);
  });

  it('gets younger while upstream says that nothing has changed, without being written anew', async () => {
    const { clock, full, keeper, files, freshness, saves } = aWorld();
    full(doc('a', 1));
    await clock.advance(1_000);
    const before = await files.timeOf(snapshotName('e'));
    await clock.advance(60_000);
    freshness.heard(clock.now());
    keeper.confirmed();
    expect(await files.timeOf(snapshotName('e'))).toBe((before ?? 0) + 61_000);
    expect(saves()).toBe(1);
  });

  it('is written at the end when something is not yet', async () => {
    const { full, keeper, saves } = aWorld();
    full(doc('a', 1));
    await keeper.close();
    expect(saves()).toBe(1);
    await keeper.close();
    expect(saves()).toBe(1);
  });

  it('is tried again every ten seconds while the disk is full, with one line for it and one for its end', async () => {
    const { clock, full, keeper, files, log, saves } = aWorld();
    files.failure = MemoryFiles.full();
    full(doc('a', 1));
    await clock.advance(60_000);
    expect(keeper.isFailing).toBe(true);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^error a snapshot cannot be written: the relay goes on from memory/);
    files.failure = undefined;
    await clock.advance(10_000);
    expect(saves()).toBe(1);
    expect(keeper.isFailing).toBe(false);
    expect(log.lines[1]).toBe('info snapshots are kept again');
  });

  it('that cannot be read is told, and nothing is served', async () => {
    const files = new MemoryFiles();
    files.readFailure = new Error('EIO');
    const { keeper, replica, log } = aWorld(files);
    await keeper.restore();
    expect(replica.isFilled).toBe(false);
    expect(log.lines).toEqual(['error a snapshot cannot be read']);
  });

  it('that does not exist is no news', async () => {
    const { keeper, replica, log } = aWorld();
    await keeper.restore();
    expect([replica.isFilled, log.lines]).toEqual([false, []]);
  });

  it('of a time to come is of now: a clock was set back', async () => {
    const files = new MemoryFiles();
    const before = aWorld(files);
    before.full(doc('a', 1));
    await before.clock.advance(1_000);
    await files.touch(snapshotName('e'), before.clock.now() + 1e9);
    const { keeper, freshness, clock } = aWorld(files);
    await keeper.restore();
    expect(freshness.age(clock.now())).toBe(0);
  });
});

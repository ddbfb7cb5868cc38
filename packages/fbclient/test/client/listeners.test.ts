import { beforeEach, describe, expect, it } from 'vitest';
import type { FBClient } from '../../src/node-client.js';
import { fakeClient } from '../support/clients.js';
import type { FakePlatform } from '../support/fake-network.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, patch, segmentFlag, updatedAt, wireFlag, wireSegment } from '../support/wire.js';

const ADA = { key: 'ada' };

let client: FBClient;
let platform: FakePlatform;
let logger: RecordingLogger;
let told: string[];

beforeEach(async () => {
  logger = new RecordingLogger();
  ({ client, platform } = fakeClient({ logger }));
  told = [];
  platform.net.socket.open();
  await receive(full([wireFlag('a'), wireFlag('b'), segmentFlag('s-flag', ['s'])], [wireSegment('s')]));
});

async function receive(message: unknown): Promise<void> {
  platform.net.socket.message(message);
  await platform.clock.settle();
}

const flag = (key: string, value: string, version: number, more = {}) =>
  wireFlag(key, value, { updatedAt: updatedAt(version), ...more });

describe('listeners', () => {
  beforeEach(() => {
    client.flagTracker.addFlagChangedListener(({ flagKey }) => told.push(flagKey));
  });

  it.each<[string, unknown, readonly string[]]>([
    ['an effective patch', patch([flag('b', 'x', 2), flag('a', 'x', 2)]), ['b', 'a']],
    ['a patch of old news', patch([flag('a', 'x', 1)]), []],
    ['an empty patch', patch(), []],
    ['an archived flag', patch([flag('a', 'x', 2, { isArchived: true })]), ['a']],
    ['a new flag', patch([flag('c', 'x', 1)]), ['c']],
    ['a segment of a flag', patch([], [wireSegment('s', ['ada'], { updatedAt: updatedAt(2) })]), ['s-flag']],
    ['a full', full([flag('a', 'x', 1), flag('c', 'x', 1)]), ['a', 'b', 's-flag', 'c']],
    ['an empty full', full(), ['a', 'b', 's-flag']],
    ['what cannot be used', '<html>', []],
  ])('are told of %s', async (_name, message, flagKeys) => {
    await receive(message);
    expect(told.toSorted()).toEqual([...flagKeys].toSorted());
  });

  it('are told once the data and the status are there to be seen, status first', async () => {
    platform.net.socket.drop();
    client.updateStatusProvider.addListener(({ status }) => told.push(`${status}, ${client.variation('a', ADA, '')}`));
    client.flagTracker.addFlagChangedListener(() => told.push(`${client.status}, ${client.variation('a', ADA, '')}`));
    await platform.clock.advance(1_000);
    platform.net.socket.open();
    await receive(patch([flag('a', 'new', 2)]));
    expect(told).toEqual(['Ready, new', 'a', 'Ready, new']);
  });

  it('are told of changes one after the other, in their order', async () => {
    for (let version = 2; version < 6; version++)
      platform.net.socket.message(patch([flag('a', `${version}`, version)]));
    platform.net.socket.message(patch([flag('b', 'x', 2)]));
    await platform.clock.settle();
    expect(told).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('do not delay the data: it is in use before they are called, and while they work', async () => {
    const never: () => unknown = () => new Promise(() => undefined);
    client.flagTracker.addFlagChangedListener(never as () => void);
    client.flagTracker.addFlagChangedListener(() => {
      throw new Error('MARKED');
    });
    await receive(patch([flag('a', 'two', 2)]));
    await receive(patch([flag('a', 'three', 3)]));
    expect(client.variation('a', ADA, '')).toBe('three');
    expect(told).toEqual(['a', 'a']);
    expect(logger.codes('warn')).toEqual(['listener-failed', 'listener-failed']);
    expect(logger.text).not.toContain('MARKED');
  });

  it('are called no more after close()', async () => {
    platform.net.socket.message(patch([flag('a', 'two', 2)]));
    await client.close();
    const before = told.length;
    platform.net.socket.message(patch([flag('a', 'three', 3)]));
    await platform.clock.settle();
    expect(told.length).toBe(before);
  });
});

describe('a listener to a value', () => {
  it('gets the value as an evaluation without a default would', async () => {
    const typed = fakeClient({ defaults: { number: 7 } });
    const values: unknown[] = [];
    for (const key of ['boolean', 'json', 'number', 'none']) {
      typed.client.flagTracker.addFlagValueChangedListener(key, ADA, (flagKey, previous, current) =>
        values.push([flagKey, previous, current]),
      );
    }
    typed.platform.net.socket.open();
    const flags = [
      flag('boolean', 'true', 1, { variationType: 'boolean' }),
      flag('json', '{"a":1}', 1, { variationType: 'json' }),
      flag('number', '8', 1, { variationType: 'string' }),
    ];
    typed.platform.net.socket.message(full(flags));
    await typed.platform.clock.settle();
    expect(values).toEqual([
      ['boolean', undefined, true],
      ['json', undefined, { a: 1 }],
      ['number', 7, 8],
    ]);
  });

  it('hears of segments, and not of other users', async () => {
    client.flagTracker.addFlagValueChangedListener('s-flag', ADA, (_key, before, now) =>
      told.push(`ada ${before} ${now}`),
    );
    client.flagTracker.addFlagValueChangedListener('s-flag', { key: 'bob' }, () => told.push('bob'));
    await receive(patch([], [wireSegment('s', ['ada'], { updatedAt: updatedAt(2) })]));
    expect(told).toEqual(['ada off on']);
  });
});

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import type { Persistence } from '../../src/sync/persistence.js';
import { FakePlatform } from '../support/fake-network.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, longText, patch, segmentFlag, updatedAt, wireFlag, wireSegment } from '../support/wire.js';

const ADA = { key: 'ada' };

let platform: FakePlatform;
let logger: RecordingLogger;

beforeEach(() => {
  platform = new FakePlatform();
  logger = new RecordingLogger();
});

function online(options: Partial<Options> = {}): FBClient {
  return new FBClient({ envSecret: 's', streamingUrl: 'ws://h', disableEvents: true, logger, ...options }, platform);
}

async function connected(options?: Partial<Options>): Promise<FBClient> {
  const client = online(options);
  platform.net.socket.open();
  await platform.clock.settle();
  return client;
}

describe('a long message', () => {
  const FLAGS = Array.from({ length: 30 }, (_, index) => wireFlag(`f${index}`, `value ${index}`));

  it('makes the client ready in a later turn, and each of its flags has its value', async () => {
    const client = await connected();
    platform.net.socket.message(longText(full(FLAGS)));
    expect(client.status).toBe('NotReady');
    await platform.clock.settle();
    expect(client.status).toBe('Ready');
    for (let index = 0; index < FLAGS.length; index++) {
      expect(client.variation(`f${index}`, ADA, '')).toBe(`value ${index}`);
    }
    expect(client.diagnostics().data).toMatchObject({ flags: 30, commits: 1 });
  });

  it('may be bytes', async () => {
    const client = await connected();
    platform.net.socket.receive(new TextEncoder().encode(longText(full(FLAGS))));
    await platform.clock.settle();
    expect(client.variation('f7', ADA, '')).toBe('value 7');
  });

  it('may be short and bytes', async () => {
    const client = await connected();
    platform.net.socket.receive(new TextEncoder().encode(JSON.stringify(full([wireFlag('a', 'é😀')]))));
    await platform.clock.settle();
    expect(client.variation('a', ADA, '')).toBe('é😀');
  });

  it('that is damaged is ignored and reported, and the next one counts', async () => {
    const client = await connected();
    const damaged = longText('{"messageType":"data-sync","data":MARKED}');
    platform.net.socket.message(damaged);
    platform.net.socket.message(full([wireFlag('a')]));
    await platform.clock.settle();
    expect(client.status).toBe('Ready');
    expect(logger.codes('error')).toEqual(['bad-message']);
    expect(logger.text).toContain(`not JSON (${damaged.length} characters)`);
    expect(logger.text).not.toContain('MARKED');
  });

  it('of another type changes nothing', async () => {
    const client = await connected();
    platform.net.socket.message(longText({ messageType: 'news', data: full(FLAGS).data }));
    platform.net.socket.message(longText({ messageType: 'pong', data: {} }));
    await platform.clock.settle();
    expect(client.diagnostics().data.commits).toBe(0);
    expect(logger.codes('error')).toEqual([]);
  });

  it('has its damaged flags and segments skipped and reported, each alone', async () => {
    const client = await connected();
    const flags = [
      FLAGS[0],
      { ...FLAGS[1], isEnabled: 1 },
      5,
      { ...FLAGS[2], updatedAt: '2026-02-30T00:00:00Z' },
      FLAGS[3],
    ];
    platform.net.socket.message(longText(full(flags, [{ ...wireSegment('s'), included: [1] }])));
    await platform.clock.settle();
    expect(client.diagnostics().data).toMatchObject({ flags: 2, segments: 0 });
    expect(logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'flag "f1" was skipped: isEnabled: expected a boolean, got number',
      'flag "#2" was skipped: expected an object, got number',
      'flag "f2" was skipped: updatedAt: expected an ISO 8601 time with an offset or Z',
      'segment "s" was skipped: included: expected an array of strings',
    ]);
  });

  it('is applied before what comes after it, and after what came before', async () => {
    const client = await connected();
    const value = (text: string, version: number) => [wireFlag('a', text, { updatedAt: updatedAt(version) })];
    platform.net.socket.message(full(value('first', 1)));
    platform.net.socket.message(longText(full(value('second', 2))));
    platform.net.socket.message(patch(value('third', 3)));
    platform.net.socket.message(longText(patch(value('fourth', 4))));
    platform.net.socket.message(patch(value('too old', 3)));
    const seen = [client.variation('a', ADA, '')];
    client.flagTracker.addFlagChangedListener(() => seen.push(client.variation('a', ADA, '')));
    await platform.clock.settle();
    expect(client.variation('a', ADA, '')).toBe('fourth');
    expect(client.diagnostics().data.commits).toBe(5);
    expect(seen[0]).toBe('first');
  });

  it('is abandoned by close()', async () => {
    const client = await connected();
    platform.net.socket.message(full([wireFlag('a')]));
    platform.net.socket.message(longText(full(FLAGS)));
    const closing = client.close();
    await platform.clock.settle();
    await closing;
    expect(client.diagnostics().data).toMatchObject({ flags: 1, commits: 1 });
  });

  it('has each of its documents parsed once, whoever asks first', async () => {
    const client = await connected();
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    platform.net.socket.message(longText(full(FLAGS, [wireSegment('s')])));
    await platform.clock.settle();
    client.getAllLatestFlagVariations(ADA);
    expect(parse.mock.calls.filter(([text]) => text.includes('updatedAt')).length).toBe(FLAGS.length + 1);
  });

  it('brings segments, whose change is news for the flags that ask about them, even right behind it', async () => {
    const client = await connected();
    platform.net.socket.message(longText(full([segmentFlag('a', ['s']), wireFlag('b')], [wireSegment('s')])));
    platform.net.socket.message(patch([], [wireSegment('s', ['ada'], { updatedAt: updatedAt(2) })]));
    const heard: string[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => heard.push(flagKey));
    await platform.clock.settle();
    expect(client.variation('a', ADA, '')).toBe('on');
    expect(heard.filter((key) => key === 'a').length).toBeGreaterThan(0);
  });

  it('that comes again is no news, whether its documents were read meanwhile or not', async () => {
    const client = await connected();
    platform.net.socket.message(longText(full(FLAGS, [wireSegment('s')])));
    await platform.clock.settle();
    const heard: string[] = [];
    client.flagTracker.addFlagChangedListener(({ flagKey }) => heard.push(flagKey));
    const changed = FLAGS.with(4, wireFlag('f4', 'other', { updatedAt: updatedAt(9) }));
    for (const flags of [FLAGS, changed, changed]) {
      platform.net.socket.message(longText(full(flags, [wireSegment('s')])));
    }
    await platform.clock.settle();
    expect(heard).toEqual(['f4']);
    expect(client.variation('f4', ADA, '')).toBe('other');
  });

  it('is saved as it came', async () => {
    const saved: string[] = [];
    const persistence: Persistence = { load: async () => undefined, save: async (_key, text) => void saved.push(text) };
    const client = await connected({ persistence });
    const flags = FLAGS.map((flag) => ({ ...flag, name: `The flag ${flag.key}`, tags: ['a'] }));
    platform.net.socket.message(longText(full(flags, [wireSegment('s')])));
    platform.net.socket.message(patch([wireFlag('more')]));
    await platform.clock.settle();
    await client.close();
    expect(JSON.parse(saved.at(-1) ?? '').data).toEqual(full([...flags, wireFlag('more')], [wireSegment('s')]).data);
  });

  it('may be what an earlier run saved', async () => {
    const text = longText({ ...full(FLAGS), currentAt: platform.clock.now() - 60_000 });
    const client = online({ persistence: { load: async () => text, save: async () => undefined } });
    await vi.waitFor(async () => {
      await platform.clock.settle();
      expect(client.status).toBe('Stale');
    });
    expect(client.variation('f9', ADA, '')).toBe('value 9');
    await client.close();
  });

  it('may be the answer to a poll, as bytes', async () => {
    const client = online({ streamingUrl: undefined, pollingUrl: 'http://h', dataSyncMode: 'polling' });
    platform.net.openRequests[0]?.respond(200, { body: new TextEncoder().encode(longText(full(FLAGS))) });
    await platform.clock.settle();
    expect(client.status).toBe('Ready');
    expect(client.variation('f3', ADA, '')).toBe('value 3');
    await client.close();
  });

  it('may be a bootstrap, which is in use at once', async () => {
    const client = new FBClient({ offline: true, bootstrap: longText(full(FLAGS)), logger }, platform);
    expect(client.variation('f3', ADA, '')).toBe('value 3');
    expect(
      client.initializeFromExternalJson(longText(patch([wireFlag('f3', 'newer', { updatedAt: updatedAt(2) })]))),
    ).toBe(true);
    expect(client.variation('f3', ADA, '')).toBe('newer');
    expect(client.initializeFromExternalJson(longText('{'))).toBe(false);
    await client.close();
  });

  it('has the type that each of its flags was made with', async () => {
    const types = ['boolean', 'number', 'json', 'string', 'colour'];
    const flags = types.map((variationType) => wireFlag(variationType, '1', { variationType }));
    const client = new FBClient({ offline: true, bootstrap: longText(full(flags)), logger }, platform);
    expect(types.map((key) => client.evaluate(key, ADA).flag?.type)).toEqual([
      'boolean',
      'number',
      'json',
      'string',
      'string',
    ]);
    await client.close();
  });
});

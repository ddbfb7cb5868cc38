import { describe, expect, it } from 'vitest';
import {
  dataSyncRequest,
  decodeDataSyncEnvelope,
  decodeServerMessage,
  OwnEnvelope,
  PING_MESSAGE,
} from '../../src/protocol/messages.js';
import { full, patch } from '../support/wire.js';

describe('what the SDK sends', () => {
  it('asks for everything with the timestamp 0, else with the cursor', () => {
    expect(dataSyncRequest(0)).toBe('{"messageType":"data-sync","data":{"timestamp":0}}');
    expect(dataSyncRequest(1_767_225_600_123)).toBe('{"messageType":"data-sync","data":{"timestamp":1767225600123}}');
  });

  it('pings', () => {
    expect(PING_MESSAGE).toBe('{"messageType":"ping","data":{}}');
  });
});

describe('a message from the server', () => {
  it('of data is decoded as far as its lists: nothing in them is judged yet', () => {
    for (const message of [full([5, null], ['s']), patch([{ key: 'a' }])]) {
      expect(decodeServerMessage(JSON.stringify(message))).toEqual({
        ok: true,
        value: { type: 'data-sync', data: message.data },
      });
    }
  });

  it.each([
    ['{"messageType":"pong","data":{}}', 'pong'],
    ['{"messageType":"pong"}', 'pong'],
    ['{"messageType":"ping","data":{}}', 'other'],
    ['{"messageType":"echo"}', 'other'],
    ['{"messageType":"Data-Sync"}', 'other'],
    ['{"messageType":""}', 'other'],
    ['{"messageType":"__proto__"}', 'other'],
  ])('%s is of the type %s', (text, type) => {
    expect(decodeServerMessage(text)).toEqual({ ok: true, value: { type } });
  });

  it.each([
    ['', 'not JSON (0 characters)'],
    ['<html>502</html>', 'not JSON (16 characters)'],
    ['{"messageType":"pong"', 'not JSON (21 characters)'],
    ['{"messageType":"pong"}{}', 'not JSON (24 characters)'],
    ['null', 'expected an object, got null'],
    ['1', 'expected an object, got number'],
    ['true', 'expected an object, got boolean'],
    ['"data-sync"', 'expected an object, got string'],
    ['[{"messageType":"pong"}]', 'expected an object, got array'],
    ['{}', 'messageType: expected a string, got missing'],
    ['{"messageType":null}', 'messageType: expected a string, got null'],
    ['{"messageType":1}', 'messageType: expected a string, got number'],
    ['{"messageType":["pong"]}', 'messageType: expected a string, got array'],
    ['{"messagetype":"pong"}', 'messageType: expected a string, got missing'],
    ['{"messageType":"data-sync","data":"anything"}', 'data: expected an object, got string'],
    ['{"messageType":"data-sync","data":{}}', 'data.eventType: expected "full" or "patch"'],
  ])('%s is none', (text, problem) => {
    expect(decodeServerMessage(text)).toEqual({ ok: false, problem });
  });

  it('that is no JSON is never quoted', () => {
    const result = decodeServerMessage('{"token": MARKED}');
    expect(JSON.stringify(result)).not.toContain('MARKED');
  });
});

describe('a data-sync envelope', () => {
  const flags = [{ key: 'a' }, 5, null];
  const segments = ['s'];

  it.each([full(flags, segments), patch(flags, segments)])('is read from text and from an object', (envelope) => {
    const expected = { ok: true, value: envelope.data };
    expect(decodeDataSyncEnvelope(envelope)).toEqual(expected);
    expect(decodeDataSyncEnvelope(JSON.stringify(envelope))).toEqual(expected);
  });

  it('that was parsed here is taken as it is: nothing is copied', () => {
    const data = { eventType: 'full', featureFlags: flags, segments } as const;
    const read = decodeDataSyncEnvelope(new OwnEnvelope(data));
    expect(read.ok && read.value).toBe(data);
  });

  it('may begin with a byte order mark, as editors on Windows write one', () => {
    const text = JSON.stringify(full(flags, segments));
    expect(decodeDataSyncEnvelope(`\uFEFF${text}`)).toEqual({ ok: true, value: full(flags, segments).data });
    expect(decodeDataSyncEnvelope(`\uFEFF\uFEFF${text}`)).toMatchObject({ ok: false });
  });

  it('may be empty, and may hold fields that are not known', () => {
    const { messageType, data } = full();
    expect(decodeDataSyncEnvelope({ messageType, data: { ...data, more: 1 }, more: [] })).toEqual({
      ok: true,
      value: data,
    });
  });

  it('keeps its own lists: what happens to the caller’s later does not matter', () => {
    const envelope = full([{ key: 'a' }]);
    const result = decodeDataSyncEnvelope(envelope);
    (envelope.data.featureFlags as unknown[]).push({ key: 'b' });
    expect(result.ok && result.value.featureFlags).toEqual([{ key: 'a' }]);
  });

  const { data } = full();
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an array', [full()]],
    ['an empty text', ''],
    ['HTML', '<html></html>'],
    ['half of one', JSON.stringify(full()).slice(0, -1)],
    ['no message type', { data }],
    ['another message type', { messageType: 'pong', data }],
    ['no data', { messageType: 'data-sync' }],
    ['data of null', { messageType: 'data-sync', data: null }],
    ['data of text', { messageType: 'data-sync', data: '{}' }],
    ['a list of data', { messageType: 'data-sync', data: [] }],
    ['no event type', { messageType: 'data-sync', data: { ...data, eventType: undefined } }],
    ['an unknown event type', { messageType: 'data-sync', data: { ...data, eventType: 'delta' } }],
    ['an event type in capitals', { messageType: 'data-sync', data: { ...data, eventType: 'FULL' } }],
    ['an event type of null', { messageType: 'data-sync', data: { ...data, eventType: null } }],
    ['a list of event types', { messageType: 'data-sync', data: { ...data, eventType: ['full'] } }],
    ['no flags', { messageType: 'data-sync', data: { ...data, featureFlags: undefined } }],
    ['flags of null', { messageType: 'data-sync', data: { ...data, featureFlags: null } }],
    ['flags by key', { messageType: 'data-sync', data: { ...data, featureFlags: {} } }],
    ['no segments', { messageType: 'data-sync', data: { ...data, segments: undefined } }],
    ['segments of null', { messageType: 'data-sync', data: { ...data, segments: null } }],
    ['a text of segments', { messageType: 'data-sync', data: { ...data, segments: '[]' } }],
  ])('is none with %s', (_name, source) => {
    expect(decodeDataSyncEnvelope(source).ok).toBe(false);
    if (typeof source === 'object') expect(decodeDataSyncEnvelope(JSON.stringify(source)).ok).toBe(false);
  });

  it.each<[string, unknown]>([
    [
      'a getter',
      {
        messageType: 'data-sync',
        get data(): unknown {
          throw new Error('MARKED');
        },
      },
    ],
    [
      'a proxy',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('MARKED');
          },
        },
      ),
    ],
    [
      'a list',
      {
        ...full(),
        data: {
          ...data,
          featureFlags: new Proxy([1], {
            get: () => {
              throw new Error('MARKED');
            },
          }),
        },
      },
    ],
  ])('that throws when it is read is none: %s', (_name, source) => {
    expect(decodeDataSyncEnvelope(source)).toEqual({ ok: false, problem: 'it could not be read' });
  });
});

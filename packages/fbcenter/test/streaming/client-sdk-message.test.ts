import { describe, expect, it } from 'vitest';
import { clientCursor, decodeClientSdkMessage } from '../../src/streaming/client-sdk-message.js';

const ADA = { keyId: 'ada', name: 'Ada', customizedProperties: [{ name: 'country', value: 'NZ' }] };
const decode = (message: unknown) =>
  decodeClientSdkMessage(typeof message === 'string' ? message : JSON.stringify(message));
const request = (data: unknown) => decode({ messageType: 'data-sync', data });

describe('a message of a browser', () => {
  it.each<[string, unknown]>([
    ['null', { messageType: 'ping', data: null }],
    ['an object', { messageType: 'ping', data: {} }],
    ['anything', { messageType: 'PING', data: 'x' }],
  ])('that is a ping with %s is one', (_, message) => {
    expect(decode(message)).toEqual({ type: 'ping' });
  });

  it.each([null, 5, 'x', { a: [1] }, false])('that is an echo keeps its data %j', (data) => {
    expect(decode({ messageType: 'Echo', data })).toEqual({ type: 'echo', data });
  });

  it('that asks for data names its user', () => {
    const user = { key: 'ada', name: 'Ada', country: 'NZ' };
    expect(request({ timestamp: 5, user: ADA })).toEqual({ type: 'data-sync', cursor: 5, user });
    expect(request({ user: ADA })).toEqual({ type: 'data-sync', cursor: 0, user });
  });

  it.each<[string, unknown]>([
    ['half a JSON', '{"messageType":"ping","data"'],
    ['nothing', ''],
    ['an array', '[]'],
    ['a text', '"ping"'],
    ['null', 'null'],
    ['no type', { data: {} }],
    ['a type that is a number', { messageType: 5, data: {} }],
    ['an unknown type', { messageType: 'rotate', data: {} }],
    ['a name of every object', { messageType: 'toString', data: {} }],
    ['a ping without data', { messageType: 'ping' }],
    ['an echo without data', { messageType: 'echo' }],
    ['a member in capitals', { MessageType: 'ping', Data: {} }],
    ['a request without data', { messageType: 'data-sync' }],
    ['a request with null', { messageType: 'data-sync', data: null }],
    ['a request with a list', { messageType: 'data-sync', data: [] }],
    ['a request without a user', { messageType: 'data-sync', data: { timestamp: 0 } }],
    ['a request with a user without a key', { messageType: 'data-sync', data: { timestamp: 0, user: {} } }],
    ['a request with a blank key', { messageType: 'data-sync', data: { timestamp: 0, user: { keyId: ' ' } } }],
    [
      'a request with a user of a wrong type',
      { messageType: 'data-sync', data: { user: { keyId: 'u', customizedProperties: [{ name: 'n', value: 1 }] } } },
    ],
    ['a cursor that is null', { messageType: 'data-sync', data: { timestamp: null, user: ADA } }],
    ['a cursor that is a text', { messageType: 'data-sync', data: { timestamp: '0', user: ADA } }],
    ['a cursor that is a boolean', { messageType: 'data-sync', data: { timestamp: false, user: ADA } }],
  ])('that is %s gets no answer', (_, message) => {
    expect(decode(message)).toEqual({ type: 'other' });
  });
});

describe('the cursor of a browser', () => {
  it.each([
    [0, 0],
    [5, 5],
    [-1, -1],
    [1.5, 0],
    [1_795_827_780_260, 1_795_827_780_260],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [2 ** 63, 0],
    [1e300, 0],
    [-1e300, 0],
  ])('%d counts as %d', (timestamp, cursor) => {
    expect(clientCursor(timestamp)).toBe(cursor);
  });
});

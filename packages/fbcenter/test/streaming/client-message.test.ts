import { describe, expect, it } from 'vitest';
import { decodeClientMessage, PONG_MESSAGE } from '../../src/streaming/client-message.js';

const OTHER = { type: 'other' };
const request = (cursor: number) => ({ type: 'data-sync', cursor });

describe('a message of an SDK', () => {
  it.each<[string, object]>([
    ['{"messageType":"ping"}', { type: 'ping' }],
    ['{"messageType":"ping","data":null}', { type: 'ping' }],
    ['{"messageType":"ping","data":{"a":1}}', { type: 'ping' }],
    ['{"messageType":"data-sync","data":{"timestamp":0}}', request(0)],
    ['{"messageType":"data-sync","data":{"timestamp":1700000000000}}', request(1_700_000_000_000)],
    ['{"messageType":"data-sync","data":{"timestamp":-5}}', request(-5)],
    ['{"messageType":"data-sync","data":{"timestamp":0.5}}', request(0.5)],
    ['{"messageType":"data-sync","data":{"timestamp":null}}', request(0)],
    ['{"messageType":"data-sync","data":{}}', request(0)],
    ['{"messageType":"data-sync","data":null}', request(0)],
    ['{"messageType":"data-sync"}', request(0)],
    ['{"data":{"timestamp":3},"messageType":"data-sync","more":true}', request(3)],
    ['{"messageType":"data-sync","data":{"timestamp":"0"}}', OTHER],
    ['{"messageType":"data-sync","data":{"timestamp":true}}', OTHER],
    ['{"messageType":"data-sync","data":{"timestamp":[]}}', OTHER],
    ['{"messageType":"data-sync","data":{"timestamp":1e999}}', OTHER],
    ['{"messageType":"Ping"}', { type: 'ping' }],
    ['{"messageType":"DATA-SYNC","data":{"timestamp":4}}', request(4)],
    ['{"messageType":"echo","data":{"a":1}}', { type: 'echo', data: { a: 1 } }],
    ['{"messageType":"Echo","data":null}', { type: 'echo', data: null }],
    ['{"messageType":"echo"}', OTHER],
    ['{"MessageType":"ping"}', OTHER],
    ['{"messageType":"__proto__"}', OTHER],
    ['{"messageType":5}', OTHER],
    ['{}', OTHER],
    ['[]', OTHER],
    ['null', OTHER],
    ['"ping"', OTHER],
    ['7', OTHER],
    ['', OTHER],
    ['{"messageType":"ping"', OTHER],
    ['\u0000', OTHER],
  ])('%s', (text, expected) => {
    expect(decodeClientMessage(text)).toEqual(expected);
  });

  it('ping has one answer', () => {
    expect(JSON.parse(String(PONG_MESSAGE))).toEqual({ messageType: 'pong', data: {} });
  });
});

import { describe, expect, it } from 'vitest';
import { streamQueryOf } from '../../src/streaming/stream-address.js';

describe('an address at which SDKs stream', () => {
  it.each([
    ['/streaming?type=server&token=x', 'type=server&token=x'],
    ['/streaming', ''],
    ['/STREAMING?a=b', 'a=b'],
    ['/streaming/', ''],
    ['/streaming/more?a=b', 'a=b'],
    ['/streaming?a=%20b', 'a=+b'],
  ])('%s has the query %j', (address, query) => {
    expect(String(streamQueryOf(address))).toBe(query);
  });

  it.each([undefined, '', '/', '/streamings', '/x/streaming', 'http://[/streaming', '//'])('is not %j', (address) => {
    expect(streamQueryOf(address)).toBeUndefined();
  });
});

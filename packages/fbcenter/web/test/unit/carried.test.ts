import { describe, expect, it } from 'vitest';
import { carry, unpack } from '../../src/transfer/carried.js';

describe('flags that are carried from the list to the page that promotes them', () => {
  it('are taken once', () => {
    carry({ from: 'dev', keys: ['a', 'b'] });
    expect([unpack('dev'), unpack('dev')]).toEqual([['a', 'b'], []]);
  });

  it('are only of the environment that they were chosen in', () => {
    carry({ from: 'dev', keys: ['a'] });
    expect([unpack('staging'), unpack('dev')]).toEqual([[], []]);
  });

  it('are those that were chosen last', () => {
    carry({ from: 'dev', keys: ['a'] });
    carry({ from: 'staging', keys: ['b'] });
    expect(unpack('staging')).toEqual(['b']);
  });
});

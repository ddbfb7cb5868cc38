import { expect, it } from 'vitest';
import { networkOf } from '../../src/runtime/network.js';

it.each<[string | undefined, string]>([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
  [undefined, ''],
])('the address %s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

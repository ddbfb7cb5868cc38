import type { LookupAddress, LookupOptions } from 'node:dns';
import { describe, expect, it } from 'vitest';
import {
  guardedLookup,
  isPrivateAddress,
  literalAddress,
  PrivateAddressError,
} from '../../src/webhooks/address-guard.js';

describe('an address of a private network', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
  ])('is %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2001:4860:4860::8888',
    '2606:4700::1111',
    '2a00:1450::1',
    '2003::1',
  ])('is not %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('the host of a URL', () => {
  it.each([
    ['http://127.0.0.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://0177.0.0.1/', '127.0.0.1'],
    ['http://[::1]:80/', '::1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://example.org/', undefined],
    ['http://localhost/', undefined],
  ])('%s is the address %s', (url, expected) => {
    expect(literalAddress(new URL(url).hostname)).toBe(expected);
  });
});

describe('the lookup of a connection', () => {
  const asked: string[] = [];
  const lookingUp = (addresses: readonly string[], error: Error | null = null) =>
    guardedLookup((hostname, options, callback) => {
      asked.push(`${hostname} ${options.all}`);
      callback(
        error,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    });
  const resultOf = (lookup: ReturnType<typeof guardedLookup>, options: LookupOptions) =>
    new Promise<{ error: Error | null; address: string | LookupAddress[]; family?: number }>((resolve) => {
      lookup('receiver.example', options, (error, address, family) =>
        resolve({ error, address, ...(family === undefined ? {} : { family }) }),
      );
    });

  it('gives the addresses of the Internet and no others, one or all of them', async () => {
    const lookup = lookingUp(['10.0.0.1', '8.8.8.8', '::1', '2606:4700::1111']);
    expect(await resultOf(lookup, { all: true })).toEqual({
      error: null,
      address: [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
    });
    expect(await resultOf(lookup, {})).toEqual({ error: null, address: '8.8.8.8', family: 4 });
    expect(asked.at(-1)).toBe('receiver.example true');
  });

  it.each([[['127.0.0.1']], [['10.0.0.1', 'fd00::1']], [[]]])(
    'is refused when a name leads to %j alone',
    async (addresses) => {
      expect((await resultOf(lookingUp(addresses), { all: true })).error).toBeInstanceOf(PrivateAddressError);
      expect((await resultOf(lookingUp(addresses), {})).error).toBeInstanceOf(PrivateAddressError);
    },
  );

  it('fails as the lookup itself does', async () => {
    const error = new Error('ENOTFOUND');
    expect((await resultOf(lookingUp([], error), { all: true })).error).toBe(error);
  });
});

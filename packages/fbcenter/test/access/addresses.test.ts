import { describe, expect, it } from 'vitest';
import { LoginLimit } from '../../src/access/login-limit.js';
import { encodeGuid, isSecret, newAdminToken, newSecret } from '../../src/access/secrets.js';

/** Whether two addresses are one to the limit: what the one uses up is used up for the other. */
function areOne(one: string | undefined, other: string | undefined): boolean {
  const limit = new LoginLimit({ failures: 1 });
  limit.judge(one, false, 0);
  return limit.judge(other, false, 0).kind === 'too-many';
}

describe('an address', () => {
  it.each<[string | undefined, string | undefined, boolean]>([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    // An IPv4 address that comes over IPv6 is the same.
    ['10.0.0.1', '::ffff:10.0.0.1', true],
    ['::FFFF:10.0.0.1', '10.0.0.1', true],
    // A network of 64 bits belongs to one customer.
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:9:9:9:9', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8:1::1', '2001:db8:1:0:3:4:5:6', true],
    ['2001:db8::1', '2001:db8:0:0:1::', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['::1', '1::1', false],
    ['fe80::1', 'fe80::2', true],
    [undefined, undefined, true],
    [undefined, '10.0.0.1', false],
  ])('%s and %s are one: %s', (one, other, expected) => {
    expect(areOne(one, other)).toBe(expected);
    expect(areOne(other, one)).toBe(expected);
  });

  it('is forgotten when too many others came after it', () => {
    const limit = new LoginLimit({ failures: 1, addresses: 3 });
    for (const address of ['a', 'b', 'c']) limit.judge(address, false, 0);
    expect(limit.judge('a', false, 0).kind).toBe('too-many');
    limit.judge('d', false, 0);
    expect(limit.judge('a', false, 0)).toEqual({ kind: 'refused', failures: 1 });
    expect(limit.judge('d', false, 0).kind).toBe('too-many');
  });

  it('that had the right token is known for a day', () => {
    const limit = new LoginLimit({ failures: 1, window: 1e12, memory: 86_400_000 });
    limit.judge('a', true, 0);
    limit.judge('a', false, 1);
    expect(limit.judge('a', true, 86_399_999).kind).toBe('accepted');
    // Each time counts anew.
    expect(limit.judge('a', true, 2 * 86_399_999).kind).toBe('accepted');
    expect(limit.judge('a', true, 3 * 86_400_000).kind).toBe('too-many');
  });
});

describe('a secret', () => {
  it('ends with the id of its environment, and begins with what nobody can guess', () => {
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const secrets = Array.from({ length: 50 }, () => newSecret(id));
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) {
      expect(isSecret(secret)).toBe(true);
      expect(secret.slice(22)).toBe(encodeGuid(id));
    }
  });

  it.each([
    ['00000000-0000-0000-0000-000000000000', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', '_____________________w'],
    // .NET writes the first three groups with their last byte first.
    ['01020304-0506-0708-090a-0b0c0d0e0f10', 'BAMCAQYFCAcJCgsMDQ4PEA'],
  ])('of the GUID %s has %s in it', (guid, text) => {
    expect(encodeGuid(guid)).toBe(text);
    expect(encodeGuid(guid.toUpperCase())).toBe(text);
  });

  it.each(['', 'x'.repeat(43), 'x'.repeat(45), `${'x'.repeat(43)}=`, `${'x'.repeat(43)} `, `${'x'.repeat(44)}\n`])(
    'is not %j',
    (text) => {
      expect(isSecret(text)).toBe(false);
    },
  );

  it('is no access token, of which each is another one', () => {
    const tokens = Array.from({ length: 50 }, newAdminToken);
    expect(new Set(tokens).size).toBe(50);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });
});

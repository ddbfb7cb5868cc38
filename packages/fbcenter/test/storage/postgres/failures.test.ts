import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/errors.js';
import { failureOf, isLost, LATE, storageErrorOf, unknownIfLost } from '../../../src/storage/postgres/failures.js';
import { Late } from '../../../src/storage/postgres/patience.js';

const withCode = (code: string) => Object.assign(new Error('what the library says'), { code });

describe('an error of the database', () => {
  it.each([
    ['53100', false, /disk of the database is full/],
    ['53300', true, /no more connections/],
    ['25006', true, /takes no changes/],
    ['28P01', true, /refuses this center/],
    ['3D000', true, /refuses this center/],
    ['42501', false, /may not do this/],
    ['57014', false, /too slow/],
    ['55P03', false, /too slow/],
    ['40P01', false, /too slow/],
    ['57P01', false, /does not answer/],
    ['CONNECTION_CLOSED', false, /does not answer/],
    ['ECONNRESET', false, /does not answer/],
    ['57P03', true, /does not answer/],
    ['08006', true, /does not answer/],
    ['CONNECT_TIMEOUT', true, /does not answer/],
    ['CONNECTION_ENDED', true, /does not answer/],
    ['ECONNREFUSED', true, /does not answer/],
    ['ENOTFOUND', true, /does not answer/],
    ['23503', false, /unavailable/],
    ['XX001', false, /damaged/],
  ])('%s says whether the database is away (%s), and what to do', (code, isAway, message) => {
    expect(failureOf(withCode(code)).isAway).toBe(isAway);
    expect(storageErrorOf(withCode(code)).message).toMatch(message);
  });

  it('leads to another server only when the one that answers takes no changes', () => {
    const others = ['53100', '57P01', 'ECONNREFUSED', '28P01'].map((code) => failureOf(withCode(code)).isWrongServer);
    expect([failureOf(withCode('25006')).isWrongServer, ...others]).toEqual([true, ...others.map(() => undefined)]);
  });

  it('keeps its cause for the log, and a code for whoever asked', () => {
    const cause = withCode('XX001');
    expect(storageErrorOf(cause)).toMatchObject({ cause, code: 'damaged-data' });
    expect(storageErrorOf(withCode('53100')).code).toBe('storage-unavailable');
    const already = new StorageError('as it is');
    expect(storageErrorOf(already)).toBe(already);
    for (const nonsense of [undefined, null, 'text', 5, {}]) {
      expect(storageErrorOf(nonsense).code).toBe('storage-unavailable');
    }
  });

  it.each([
    ['57P01', true],
    ['CONNECTION_CLOSED', true],
    ['EPIPE', true],
    ['57014', false],
    ['ECONNREFUSED', false],
    ['23505', false],
  ])('%s was a lost connection: %s', (code, isExpected) => {
    expect(isLost(storageErrorOf(withCode(code)))).toBe(isExpected);
    // What the work of a transaction throws is no lost connection, whatever its code.
    expect(isLost(withCode(code))).toBe(false);
    // Nor is what may have been done already.
    expect(isLost(new StorageError('lost', { cause: withCode(code), code: 'outcome-unknown' }))).toBe(false);
  });

  it.each<[what: string, error: unknown, isUnknown: boolean]>([
    ['a connection that was lost', storageErrorOf(withCode('CONNECTION_CLOSED')), true],
    ['a connection that was ended', storageErrorOf(withCode('57P01')), true],
    ['an answer that has not come', new StorageError(LATE, { cause: new Late('no answer in time') }), true],
    ['a statement that took too long, which the database has undone', storageErrorOf(withCode('57014')), false],
    ['a database that is away, which was sent nothing', storageErrorOf(withCode('ECONNREFUSED')), false],
    ['what the database has refused', storageErrorOf(withCode('23503')), false],
    ['a fault of ours', new TypeError('x is not a function'), false],
  ])('of a statement that must not be sent twice says whether it may have been done: %s', (_, error, isUnknown) => {
    const said = unknownIfLost(error);
    if (isUnknown) expect(said).toMatchObject({ code: 'outcome-unknown', cause: error });
    else expect(said).toBe(error);
  });
});

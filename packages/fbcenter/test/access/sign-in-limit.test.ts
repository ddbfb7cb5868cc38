import { describe, expect, it } from 'vitest';
import { Attempts } from '../../src/access/attempts.js';
import { SIGN_IN_LIMITS, SignInLimit, type SignInLimits } from '../../src/access/sign-in-limit.js';

const LIMITS: SignInLimits = { forName: 3, fromAddress: 5, window: 1_000, memory: 10_000, entries: 100 };
const HOME = '192.0.2.1';
const AWAY = '198.51.100.7';

const FRIEND = ['mallory', HOME, 'o', 0] as const;
const GUESS = ['ada', AWAY, 'x', 0] as const;

/** What became of attempts: `x` wrong, `o` right, `-` not looked at. */
function attempt(limit: SignInLimit, script: readonly (readonly [string, string, 'x' | 'o', number])[]): string {
  return script
    .map(([name, address, what, at]) => {
      const begun = limit.begin(name, address, at);
      if (begun.kind === 'too-many') return '-';
      if (what === 'o') begun.succeeded();
      return what;
    })
    .join('');
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('guesses of passwords', () => {
  it.each<[string, readonly (readonly [string, string, 'x' | 'o', number])[], string]>([
    ['for a name are some', times(5, () => ['ada', HOME, 'x', 0] as const), 'xxx--'],
    ['for a name are some from wherever', times(5, (i) => ['ada', `192.0.2.${i}`, 'x', 0] as const), 'xxx--'],
    ['for a name in whatever case', times(5, (i) => [i % 2 ? 'ADA ' : 'ada', HOME, 'x', 0] as const), 'xxx--'],
    ['for a name begin anew after the window', times(8, (i) => ['ada', HOME, 'x', i * 250] as const), 'xxx-xxx-'],
    ['from an address are some', times(7, (i) => [`user-${i}`, HOME, 'x', 0] as const), 'xxxxx--'],
    [
      'from a network of IPv6 are those of one address',
      times(7, (i) => [`user-${i}`, `2001:db8::${i}`, 'x', 0] as const),
      'xxxxx--',
    ],
    [
      'from another address are counted apart',
      times(9, (i) => [`u-${i}`, i < 6 ? HOME : AWAY, 'x', 0] as const),
      'xxxxx-xxx',
    ],
    ['that are right do not count', times(9, () => ['ada', HOME, 'o', 0] as const), 'ooooooooo'],
    [
      'of others do not count where somebody has signed in before',
      [['ada', HOME, 'o', 0], ...times(4, () => ['ada', AWAY, 'x', 1] as const), ['ada', HOME, 'o', 2]],
      'oxxx-o',
    ],
    [
      'from there count for themselves: sharing an address with a user is no licence',
      [['ada', HOME, 'o', 0], ...times(5, () => ['ada', HOME, 'x', 1] as const), ['bob', HOME, 'x', 2]],
      'oxxx--x',
    ],
    ['by somebody with an account do not make room for others', times(9, (i) => (i % 2 ? FRIEND : GUESS)), 'xoxoxo-o-'],
    [
      'from where somebody signed in long ago count as those of others',
      [['ada', HOME, 'o', 0], ...times(4, () => ['ada', AWAY, 'x', 10_000] as const), ['ada', HOME, 'o', 10_001]],
      'oxxx--',
    ],
  ])('%s', (_, script, expected) => {
    expect(attempt(new SignInLimit(LIMITS), script)).toBe(expected);
  });

  it('count before they are looked at: a thousand at once are no more than one after the other', () => {
    const limit = new SignInLimit(LIMITS);
    const begun = times(1_000, () => limit.begin('ada', HOME, 0));
    expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(3);
  });

  it('that were not looked at do not count', () => {
    const limit = new SignInLimit(LIMITS);
    for (let index = 0; index < 9; index++) {
      const begun = limit.begin('ada', HOME, 0);
      if (begun.kind === 'begun') begun.withdraw();
    }
    expect(
      attempt(
        limit,
        times(4, () => ['ada', HOME, 'x', 0]),
      ),
    ).toBe('xxx-');
  });

  it('are told when to come again', () => {
    const limit = new SignInLimit(LIMITS);
    attempt(
      limit,
      times(3, () => ['ada', HOME, 'x', 100]),
    );
    expect(limit.begin('ada', HOME, 400)).toEqual({ kind: 'too-many', retryAfter: 1 });
    expect(new SignInLimit().begin('ada', HOME, 0).kind).toBe('begun');
    expect(SIGN_IN_LIMITS).toMatchObject({ forName: 10, fromAddress: 30, window: 900_000 });
  });

  it('with made-up names fill no memory: the oldest are forgotten', () => {
    const limit = new SignInLimit({ ...LIMITS, entries: 10, fromAddress: 1_000_000 });
    attempt(
      limit,
      times(3, () => ['ada', HOME, 'x', 0]),
    );
    expect(limit.begin('ada', HOME, 0).kind).toBe('too-many');
    attempt(
      limit,
      times(100, (i) => [`user-${i}`, AWAY, 'x', 0]),
    );
    expect(limit.begin('ada', HOME, 0).kind).toBe('begun');
  });
});

describe('attempts', () => {
  it('are counted in a window that begins with the first, and can be forgiven', () => {
    const attempts = new Attempts(1_000, 2);
    expect([attempts.count('a', 0), attempts.secondsLeft('a', 0)]).toEqual([0, 1]);
    expect([attempts.add('a', 0), attempts.add('a', 500), attempts.count('a', 999)]).toEqual([1, 2, 2]);
    attempts.forgive('a', 999);
    attempts.forgive('b', 999);
    expect([attempts.count('a', 999), attempts.count('b', 999), attempts.count('a', 1_000)]).toEqual([1, 0, 0]);
    for (let index = 0; index < 3; index++) attempts.forgive('a', 1_000);
    expect(attempts.add('a', 1_000)).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { contained, type Finding, findingLines } from '../../src/doctor/finding.js';
import {
  judgeClock,
  judgeNode,
  judgeRights,
  judgeSchema,
  judgeSpace,
  judgeToken,
  judgeVersions,
} from '../../src/doctor/judgements.js';

const MIB = 1024 * 1024;
const NOW = Date.UTC(2026, 10, 28, 12);

describe('a judgement', () => {
  it.each<[what: string, finding: Finding, state: Finding['state'], message: RegExp]>([
    ['a Node.js', judgeNode('v20.19.0'), 'ok', /v20\.19\.0/],
    ['a newer Node.js', judgeNode('v24.1.0'), 'ok', /v24/],
    ['an old Node.js', judgeNode('v20.18.9'), 'fail', /too old/],
    ['a very old Node.js', judgeNode('v18.20.0'), 'fail', /too old/],
    ['much room', judgeSpace(100_000 * MIB, 200_000 * MIB), 'ok', /^100,000 MiB of 200,000 MiB are free$/],
    ['less than a GiB', judgeSpace(1_000 * MIB, 2_000 * MIB), 'warn', /1,000 MiB/],
    ['little of much', judgeSpace(40_000 * MIB, 1_000_000 * MIB), 'warn', /40,000 MiB/],
    ['no room', judgeSpace(63 * MIB, 100_000 * MIB), 'fail', /63 MiB/],
    ['a clock', judgeClock(NOW), 'ok', /^2026-11-28T12/],
    ['a clock of 1970', judgeClock(1_000), 'fail', /before this program was made/],
    [
      'a clock like the other',
      judgeClock(NOW, { name: 'it', time: NOW + 4_999, tolerance: 5_000 }),
      'ok',
      /it says the same/,
    ],
    [
      'a clock behind',
      judgeClock(NOW, { name: 'it', time: NOW + 90_000, tolerance: 5_000 }),
      'warn',
      /^it is 90 s ahead$/,
    ],
    [
      'a clock ahead',
      judgeClock(NOW, { name: 'it', time: NOW - 90_000, tolerance: 5_000 }),
      'warn',
      /^it is 90 s behind$/,
    ],
    ['old versions', judgeVersions(NOW, NOW - 1e10), 'ok', /^2026/],
    ['versions of this moment', judgeVersions(NOW, NOW + 5_000), 'ok', /^2026/],
    ['versions of tomorrow', judgeVersions(NOW, NOW + 86_400_000), 'warn', /^the newest version is 86,400 s ahead$/],
    ['no token', judgeToken(undefined), 'ok', /has made/],
    ['a good token', judgeToken('kq7ZrT0xVn3LmB8sYw2JfHd5PcGa9EuX'), 'ok', /long enough/],
    ['a short token', judgeToken('kq7ZrT0xVn3LmB8sYw2J'), 'warn', /less than 32/],
    ['a guessed token', judgeToken('my-admin-token-my-admin-token-12'), 'warn', /guessed/],
    ['a token of few characters', judgeToken('ababababababababababababababababab'), 'fail', /few different/],
    ['a token that is refused', judgeToken('abc'), 'fail', /less than 20/],
    ['this schema', judgeSchema({ found: 3, known: 3 }), 'ok', /^schema 3/],
    ['an older schema', judgeSchema({ found: 2, known: 3 }), 'warn', /^schema 2/],
    ['a newer schema', judgeSchema({ found: 4, known: 3 }), 'fail', /newer/],
    ['a newer schema that is tolerated', judgeSchema({ found: 4, known: 3 }, 1), 'ok', /one step newer/],
    ['a much newer schema', judgeSchema({ found: 5, known: 3 }, 1), 'fail', /newer/],
    ['no tables', judgeSchema({ found: 0, known: 3 }), 'ok', /first start/],
    ['private rights', judgeRights(0o40700), 'ok', /700/],
    ['rights of a group', judgeRights(0o40750), 'warn', /750/],
    ['rights of all', judgeRights(0o40701), 'warn', /701/],
  ])('of %s', (_, finding, state, message) => {
    expect(finding).toMatchObject({ state, message: expect.stringMatching(message) });
    // Whatever is not as it should be comes with what to do.
    expect(finding.advice === undefined).toBe(state === 'ok');
  });

  it('of a token never repeats it', () => {
    for (const token of ['abc', 'my-admin-token-my-admin-token-12', 'kq7ZrT0xVn3LmB8sYw2J']) {
      expect(JSON.stringify(judgeToken(token))).not.toContain(token);
    }
  });
});

describe('a check', () => {
  it('that cannot be carried out has found that', async () => {
    const findings = await contained('disk', () => {
      throw new Error('EACCES');
    });
    expect(findings).toEqual([expect.objectContaining({ check: 'disk', state: 'fail', message: 'EACCES' })]);
  });
});

describe('the lines of findings', () => {
  it('stand under each other, with what to do beneath, and are counted', () => {
    const text = findingLines([
      { check: 'a', state: 'ok', message: 'fine' },
      { check: 'long', state: 'fail', message: 'not fine', advice: 'mend it' },
    ]);
    expect(text).toBe('ok    a     fine\nfail  long  not fine\n            mend it\n1 ok, 0 warn, 1 fail\n');
  });
});

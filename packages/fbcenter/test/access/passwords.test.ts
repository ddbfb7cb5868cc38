import { describe, expect, it } from 'vitest';
import { PASSWORD_COST, Passwords, passwordProblem } from '../../src/access/passwords.js';
import { Refusal } from '../../src/model/refusal.js';
import { CHEAP } from '../support/people.js';

describe('a password', () => {
  it('is kept with a salt of its own and what the hash cost, and recognised', async () => {
    const passwords = new Passwords(CHEAP);
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^scrypt\$2\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
    for (const kept of [one, other]) {
      expect(await passwords.verify('correct horse', kept)).toBe(true);
      for (const wrong of ['Correct horse', 'correct horse ', '', 'correct']) {
        expect(await passwords.verify(wrong, kept)).toBe(false);
      }
    }
  });

  it('is recognised whichever cost it was hashed at, so that the cost can grow', async () => {
    const kept = await new Passwords(CHEAP).hash('correct horse');
    expect(await new Passwords({ N: 16, r: 2, p: 2 }).verify('correct horse', kept)).toBe(true);
  });

  it('costs what OWASP recommends', async () => {
    expect(PASSWORD_COST).toEqual({ N: 32_768, r: 8, p: 3 });
    const passwords = new Passwords();
    const kept = await passwords.hash('correct horse');
    expect(kept).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(await passwords.verify('correct horse', kept)).toBe(true);
  }, 60_000);

  it('that nobody has is compared too, and never right', async () => {
    const passwords = new Passwords(CHEAP);
    for (const guess of ['', 'undefined', 'correct horse'])
      expect(await passwords.verify(guess, undefined)).toBe(false);
  });

  it('is the same however a keyboard composes its letters', async () => {
    const passwords = new Passwords(CHEAP);
    const kept = await passwords.hash('cafe\u0301 au lait');
    expect(await passwords.verify('caf\u00e9 au lait', kept)).toBe(true);
  });

  it('waits for its turn: one at a time, sixteen at most, the rest is refused and harms nobody', async () => {
    const passwords = new Passwords(CHEAP);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => passwords.hash('correct horse')));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
    expect(refused).toHaveLength(4);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(Refusal);
      expect(reason.code).toBe('busy');
    }
    expect(await passwords.hash('correct horse')).toMatch(/^scrypt/);
  });

  it.each<[unknown, string, RegExp | undefined]>([
    ['correct horse battery', 'ada', undefined],
    ['1234567890ab', 'ada', undefined],
    ['1234567890a', 'ada', /12 characters/],
    ['', 'ada', /12 characters/],
    // By what people count, not by UTF-16.
    ['🐎🐎🐎🔋🔋🔋🔌🔌🔌🧲🧲🧲', 'ada', undefined],
    ['🐎🐎🐎🔋🔋🔋🔌🔌🔌🧲🧲', 'ada', /12 characters/],
    ['aaaaaaaaaaaaaaaaaaaa', 'ada', /repeat/],
    ['abababababababab', 'ada', /repeat/],
    ['I am Lovelace, you know', 'Lovelace', /name/],
    ['ada ada ada ada bob', 'ada', undefined],
    ['x'.repeat(257), 'ada', /256/],
    [undefined, 'ada', /string/],
    [123456789012, 'ada', /string/],
  ])('%j of %s', (password, name, problem) => {
    const found = passwordProblem(password, name);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

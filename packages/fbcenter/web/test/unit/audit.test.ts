import { describe, expect, it } from 'vitest';
import { doneText, fieldsText, filterQuery, memberChanges, subjectText } from '../../src/model/audit.js';

const subject = (kind: string, key: string) => ({ subject: { kind, key, environment: null } });

describe('an entry in words', () => {
  it.each([
    ['create', 'made'],
    ['switch-on', 'switched on'],
    ['put-back', 'put back'],
    ['renew-secret', 'gave a new secret to'],
    ['renew-token', 'gave a new address to'],
    ['sign-in-failed', 'failed to sign in as'],
    ['begin-again', 'begin again'],
    ['toString', 'toString'],
  ])('says what was done: %s', (action, words) => {
    expect(doneText({ action })).toBe(words);
  });

  it.each([
    ['flag', 'new-checkout', 'flag new-checkout'],
    ['audit', 'audit', 'audit'],
    ['environment', 'prod', 'environment prod'],
  ])('names what it was done to: %s %s', (kind, key, words) => {
    expect(subjectText(subject(kind, key))).toBe(words);
  });

  it('names parts as people know them, and others as they are', () => {
    expect(fieldsText(['isEnabled', 'rules', 'fallthrough', 'ours'])).toBe('switch, rules, default, ours');
    expect(fieldsText([])).toBe('');
  });

  it.each([
    [true, 'switch: off → on, name'],
    [false, 'switch: on → off, name'],
    [null, 'switch, name'],
  ])('says where the switch goes when that is known: %s', (isEnabled, words) => {
    expect(fieldsText(['isEnabled', 'name'], isEnabled)).toBe(words);
  });
});

describe('the difference between two states', () => {
  it.each<[string, unknown, unknown, [string, string | undefined, string | undefined][]]>([
    ['nothing to something', null, { name: 'a' }, [['name', undefined, 'a']]],
    ['something to nothing', { name: 'a' }, null, [['name', 'a', undefined]]],
    ['a member that is different', { name: 'a', role: 'x' }, { name: 'b', role: 'x' }, [['name', 'a', 'b']]],
    ['a member that is no text', { environments: ['a'] }, { environments: [] }, [['environments', '["a"]', '[]']]],
    ['the same', { name: 'a' }, { name: 'a' }, []],
    ['no objects', 5, 'x', []],
  ])('is named member by member: %s', (_, before, after, changes) => {
    expect(memberChanges(before, after).map((change) => [change.label, change.before, change.after])).toEqual(changes);
  });
});

describe('the filters of an address', () => {
  it.each([
    ['', ''],
    ['actor=Ada&kind=flag', '&actor=Ada&kind=flag'],
    ['actor=%20%20', ''],
    ['key=a%26b%3Dc', '&key=a%26b%3Dc'],
    ['colour=red', ''],
    // The last day counts as a whole.
    ['from=2026-11-28&to=2026-11-28', '&from=2026-11-28&to=2026-11-29'],
    ['to=2026-12-31', '&to=2027-01-01'],
    ['to=yesterday', '&to=yesterday'],
  ])('become those of the API: %s', (search, query) => {
    expect(filterQuery(new URLSearchParams(search))).toBe(query);
  });
});

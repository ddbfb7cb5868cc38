import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CENTER } from '../../src/model/actor.js';
import { AUDIT_LIMITS, type AuditDraft } from '../../src/model/audit.js';
import {
  type AuditRow,
  auditDigest,
  COLUMNS,
  documentEntryOf,
  entryOf,
  fromRow,
  intactText,
  nextRow,
  pruning,
} from '../../src/storage/audit-entries.js';
import { check } from '../support/property.js';

const DIGEST_OF_EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const draft = (given: Partial<AuditDraft> = {}): AuditDraft => ({
  actor: { kind: 'user', id: 'u1', name: 'Ada' },
  action: 'update',
  subject: { kind: 'secret', key: 'k' },
  ...given,
});
const rowOf = (given: Partial<AuditDraft> = {}, now = 1_000) => nextRow(entryOf(draft(given), now), undefined);

describe('the first row of a log', () => {
  it('has the number 1, and nothing where nothing is known', () => {
    const { digest, ...row } = rowOf();
    expect(row).toEqual({
      id: 1,
      at: 1_000,
      actor_kind: 'user',
      actor_id: 'u1',
      actor_name: 'Ada',
      action: 'update',
      kind: 'secret',
      key: 'k',
      environment: null,
      fields: '[]',
      before_version: null,
      version: null,
      before_digest: null,
      after_digest: null,
      comment: null,
      change_group: null,
      source: null,
    });
    expect(digest).toBe(auditDigest('', row));
  });

  it('has a value for every column that is read', () => {
    const columns = COLUMNS.split(',').map((name) => name.trim());
    expect(Object.keys(rowOf()).sort()).toEqual(columns.sort());
  });
});

describe('the next row', () => {
  const last = { id: 41, at: 5_000, digest: 'before' };

  it.each([
    [4_999, 5_000],
    [5_000, 5_000],
    [5_001, 5_001],
    [0, 5_000],
  ])('of an entry at %d after one at 5000 is at %d', (now, at) => {
    expect(nextRow(entryOf(draft(), now), last)).toMatchObject({ id: 42, at });
  });

  it('is chained to the last one by its digest', () => {
    const { digest, ...row } = nextRow(entryOf(draft(), 6_000), last);
    expect(digest).toBe(auditDigest('before', row));
    expect(digest).not.toBe(auditDigest('', row));
  });

  it('is at the time that the draft names, if it names one', () => {
    expect(rowOf({ at: 77 }).at).toBe(77);
    expect(rowOf({ at: undefined }).at).toBe(1_000);
  });
});

describe('a text of a row', () => {
  it.each<[column: keyof AuditRow, limit: number, given: (text: string) => Partial<AuditDraft>]>([
    ['actor_id', AUDIT_LIMITS.actor, (id) => ({ actor: { kind: 'user', id, name: 'n' } })],
    ['actor_name', AUDIT_LIMITS.actor, (name) => ({ actor: { kind: 'user', id: 'i', name } })],
    ['action', AUDIT_LIMITS.action, (action) => ({ action })],
    ['kind', AUDIT_LIMITS.kind, (kind) => ({ subject: { kind, key: 'k' } })],
    ['key', AUDIT_LIMITS.key, (key) => ({ subject: { kind: 'flag', key } })],
    ['comment', AUDIT_LIMITS.comment, (comment) => ({ comment })],
    ['change_group', AUDIT_LIMITS.group, (group) => ({ group })],
    ['source', AUDIT_LIMITS.source, (source) => ({ source })],
  ])('in %s has at most %d units', (column, limit, given) => {
    const fits = 'x'.repeat(limit);
    expect(rowOf(given(fits))[column]).toBe(fits);
    expect(rowOf(given(`${fits}x`))[column]).toBe(`${'x'.repeat(limit - 1)}…`);
    // A half of a character would not be what is read again.
    expect(rowOf(given(`${'x'.repeat(limit - 2)}😀x`))[column]).toBe(`${'x'.repeat(limit - 2)}…`);
  });

  it('is there when it is empty, which is not the same as absent', () => {
    expect(rowOf({ comment: '', group: '', source: '' })).toMatchObject({ comment: '', change_group: '', source: '' });
  });

  it.each([29, 30, 31])('names at most 30 parts: %d', (count) => {
    const after = Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, index]));
    const fields: unknown = JSON.parse(rowOf({ after }).fields);
    expect(fields).toEqual(Object.keys(after).slice(0, 30));
  });
});

describe('a state', () => {
  it.each<[before: AuditDraft['before'], after: AuditDraft['after'], fields: string[]]>([
    [undefined, undefined, []],
    [undefined, { a: 1, b: 2 }, ['a', 'b']],
    [{ a: 1, b: 2 }, undefined, ['a', 'b']],
    [{ a: 1, b: { c: [1] } }, { a: 2, b: { c: [1] } }, ['a']],
    [{ a: 1 }, { b: 1 }, ['a', 'b']],
    [{ a: null }, {}, ['a']],
  ])('%j that becomes %j is different in %j', (before, after, fields) => {
    expect(entryOf(draft({ before, after }), 1)).toMatchObject({
      fields,
      before: before && JSON.stringify(before),
      after: after && JSON.stringify(after),
      beforeVersion: undefined,
      version: undefined,
    });
  });

  it.each<[given: object, kept: object]>([
    [{ secret: 's' }, { secret: 'not kept' }],
    [
      { clientSecret: 's', Password: 'p' },
      { clientSecret: 'not kept', Password: 'not kept' },
    ],
    [
      { tokens: 't', credentials: 'c' },
      { tokens: 'not kept', credentials: 'not kept' },
    ],
    [{ list: [{ token: 't', name: 'n' }] }, { list: [{ token: 'not kept', name: 'n' }] }],
    [{ deep: { deeper: { credential: 'c' } } }, { deep: { deeper: { credential: 'not kept' } } }],
    // What only says something about one is no credential.
    [
      { hasPassword: true, secret: null },
      { hasPassword: true, secret: null },
    ],
    [
      { tokenCount: '3', secretary: 's' },
      { tokenCount: '3', secretary: 's' },
    ],
    [{ secret: { name: 'n' } }, { secret: { name: 'n' } }],
  ])('%j is kept as %j', (given, kept) => {
    const { before, after } = entryOf(draft({ before: given as never, after: given as never }), 1);
    expect([before, after].map((text) => JSON.parse(text ?? ''))).toEqual([kept, kept]);
  });

  it('of which only a credential is different is different in nothing that is kept', () => {
    expect(entryOf(draft({ before: { secret: 'a' }, after: { secret: 'b' } }), 1).fields).toEqual([]);
  });

  it('that is too long is left out as a whole, with its length', () => {
    const frame = '{"a":""}'.length;
    const [fits, tooLong] = [0, 1].map((more) => ({ a: 'x'.repeat(AUDIT_LIMITS.state - frame + more) }));
    const entry = entryOf(draft({ before: fits, after: tooLong }), 1);
    expect(entry.before).toBe(JSON.stringify(fits));
    expect(entry.after).toBe(`{"tooLong":true,"length":${AUDIT_LIMITS.state + 1}}`);
  });
});

describe('a change of a document', () => {
  const change = { ...draft(), environment: 'dev', kind: 'flag', key: 'f', fields: ['name'] } as const;

  it.each([
    [undefined, { version: 2, text: '' }, [null, 2, null, DIGEST_OF_EMPTY]],
    [{ version: 1, text: '' }, undefined, [1, null, DIGEST_OF_EMPTY, null]],
    [{ version: 1, text: '' }, { version: 2, text: '' }, [1, 2, DIGEST_OF_EMPTY, DIGEST_OF_EMPTY]],
  ])('from %j to %j has its versions and digests', (before, after, [from, to, was, is]) => {
    const { subject: _, ...rest } = change;
    const row = nextRow(documentEntryOf({ ...rest, before, after }, 9), undefined);
    expect(row).toMatchObject({ at: 9, kind: 'flag', key: 'f', environment: 'dev', fields: '["name"]' });
    expect(row).toMatchObject({ before_version: from, version: to, before_digest: was, after_digest: is });
  });
});

describe('a row that is read', () => {
  it.each([
    ['', []],
    ['[', []],
    ['{}', []],
    ['null', []],
    ['"a"', []],
    ['[]', []],
    ['["a","b"]', ['a', 'b']],
    ['[1,null]', ['1', 'null']],
  ])('with the fields %j has the fields %j', (fields, expected) => {
    expect(fromRow({ ...rowOf(), fields }).fields).toEqual(expected);
  });

  it('is the entry that was written, whatever it says', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const some = fc.option(text, { nil: undefined });
    const drafts = fc.record({ action: text, comment: some, group: some, source: some, at: fc.nat() });
    const property = fc.property(drafts, text, some, (given, key, environment) => {
      const entry = entryOf(draft({ ...given, subject: { kind: 'thing', key, environment } }), 0);
      const { before: _, after: __, ...rest } = entry;
      expect(fromRow(nextRow(entry, undefined))).toEqual({ ...rest, id: 1 });
    });
    await check(property, 50);
  });
});

describe('a text of the log', () => {
  it('is given when it is what was written', () => {
    expect(intactText('', DIGEST_OF_EMPTY)).toBe('');
  });

  it.each([
    [undefined, DIGEST_OF_EMPTY],
    ['x', DIGEST_OF_EMPTY],
    ['', DIGEST_OF_EMPTY.toUpperCase()],
    ['', ''],
  ])('%j with the digest %s is damaged', (text, digest) => {
    const message = 'A text of the audit log is damaged on the disk: restore a backup to see it.';
    expect(() => intactText(text, digest)).toThrow(expect.objectContaining({ code: 'damaged-data', message }));
  });
});

it('that entries were forgotten is written down by the center, with how many and up to when', () => {
  expect(pruning(86_400_000, 12)).toEqual({
    actor: CENTER,
    action: 'prune',
    subject: { kind: 'audit', key: 'audit' },
    after: { before: '1970-01-02T00:00:00.000Z', entries: 12 },
  });
});

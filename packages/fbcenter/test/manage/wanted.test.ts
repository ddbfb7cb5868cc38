import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileOf, itemsOf, keyOf, storedOf, type WantedDocument } from '../../src/manage/wanted.js';
import type { DocumentKind } from '../../src/model/document.js';
import { isJsonObject, type JsonObject } from '../../src/model/json.js';
import { check } from '../support/property.js';

const wanted = (kind: DocumentKind, input: unknown): WantedDocument => ({ kind, input, place: () => 'f' });
const sentOf = (kind: DocumentKind, input: unknown): unknown => itemsOf([wanted(kind, input)])[0]?.input;

/** The ids of the rules as they are sent. */
function idsOf(input: JsonObject): readonly unknown[] {
  const sent = sentOf('flag', input);
  const rules = isJsonObject(sent) && Array.isArray(sent.rules) ? sent.rules : [];
  return rules.map((rule: JsonObject) => rule.id);
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('the key of a document', () => {
  it.each<[kind: DocumentKind, input: unknown, key: string]>([
    ['flag', { key: 'a', id: 'b' }, 'a'],
    ['segment', { key: 'a', id: 'b' }, 'b'],
    ['flag', { key: 5 }, ''],
    ['flag', {}, ''],
    ['segment', null, ''],
    ['flag', 'a', ''],
    ['flag', [], ''],
  ])('of the %s %j is %j', (kind, input, key) => {
    expect(keyOf({ kind, input })).toBe(key);
  });
});

describe('documents as they are sent', () => {
  it('are segments first, each with its place in its list', () => {
    const items = itemsOf([wanted('flag', { key: 'a' }), wanted('segment', { id: 's' }), wanted('flag', { key: 'b' })]);
    expect(items.map(({ kind, path }) => [kind, path])).toEqual([
      ['segment', 'segments[0]'],
      ['flag', 'flags[0]'],
      ['flag', 'flags[1]'],
    ]);
    expect(fileOf(items)).toEqual({
      format: 'fbcenter-environment',
      formatVersion: 1,
      segments: [{ id: 's' }],
      flags: [{ key: 'a' }, { key: 'b' }],
    });
  });

  it.each<[kind: DocumentKind, input: unknown, sent: unknown]>([
    ['flag', { key: 'a', id: 'x', envId: 'e', updatedAt: 't', createdAt: 't' }, { key: 'a' }],
    ['segment', { id: 's', envId: 'e', updatorId: 'u' }, { id: 's' }],
    ['flag', { key: 'a', unknown: 1 }, { key: 'a', unknown: 1 }],
    // What is no document is judged by the center, as it is.
    ['flag', 5, 5],
    ['flag', null, null],
    ['flag', { key: 'a', rules: 'x' }, { key: 'a', rules: 'x' }],
    ['flag', { key: 'a', rules: [5, null] }, { key: 'a', rules: [5, null] }],
  ])('of the %s %j are %j', (kind, input, sent) => {
    expect(sentOf(kind, input)).toEqual(sent);
  });
});

describe('the id of a rule that has none', () => {
  const rule = { name: 'r', conditions: [], variations: [] };

  it('looks like one of the center, and one that is given stays', () => {
    const [made, given, empty] = idsOf({ key: 'a', rules: [rule, { ...rule, id: 'mine' }, { ...rule, id: '' }] });
    expect(made).toMatch(GUID);
    // An empty one is a fault, which the center names.
    expect([given, empty]).toEqual(['mine', '']);
    expect(idsOf({ key: 'a', rules: [{ ...rule, id: null }] })[0]).toMatch(GUID);
  });

  it.each<[why: string, first: JsonObject, second: JsonObject]>([
    ['the rule', { key: 'a', rules: [rule] }, { key: 'a', rules: [{ ...rule, name: 's' }] }],
    ['the flag', { key: 'a', rules: [rule] }, { key: 'b', rules: [rule] }],
  ])('is another one for another one of %s', (_, first, second) => {
    expect(idsOf(first)[0]).not.toBe(idsOf(second)[0]);
  });

  it('follows from what the rules say, whatever stands around them, and is there once', async () => {
    const rules = fc.array(fc.record({ name: fc.constantFrom('a', 'b'), conditions: fc.constant([]) }), {
      maxLength: 6,
    });
    await check(
      fc.property(rules, fc.string(), (list, description) => {
        const ids = idsOf({ key: 'k', rules: list });
        expect(idsOf({ key: 'k', description, rules: list })).toEqual(ids);
        expect(new Set(ids).size).toBe(list.length);
        // A rule in front, of another kind, moves the others and changes no id.
        expect(idsOf({ key: 'k', rules: [{ name: 'other' }, ...list] }).slice(1)).toEqual(ids);
      }),
    );
  });
});

describe('documents of an environment', () => {
  it('are compared without a version', () => {
    const there = storedOf({ segments: [{ id: 's', isArchived: true }], flags: [{ key: 'a' }] });
    expect(there).toEqual([
      { kind: 'segment', key: 's', version: 0, isArchived: true, text: '{"id":"s","isArchived":true}' },
      { kind: 'flag', key: 'a', version: 0, isArchived: false, text: '{"key":"a"}' },
    ]);
  });
});

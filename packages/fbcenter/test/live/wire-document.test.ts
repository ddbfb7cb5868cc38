import { decodeFlag, decodeSegment } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { draftOf } from '../../src/documents/draft.js';
import { judge } from '../../src/documents/judge.js';
import { wireText } from '../../src/live/wire-document.js';
import { wireId } from '../../src/live/wire-id.js';
import { CENTER } from '../../src/model/actor.js';
import type { DocumentKind } from '../../src/model/document.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';

const GUID = '3fa85f64-5717-4562-b3fc-2c963f66afa6';

/** A document as the center keeps it. */
function kept(kind: DocumentKind, key: string, input: object) {
  const verdict = judge(kind, input, key);
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults));
  const draft = draftOf({ environment: { id: GUID }, kind, by: CENTER }, verdict, undefined);
  return { kind, key, version: 1, isArchived: draft.isArchived, text: draft.text(1) };
}

const IN = 'User is in segment';
const inSegments = (value: string | null, property = IN, op: string | null = null) => ({
  rules: [aRule({ property, op, value }), aRule({ property: 'plan', op: 'IsOneOf', value: '["staff"]' })],
});
const conditionsOf = (text: string): { op: string | null; value: string }[] =>
  JSON.parse(text).rules.flatMap((rule: { conditions: unknown[] }) => rule.conditions);

describe('a document on the wire', () => {
  it.each<[string, DocumentKind, string, object]>([
    ['a flag whose id the center made', 'flag', 'a', aFlag()],
    ['a flag put with a GUID', 'flag', 'a', { ...aFlag(), id: GUID }],
    ['a segment whose id is a GUID', 'segment', GUID, aSegment()],
    ['a flag that asks for segments by GUID', 'flag', 'a', { ...aFlag(inSegments(`["${GUID}"]`, IN, '')), id: GUID }],
    ['a flag that speaks of segments elsewhere', 'flag', 'a', { ...aFlag(), description: '"User is in segment"' }],
  ])('that is %s is the very text that is kept', (_, kind, key, input) => {
    const document = kept(kind, key, input);
    expect(wireText(document)).toBe(document.text);
  });

  it('of a segment whose id is no GUID differs in its id alone', () => {
    const document = kept('segment', 'staff', aSegment({ description: 'id staff', 'odd "id"': 'staff' }));
    expect(JSON.parse(wireText(document))).toEqual({ ...JSON.parse(document.text), id: wireId('staff') });
  });

  it.each(['my-id', 'Mine', GUID.toUpperCase(), '"quoted"'])(
    'of a flag put with the id %j differs in it alone',
    (id) => {
      const document = kept('flag', 'a', { ...aFlag(), id });
      expect(JSON.parse(document.text).id).toBe(id);
      expect(JSON.parse(wireText(document))).toEqual({ ...JSON.parse(document.text), id: wireId(id) });
    },
  );

  it.each(['User is in segment', 'User is not in segment'])(
    'has GUIDs in conditions "%s", and nowhere else',
    (property) => {
      const document = kept('flag', 'a', aFlag(inSegments(`["staff", "${GUID}", "__proto__"]`, property)));
      const [asked, other] = conditionsOf(wireText(document));
      expect(JSON.parse(asked?.value ?? '')).toEqual([wireId('staff'), GUID, wireId('__proto__')]);
      expect(other?.value).toBe('["staff"]');
    },
  );

  it.each(['[]', 'null', '[1]', 'staff', '["staff"', '', null])('keeps a damaged or empty list %j', (value) => {
    const flag = { ...JSON.parse(kept('flag', 'a', aFlag()).text), ...inSegments(value, IN, '') };
    const text = JSON.stringify(flag);
    expect(wireText({ kind: 'flag', key: 'a', version: 1, isArchived: false, text })).toBe(text);
  });

  // FeatBit's SDK for Rust (0.1.1) reads a text there, and drops the whole message for a null.
  it.each<[string, string | null | undefined, string]>([
    ['null', null, ''],
    ['absent', undefined, ''],
    ['empty', '', ''],
    ['a text', 'Equal', 'Equal'],
  ])('has a text for the operator of a condition on segments that is %s', (_, op, expected) => {
    for (const property of [IN, 'User is not in segment']) {
      const flag = { ...aFlag(), id: GUID, rules: [{ conditions: [{ property, op, value: `["${GUID}"]` }] }] };
      const text = JSON.stringify(flag);
      const sent = wireText({ kind: 'flag', key: 'a', version: 1, isArchived: false, text });
      expect(conditionsOf(sent)).toEqual([{ property, op: expected, value: `["${GUID}"]` }]);
    }
  });

  it('leaves the operator of any other condition alone', () => {
    const rules = [
      {
        conditions: [
          { property: 'plan', op: null, value: 'x' },
          { property: IN, op: null, value: '[]' },
        ],
      },
    ];
    const text = JSON.stringify({ ...aFlag(), id: GUID, rules });
    const sent = wireText({ kind: 'flag', key: 'a', version: 1, isArchived: false, text });
    expect(conditionsOf(sent).map(({ op }) => op)).toEqual([null, '']);
  });

  it.each(['{}', '{"id":5}', '[]', '"x"', '{"id":null,"rules":{}}', '{"rules":[null,{"conditions":[null,5]}]}'])(
    'that is kept damaged (%s) stays as it is',
    (text) => {
      for (const kind of ['flag', 'segment'] as const)
        expect(wireText({ kind, key: 'a', version: 1, isArchived: false, text })).toBe(text);
    },
  );

  it('can be decoded by an SDK, and what a flag asks for is what the segment is called', () => {
    const segment = JSON.parse(wireText(kept('segment', 'staff', aSegment())));
    const flag = JSON.parse(wireText(kept('flag', 'a', aFlag(inSegments('["staff"]')))));
    expect([decodeSegment(segment).ok, decodeFlag(flag).ok]).toEqual([true, true]);
    expect(JSON.parse(flag.rules[0].conditions[0].value)).toEqual([segment.id]);
  });
});

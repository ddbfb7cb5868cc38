import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftOf } from '../../src/documents/draft.js';
import { type Actor, CENTER, SETTINGS_TOKEN } from '../../src/model/actor.js';
import type { DocumentKind } from '../../src/model/document.js';
import type { JsonObject } from '../../src/model/json.js';
import { check } from '../support/property.js';

const ADA: Actor = { kind: 'user', id: 'ada-id', name: 'Ada' };
const AT = Date.UTC(2026, 0, 1);
const GUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** The text of a draft, parsed, as it is at a version. */
function written(
  document: JsonObject,
  existing?: JsonObject,
  more: { by?: Actor; kind?: DocumentKind; version?: number } = {},
) {
  const { by = ADA, kind = 'flag', version = AT } = more;
  const verdict = { ok: true, key: 'k', isArchived: false, document, references: [], warnings: [] } as const;
  const draft = draftOf({ environment: { id: 'env-id' }, kind, by }, verdict, existing);
  return { draft, text: draft.text(version), document: JSON.parse(draft.text(version)) as JsonObject };
}

describe('what the server alone decides in a document', () => {
  it('is all of it for a new one: id, environment, times and authors', () => {
    const { document } = written({ key: 'k', name: 'x' });
    expect(document).toEqual({
      id: expect.stringMatching(GUID),
      key: 'k',
      name: 'x',
      envId: 'env-id',
      createdAt: '2026-01-01T00:00:00.000Z',
      creatorId: 'Ada',
      updatedAt: '2026-01-01T00:00:00.000Z',
      updatorId: 'Ada',
    });
  });

  it('stays as it was but for who changed it last, and when', () => {
    const existing = {
      id: 'old-id',
      createdAt: '2020-01-01T00:00:00.000Z',
      creatorId: 'Grace',
      updatedAt: 'x',
      updatorId: 'y',
    };
    const { document } = written({ key: 'k' }, existing, { version: AT + 5 });
    expect(document).toEqual({
      ...{ id: 'old-id', key: 'k', envId: 'env-id', createdAt: '2020-01-01T00:00:00.000Z', creatorId: 'Grace' },
      ...{ updatedAt: '2026-01-01T00:00:00.005Z', updatorId: 'Ada' },
    });
  });

  it.each<[who: Actor, name: string]>([
    [ADA, 'Ada'],
    [{ kind: 'token', id: 't', name: 'deploy' }, 'deploy'],
    [SETTINGS_TOKEN, 'admin'],
    [CENTER, 'admin'],
  ])('names %j as %s', (by, name) => {
    expect(written({}, undefined, { by }).document).toMatchObject({ creatorId: name, updatorId: name });
  });

  it.each<[string, JsonObject, existing: JsonObject | undefined, id: unknown]>([
    ['what it was', { id: 'sent' }, { id: 'kept' }, 'kept'],
    ['what was sent, of a new one', { id: 'sent' }, undefined, 'sent'],
    ['what was sent, where there was none', { id: 'sent' }, {}, 'sent'],
    ['a new one for what is blank', { id: ' ' }, undefined, expect.stringMatching(GUID)],
    ['a new one for what is no text', { id: 5 }, { id: null }, expect.stringMatching(GUID)],
  ])('gives a flag the id: %s', (_, document, existing, id) => {
    expect(written(document, existing).document.id).toEqual(id);
  });

  it('gives a segment its key as the id, whatever was sent', () => {
    expect(written({ id: 'sent' }, { id: 'kept' }, { kind: 'segment' }).document.id).toBe('k');
  });

  it('is said first of all: by its beginning one sees whether the id is a GUID', () => {
    expect(written({ name: 'x', id: 'sent' }).text).toMatch(/^\{"id":"sent",/);
  });

  it('is not what was sent of it', () => {
    const sent = { envId: 'theirs', createdAt: 'x', creatorId: 'x', updatedAt: 'x', updatorId: 'x', warnings: ['w'] };
    const { document } = written({ ...sent, name: 'x' });
    expect(Object.values(document)).not.toContain('x'.repeat(2));
    expect(document).toMatchObject({ envId: 'env-id', creatorId: 'Ada', updatorId: 'Ada' });
    expect(document).not.toHaveProperty('warnings');
  });

  it('leaves everything else as it is', () => {
    const own = /^(?:id|envId|createdAt|creatorId|updatedAt|updatorId|warnings|__proto__)$/;
    const documents = fc.dictionary(
      fc.string({ maxLength: 8 }).filter((name) => !own.test(name)),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 6 },
    );
    return check(
      fc.property(documents, (given) => {
        const { document } = written(given);
        const rest = Object.fromEntries(Object.entries(document).filter(([name]) => !own.test(name)));
        expect(rest).toEqual(JSON.parse(JSON.stringify(given)));
      }),
      100,
    );
  });

  it('is written for the version that it is kept under, whenever that is known', () => {
    const { draft } = written({ name: 'x' });
    const [one, other] = [JSON.parse(draft.text(AT)), JSON.parse(draft.text(AT + 1))];
    expect([one.updatedAt, other.updatedAt]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z']);
    expect(draft).toMatchObject({ kind: 'flag', key: 'k', isArchived: false });
  });
});

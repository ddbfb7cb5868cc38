import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CENTER, SETTINGS_TOKEN } from '../../src/model/actor.js';
import { AUDIT_LIMITS, changedFields } from '../../src/model/audit.js';
import { BUCKET_UNITS, BUCKETS, bucketAt, oldestBucket } from '../../src/model/buckets.js';
import { SERVER_FIELDS } from '../../src/model/document.js';
import type { Fault } from '../../src/model/fault.js';
import { isEqualJson, type JsonObject } from '../../src/model/json.js';
import { nearestName } from '../../src/model/near-name.js';
import { type CurrentVersion, Refusal, type RefusalCode } from '../../src/model/refusal.js';
import { covers, type Grants, isRole, ROLES, type Role, roleIn } from '../../src/model/role.js';
import { shortened } from '../../src/model/shortened.js';
import { foldedName } from '../../src/model/user.js';
import { check } from '../support/property.js';

/** How many edits are between two words, by the book: a character more, less or another one, or two exchanged. */
function distance(one: string, other: string): number {
  const rows: number[][] = [];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row <= one.length; row++) {
    rows.push([]);
    for (let column = 0; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isTurned =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const least = Math.min(
        row === 0 && column === 0 ? 0 : Number.POSITIVE_INFINITY,
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        row > 0 && column > 0 ? at(row - 1, column - 1) + (isSame ? 0 : 1) : Number.POSITIVE_INFINITY,
        isTurned ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
      rows[row]?.push(least);
    }
  }
  return at(one.length, other.length);
}

/** Few letters, so that words are often near to each other. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), maxLength: 6 });

describe('the nearest name', () => {
  it('is meant exactly when it is the same but for its case, or one edit away', async () => {
    const property = fc.property(word, word, (name, known) => {
      const isNear = name.toLowerCase() === known.toLowerCase() || distance(name, known) <= 1;
      expect(nearestName(name, [known])).toBe(isNear ? known : undefined);
    });
    await check(property, 2_000);
  });

  it('is meant from both sides', async () => {
    const property = fc.property(word, word, (one, other) => {
      expect(nearestName(one, [other]) === undefined).toBe(nearestName(other, [one]) === undefined);
    });
    await check(property, 500);
  });

  it('is one that differs in case before any that is an edit away, and otherwise the first', async () => {
    const property = fc.property(word, fc.array(word, { maxLength: 8 }), (name, known) => {
      const sameCase = known.find((one) => one.toLowerCase() === name.toLowerCase());
      const near = known.find((one) => distance(name, one) <= 1);
      expect(nearestName(name, known)).toBe(sameCase ?? near);
    });
    await check(property, 500);
  });
});

describe('a text that is shortened', () => {
  it('is the text itself or a part of it with `…`, no longer than it may be, and well formed if the text was', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    const property = fc.property(text, fc.integer({ min: 2, max: 40 }), (whole, length) => {
      const short = shortened(whole, length);
      expect(short.length).toBeLessThanOrEqual(length);
      if (whole.length <= length) expect(short).toBe(whole);
      else expect(short.endsWith('…') && whole.startsWith(short.slice(0, -1))).toBe(true);
      expect(short).toBe(Buffer.from(short, 'utf8').toString('utf8'));
      expect(short.length).toBeGreaterThanOrEqual(Math.min(whole.length, length - 1));
    });
    await check(property, 500);
  });
});

const role = fc.constantFrom<Role>(...ROLES);
const grants: fc.Arbitrary<Grants> = fc.record({
  everywhere: fc.option(role, { nil: undefined }),
  environments: fc.dictionary(fc.constantFrom('a', 'b', 'c'), role),
});

describe('grants', () => {
  it('cover a demand in an environment exactly when one of the two roles does', async () => {
    const property = fc.property(grants, fc.constantFrom('a', 'b', 'c', 'd'), role, (granted, id, demanded) => {
      const { everywhere, environments } = granted;
      const either = covers(everywhere, demanded) || covers(environments[id], demanded);
      expect(covers(roleIn(granted, id), demanded)).toBe(either);
    });
    await check(property, 300);
  });

  it('of environments give nothing outside of them', async () => {
    const property = fc.property(grants, (granted) => {
      expect(roleIn(granted)).toBe(granted.everywhere);
      expect(roleIn({ ...granted, everywhere: undefined })).toBeUndefined();
    });
    await check(property, 100);
  });

  it('cover all that a lesser role covers', () => {
    for (const [rank, own] of ROLES.entries()) {
      for (const [demandedRank, demanded] of ROLES.entries()) {
        expect(covers(own, demanded), `${own}, ${demanded}`).toBe(rank >= demandedRank);
      }
      expect(covers(undefined, own)).toBe(false);
    }
  });

  it.each(['Viewer', 'owner', '', 0, 1, null, undefined, {}, ['admin'], '__proto__'])('know no role %j', (value) => {
    expect(isRole(value)).toBe(false);
  });
});

describe('the changed parts of a document', () => {
  const value = fc.jsonValue({ maxDepth: 2 });
  const document = fc.dictionary(fc.constantFrom('a', 'b', 'c', ...SERVER_FIELDS), value) as fc.Arbitrary<JsonObject>;

  it('are the same from both sides, and none of what the server decides', async () => {
    const property = fc.property(document, document, (before, after) => {
      const changed = changedFields(before, after);
      expect([...changed].sort()).toEqual([...changedFields(after, before)].sort());
      for (const name of SERVER_FIELDS) expect(changed).not.toContain(name);
    });
    await check(property, 200);
  });

  it('are none exactly when the documents say the same without what the server decides', async () => {
    const own = (whole: JsonObject) =>
      Object.fromEntries(
        Object.entries(whole).filter(([name]) => !(SERVER_FIELDS as readonly string[]).includes(name)),
      );
    const property = fc.property(document, document, (before, after) => {
      expect(changedFields(before, after).length === 0).toBe(isEqualJson(own(before), own(after)));
      expect(changedFields(before, structuredClone(before))).toEqual([]);
    });
    await check(property, 200);
  });

  it('of a new document, or one that is gone, are all of its own', async () => {
    const property = fc.property(document, (whole) => {
      const own = Object.keys(whole).filter((name) => !(SERVER_FIELDS as readonly string[]).includes(name));
      expect(changedFields(undefined, whole)).toEqual(own);
      expect(changedFields(whole, undefined)).toEqual(own);
    });
    await check(property, 100);
  });

  it('are none of nothing', () => {
    expect(changedFields(undefined, undefined)).toEqual([]);
  });
});

describe('two names of users', () => {
  it('that are one to people are folded to one, and folding again changes nothing', async () => {
    const property = fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (name) => {
      const folded = foldedName(name);
      expect(foldedName(`  ${name}\t`)).toBe(folded);
      expect(foldedName(name.normalize('NFD'))).toBe(foldedName(name.normalize('NFC')));
      expect(foldedName(folded)).toBe(folded);
    });
    await check(property, 300);
  });
});

describe('buckets of time', () => {
  it.each(BUCKET_UNITS)('by the %s hold their whole length, and as many are kept as are said to be', async (unit) => {
    const { length, kept } = BUCKETS[unit];
    const property = fc.property(fc.integer({ min: -(2 ** 42), max: 2 ** 42 }), (time) => {
      const bucket = bucketAt(unit, time);
      expect(bucket * length).toBeLessThanOrEqual(time);
      expect((bucket + 1) * length).toBeGreaterThan(time);
      expect(bucketAt(unit, time + length)).toBe(bucket + 1);
      expect(bucket - oldestBucket(unit, time)).toBe(kept - 1);
    });
    await check(property, 100);
  });

  it('are within each other: an hour has whole minutes, a day whole hours', () => {
    expect(BUCKETS.hour.length / BUCKETS.minute.length).toBe(60);
    expect(BUCKETS.day.length / BUCKETS.hour.length).toBe(24);
  });
});

describe('a refusal', () => {
  const faults: readonly Fault[] = [{ code: 'missing', path: 'key', message: 'Required: a string.' }];
  const current: CurrentVersion = { version: 5, changedBy: undefined };

  it.each<[RefusalCode, readonly Fault[] | undefined, CurrentVersion | undefined]>([
    ['not-found', undefined, undefined],
    ['invalid-document', faults, undefined],
    ['version-mismatch', undefined, current],
  ])('%s is an error that carries its reasons as they are', (code, itsFaults, itsCurrent) => {
    const refusal = new Refusal(code, 'A sentence.', itsFaults, itsCurrent);
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal).toMatchObject({ name: 'Refusal', code, message: 'A sentence.' });
    expect([refusal.faults, refusal.current]).toEqual([itsFaults, itsCurrent]);
    expect(String(refusal)).toBe('Refusal: A sentence.');
  });
});

describe('actors and limits', () => {
  it('that are no persons have ids that no user can have: their kinds', () => {
    for (const { kind, id, name } of [SETTINGS_TOKEN, CENTER]) {
      expect(id).toBe(kind);
      expect(name.length).toBeLessThanOrEqual(AUDIT_LIMITS.actor);
    }
    expect(SETTINGS_TOKEN.id).not.toBe(CENTER.id);
  });

  it('let an entry of the audit log hold whole keys, names, and the comment and group that a request may send', () => {
    expect(AUDIT_LIMITS).toMatchObject({ key: 256, comment: 1_000, group: 64 });
    for (const limit of Object.values(AUDIT_LIMITS)) expect(limit).toBeGreaterThan(0);
  });
});

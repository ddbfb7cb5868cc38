import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnown, preconditionOf } from '../../src/http/preconditions.js';
import { Refusal } from '../../src/model/refusal.js';
import { decodeClientMessage } from '../../src/streaming/client-message.js';
import { check } from '../support/property.js';

/** A list of tags as a header has it, however it is spaced, and what it names. */
const tag = fc.record({ version: fc.integer({ min: 1, max: 9 }), form: fc.constantFrom('strong', 'weak', 'bare') });
const separator = fc.constantFrom(',', ', ', ' ,', ' , ', ',,', '\t,\t', ', ,');
const list = fc.array(fc.tuple(tag, separator), { minLength: 1, maxLength: 5 }).map((items) => ({
  text: items
    .map(([{ version, form }, between], index) => {
      const written = { strong: `"${version}"`, weak: `W/"${version}"`, bare: String(version) }[form];
      return `${index === 0 ? '' : between}${written}`;
    })
    .join(''),
  strong: new Set(items.filter(([{ form }]) => form !== 'weak').map(([{ version }]) => version)),
  all: new Set(items.map(([{ version }]) => version)),
}));
const versions = [undefined, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const tagOf = (version: number | undefined) => (version === undefined ? undefined : `"${version}"`);

describe('a precondition of any list of tags', () => {
  it('in If-Match holds for the strong ones alone, in If-None-Match for all others', async () => {
    await check(
      fc.property(list, ({ text, strong, all }) => {
        const match = preconditionOf({ 'if-match': text });
        const noneMatch = preconditionOf({ 'if-none-match': text });
        for (const version of versions) {
          expect(match?.(tagOf(version)), `${text} ${version}`).toBe(version !== undefined && strong.has(version));
          expect(noneMatch?.(tagOf(version)), `${text} ${version}`).toBe(version === undefined || !all.has(version));
          if (version !== undefined) expect(isKnown({ 'if-none-match': text }, `"${version}"`)).toBe(all.has(version));
        }
      }),
      300,
    );
  });

  it('of both headers holds when each of them does', async () => {
    await check(
      fc.property(list, list, (one, other) => {
        const both = preconditionOf({ 'if-match': one.text, 'if-none-match': other.text });
        for (const version of versions) {
          const expected = version !== undefined && one.strong.has(version) && !other.all.has(version);
          expect(both?.(tagOf(version))).toBe(expected);
        }
      }),
      200,
    );
  });

  it('that is any text is read or refused, and never ignored', async () => {
    const text = fc.string({ unit: fc.constantFrom('"', 'W', '/', ',', ' ', '*', '1', 'a', ';'), maxLength: 12 });
    await check(
      fc.property(text, (header) => {
        try {
          expect(preconditionOf({ 'if-match': header })).toBeTypeOf('function');
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
        expect(isKnown({ 'if-none-match': header }, '"1"')).toBeTypeOf('boolean');
      }),
      500,
    );
  });
});

describe('any message of an SDK', () => {
  it('is read as one of three kinds, whatever it says', async () => {
    const message = fc.record(
      {
        messageType: fc.oneof(fc.constantFrom('ping', 'data-sync', 'pong'), fc.jsonValue()),
        data: fc.oneof(fc.record({ timestamp: fc.jsonValue() }), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const text = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
    );
    await check(
      fc.property(text, (sent) => {
        const read = decodeClientMessage(sent);
        expect(['ping', 'echo', 'data-sync', 'other']).toContain(read.type);
        if (read.type === 'data-sync') expect(Number.isFinite(read.cursor)).toBe(true);
      }),
      500,
    );
  });
});

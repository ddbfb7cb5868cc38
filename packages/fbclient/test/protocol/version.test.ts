import { describe, expect, it } from 'vitest';
import { parseVersion } from '../../src/protocol/version.js';

const NEW_YEAR = Date.UTC(2026, 0, 1);

describe('a version', () => {
  it.each<[string, number]>([
    ['2026-01-01T00:00:00Z', NEW_YEAR],
    ['2026-01-01T00:00:00.1Z', NEW_YEAR + 100],
    ['2026-01-01T00:00:00.12Z', NEW_YEAR + 120],
    ['2026-01-01T00:00:00.123Z', NEW_YEAR + 123],
    ['2026-01-01T00:00:00.1234Z', NEW_YEAR + 123],
    ['2026-01-01T00:00:00.12345Z', NEW_YEAR + 123],
    ['2026-01-01T00:00:00.123456Z', NEW_YEAR + 123],
    ['2026-01-01T00:00:00.1234567Z', NEW_YEAR + 123],
    ['2026-01-01T00:00:00.9999999Z', NEW_YEAR + 999],
    ['2026-01-01T02:00:00+02:00', NEW_YEAR],
    ['2025-12-31T18:30:00-05:30', NEW_YEAR],
    ['2026-01-01T00:00:00+00:00', NEW_YEAR],
    ['2026-01-01T00:00:00-00:00', NEW_YEAR],
    ['2026-12-31T23:59:59.999Z', Date.UTC(2026, 11, 31, 23, 59, 59, 999)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
    ['1970-01-01T00:00:00Z', 0],
  ])('%s is read', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', NEW_YEAR],
    ['a date object', new Date(NEW_YEAR)],
    ['true', true],
    ['an array', ['2026-01-01T00:00:00Z']],
    ['an empty text', ''],
    ['a blank text', ' '],
    ['a word', 'yesterday'],
    ['a number in a text', String(NEW_YEAR)],
    ['a date without a time', '2026-01-01'],
    ['a local time', '2026-01-01T00:00:00'],
    ['a time without seconds', '2026-01-01T00:00Z'],
    ['a space for the T', '2026-01-01 00:00:00Z'],
    ['a small t', '2026-01-01t00:00:00Z'],
    ['a small z', '2026-01-01T00:00:00z'],
    ['a space before', ' 2026-01-01T00:00:00Z'],
    ['a line break after', '2026-01-01T00:00:00Z\n'],
    ['a fraction of no digits', '2026-01-01T00:00:00.Z'],
    ['a fraction of eight digits', '2026-01-01T00:00:00.12345678Z'],
    ['a fraction after a comma', '2026-01-01T00:00:00,123Z'],
    ['an offset without a colon', '2026-01-01T00:00:00+0200'],
    ['an offset of hours', '2026-01-01T00:00:00+02'],
    ['an offset of 24 hours', '2026-01-01T00:00:00+24:00'],
    ['an offset of 60 minutes', '2026-01-01T00:00:00+01:60'],
    ['a zone by name', '2026-01-01T00:00:00 UTC'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['day 32', '2026-01-32T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['31 June', '2026-06-31T00:00:00Z'],
    ['31 September', '2026-09-31T00:00:00Z'],
    ['31 November', '2026-11-31T00:00:00Z'],
    ['30 February', '2024-02-30T00:00:00Z'],
    ['29 February of a common year', '2026-02-29T00:00:00Z'],
    ['29 February of a century', '1900-02-29T00:00:00Z'],
    ['hour 25', '2026-01-01T25:00:00Z'],
    ['minute 60', '2026-01-01T00:60:00Z'],
    ['second 60', '2026-12-31T23:59:60Z'],
    ['a year of two digits', '26-01-01T00:00:00Z'],
    ['a year of six digits', '+002026-01-01T00:00:00Z'],
    ['other digits', '２０２６-01-01T00:00:00Z'],
  ])('%s is none', (_name, text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

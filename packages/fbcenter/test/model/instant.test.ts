import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf } from '../../src/model/instant.js';
import { check } from '../support/property.js';

describe('a time as text', () => {
  it.each<[text: string, iso: string]>([
    ['2026-11-28', '2026-11-28T00:00:00.000Z'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T12:00Z', '2000-02-29T12:00:00.000Z'],
    ['2026-11-28T09:30Z', '2026-11-28T09:30:00.000Z'],
    ['2026-11-28T09:30:15Z', '2026-11-28T09:30:15.000Z'],
    ['2026-11-28T09:30:15.5Z', '2026-11-28T09:30:15.500Z'],
    ['2026-11-28T09:30:15.123456789Z', '2026-11-28T09:30:15.123Z'],
    ['2026-11-28T09:30:15+02:00', '2026-11-28T07:30:15.000Z'],
    ['2026-11-28T23:30:00-05:30', '2026-11-29T05:00:00.000Z'],
    ['2026-12-31T24:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(new Date(instantOf(text) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    ...['', ' ', 'now', 'yesterday', '0', '1764322200000', '2026', '2026-11', '28.11.2026', '11/28/2026'],
    // Days that there are not: JavaScript takes them for days of the next month.
    ...['2026-02-29', '2026-02-30', '2026-02-31', '2100-02-29', '2026-04-31', '2026-06-31', '2026-09-31', '2026-11-31'],
    ...['2026-02-31T00:00:00Z', '2026-04-31T12:00:00+02:00', '2026-00-10', '2026-13-01', '2026-01-00', '2026-01-32'],
    // Without a zone it would be the zone of the machine.
    ...['2026-11-28T09:30', '2026-11-28T09:30:15', '2026-11-28T09:30:15.5'],
    ...['2026-11-28T9:30Z', '2026-11-28T09Z', '2026-11-28T25:00Z', '2026-11-28T10:60Z', '2026-11-28T10:00:61Z'],
    ...[
      '2026-11-28 09:30Z',
      '2026-11-28t09:30z',
      '2026-11-28T09:30+0200',
      '2026-11-28T09:30+2',
      '2026-11-28T09:30+99:99',
    ],
    ...['+002026-11-28', '-000001-01-01', '20261128', '2026-W48-6', '2026-332', '2026-11-28Z', '2026-11-28T'],
    ...['2026-11-28T09:30:15,5Z', '2026-11-28T09:30:15.Z', '2026-11-28\n', ' 2026-11-28', '２０２６-11-28'],
  ])('%j is none', (text) => {
    expect(instantOf(text)).toBeUndefined();
  });

  it('that JavaScript writes is itself, and a day is its midnight', () => {
    const times = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) });
    return check(
      fc.property(times, (time) => {
        const text = new Date(time).toISOString();
        fc.pre(/^\d{4}-/.test(text));
        expect(instantOf(text)).toBe(time);
        expect(instantOf(text.slice(0, 10))).toBe(Math.floor(time / 86_400_000) * 86_400_000);
      }),
      300,
    );
  });

  it('is the same in every zone that it is written in', () => {
    const zones = fc.record({
      hours: fc.integer({ min: 0, max: 14 }),
      quarters: fc.integer({ min: 0, max: 3 }),
      isEast: fc.boolean(),
    });
    return check(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), zones, (time, { hours, quarters, isEast }) => {
        const minutes = (hours * 60 + quarters * 15) * (isEast ? 1 : -1);
        const local = new Date(time + minutes * 60_000).toISOString().slice(0, -1);
        const zone = `${isEast ? '+' : '-'}${String(hours).padStart(2, '0')}:${String(quarters * 15).padStart(2, '0')}`;
        fc.pre(/^\d{4}-/.test(local));
        expect(instantOf(local + zone)).toBe(time);
      }),
      300,
    );
  });

  it('names a day of the calendar, or nothing', () => {
    const day = fc.record({
      year: fc.integer({ min: 1, max: 9999 }),
      month: fc.integer({ min: 0, max: 14 }),
      day: fc.integer({ min: 0, max: 33 }),
    });
    const pad = (number: number, length: number) => String(number).padStart(length, '0');
    const lengths = (year: number) => [
      31,
      year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
      31,
      30,
      31,
      30,
      31,
      31,
      30,
      31,
      30,
      31,
    ];
    return check(
      fc.property(day, ({ year, month, day: number }) => {
        const exists = month >= 1 && month <= 12 && number >= 1 && number <= (lengths(year)[month - 1] ?? 0);
        expect(instantOf(`${pad(year, 4)}-${pad(month, 2)}-${pad(number, 2)}`) !== undefined).toBe(exists);
      }),
      500,
    );
  });
});

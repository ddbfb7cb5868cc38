import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallyBuilder } from '../../../src/insights/tally.js';
import type { Tally } from '../../../src/model/tally.js';
import { placeOf, rowsOf, type TallyRows } from '../../../src/storage/postgres/tally-rows.js';
import { check } from '../../support/property.js';
import { evaluation, metric, NOTHING } from '../../support/tallies.js';

/** The tallies that rows are of, by environment; what found no room is nowhere in them. */
function talliesOf({ evaluations, metrics, totals }: TallyRows): ReadonlyMap<string, Tally> {
  const builders = new Map<string, TallyBuilder>();
  const of = (e: string) => {
    const builder = builders.get(e) ?? new TallyBuilder();
    builders.set(e, builder);
    return builder;
  };
  for (const { e, f, v, c, x } of evaluations)
    of(e).addEvaluations({ flagKey: f, variationId: v, count: c, experimentCount: x });
  for (const { e, n, c, s, l, h } of metrics) of(e).addMetrics({ eventName: n, count: c, sum: s, min: l, max: h });
  for (const { e, i, r } of totals) {
    of(e).addIdentifications(i);
    of(e).addRejected(r);
  }
  return new Map([...builders].map(([e, builder]) => [e, builder.build()]));
}

describe('the rows of tallies', () => {
  it('are those of each environment, with what stands in a tally twice added up', () => {
    const rows = rowsOf(
      new Map([
        [
          'e1',
          {
            evaluations: [evaluation('f', 'on', 2, 1), evaluation('f', 'off'), evaluation('f', 'on', 3, 2)],
            metrics: [metric('m', 1, 4), metric('n', 7), metric('m', -2)],
            identifications: 2,
            rejected: 0,
          },
        ],
        ['e2', { ...NOTHING, evaluations: [evaluation('f', 'on')] }],
      ]),
    );
    expect(rows).toEqual({
      evaluations: [
        { e: 'e1', f: 'f', v: 'on', c: 5, x: 3 },
        { e: 'e1', f: 'f', v: 'off', c: 1, x: 0 },
        { e: 'e2', f: 'f', v: 'on', c: 1, x: 0 },
      ],
      metrics: [
        { e: 'e1', n: 'm', c: 3, s: 3, l: -2, h: 4 },
        { e: 'e1', n: 'n', c: 1, s: 7, l: 7, h: 7 },
      ],
      totals: [{ e: 'e1', i: 2, r: 0, oe: 0, om: 0 }],
    });
  });

  it('keep sums finite, which JSON cannot say otherwise', () => {
    const { metrics } = rowsOf(new Map([['e', { ...NOTHING, metrics: [metric('m', 1.7e308), metric('m', 1.7e308)] }]]));
    expect(JSON.parse(JSON.stringify(metrics))).toMatchObject([{ s: Number.MAX_VALUE, h: 1.7e308 }]);
  });

  it('have everything that the tallies have, whatever they are, and each place once', () => {
    const name = fc.constantFrom('a', 'b', '1 a', '11 ', '');
    const count = fc.integer({ min: 1, max: 9 });
    const tally: fc.Arbitrary<Tally> = fc.record({
      evaluations: fc.array(fc.record({ flagKey: name, variationId: name, count, experimentCount: count })),
      metrics: fc.array(fc.record({ eventName: name, count, sum: count, min: count, max: count })),
      identifications: fc.nat(2),
      rejected: fc.nat(2),
    });
    return check(
      fc.property(fc.array(fc.tuple(name, tally), { maxLength: 4 }), (list) => {
        const tallies = new Map(list);
        const rows = rowsOf(tallies);
        const places = [
          ...rows.evaluations.map(({ e, f, v }) => JSON.stringify([e, f, v])),
          ...rows.metrics.map(({ e, n }) => JSON.stringify([e, n])),
        ];
        expect(new Set(places).size).toBe(places.length);
        const expected = new Map(
          [...tallies].map(([e, one]) => {
            const builder = new TallyBuilder();
            builder.add(one);
            return [e, builder.build()];
          }),
        );
        const found = talliesOf(rows);
        for (const [e, one] of expected) expect(found.get(e) ?? NOTHING).toEqual(one);
      }),
      200,
    );
  });

  it('name places so that no two are the same', () => {
    const names = fc.array(fc.string({ maxLength: 4 }), { minLength: 2, maxLength: 3 });
    return check(
      fc.property(names, names, (one, other) => {
        expect(placeOf(...one) === placeOf(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      300,
    );
  });
});

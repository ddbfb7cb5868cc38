import { describe, expect, it } from 'vitest';
import type { ExperimentMetricBody, ExperimentResultsBody } from '../../src/api/experiment-results.js';
import { drawResults } from '../../src/experiments/drawing.js';

type Comparison = ExperimentMetricBody['comparisons'][number];

/** What a comparison with an uplift holds, as far as a drawing needs it. */
function compared(low: number, uplift: number, high: number, more: object = {}): Comparison['result'] {
  const relative = { status: 'ok', low, high, uplift, g: 0 };
  return { status: 'ok', difference: uplift / 10, relative, varianceReduction: null, ...more } as Comparison['result'];
}

function aMetricBody(overrides: Partial<ExperimentMetricBody> = {}, result?: Comparison['result']) {
  const comparison: Comparison = {
    variation: 'on',
    verdict: 'collecting',
    result: result ?? compared(-0.1, 0.2, 0.4),
    adjustedPValue: null,
    bayes: null,
    remaining: null,
    conclusion: '',
  };
  const metric: ExperimentMetricBody = {
    key: 'purchases',
    name: 'Purchases',
    type: 'conversion',
    role: 'goal',
    lowerIsBetter: false,
    margin: null,
    plannedEffect: null,
    values: [
      { variation: 'off', users: 10, nonzero: 1, total: 1, value: 0.1 },
      { variation: 'on', users: 10, nonzero: 2, total: 2, value: 0.2 },
    ],
    comparisons: [comparison],
    ...overrides,
  };
  return metric;
}

function results(overrides: Partial<ExperimentResultsBody> = {}): ExperimentResultsBody {
  return {
    key: 'e',
    name: 'e',
    state: 'running',
    hypothesis: '',
    decision: null,
    verdict: 'collecting',
    sentence: 'Nothing may be concluded yet.',
    flagKey: 'checkout',
    iteration: {
      number: 3,
      start: '2026-01-02T03:04:05.678Z',
      end: null,
      frozenAt: null,
      isFrozen: false,
      isSound: true,
      pauses: [],
      marks: [],
    },
    method: 'always-valid',
    alpha: 0.05,
    power: 0.8,
    plannedUsers: 1_000,
    covariateDays: null,
    users: 20,
    usersPerDay: null,
    lastEventAt: null,
    variations: [
      { id: 'off', value: 'false', weight: 1, isControl: true, users: 10 },
      { id: 'on', value: 'true', weight: 1, isControl: false, users: 10 },
    ],
    split: { status: 'no-users' },
    metrics: [],
    excluded: { several: 0, targeted: 0, segment: 0 },
    late: 0,
    oversized: 0,
    undeclared: 0,
    replays: 0,
    refusedRequests: 0,
    warnings: [],
    ...overrides,
  };
}

/** The sections of a drawing, each as its lines. */
const sections = (overrides: Partial<ExperimentResultsBody>, width = 100) =>
  drawResults(results(overrides), width)
    .trimEnd()
    .split('\n\n')
    .map((section) => section.split('\n'));

const head = (overrides: Partial<ExperimentResultsBody>, width?: number) => sections(overrides, width)[0] ?? [];
const users = (overrides: Partial<ExperimentResultsBody>) => sections(overrides)[1] ?? [];
const rest = (overrides: Partial<ExperimentResultsBody>, width?: number) => sections(overrides, width).slice(2);

const iteration = (overrides: Partial<ExperimentResultsBody['iteration']>) => ({
  iteration: { ...results().iteration, ...overrides },
});

describe('the head of a drawing', () => {
  it.each<[Partial<ExperimentResultsBody>, string]>([
    [{}, 'e on the flag checkout: running, iteration 3, since 2026-01-02 03:04'],
    [{ name: 'Blue', state: 'paused' }, 'Blue (e) on the flag checkout: paused, iteration 3, since 2026-01-02 03:04'],
    [
      { ...iteration({ end: '2026-02-03T04:05:06.000Z' }), state: 'stopped' },
      'e on the flag checkout: stopped, iteration 3, from 2026-01-02 03:04 to 2026-02-03 04:05',
    ],
  ])('of %j names the experiment, its flag and its time', (overrides, line) => {
    expect(head(overrides)[0]).toBe(line);
  });

  it.each<[ExperimentResultsBody['method'], string]>([
    ['always-valid', 'Method: always valid: look as often as you like.'],
    ['fixed', 'Method: fixed: one look, at the planned number of users.'],
  ])('says how often one may look with the method %s', (method, line) => {
    expect(head({ method })).toEqual([expect.any(String), 'COLLECTING  Nothing may be concluded yet.', line]);
  });

  it.each<[days: number, reductions: readonly (readonly (number | null)[])[], gained: string]>([
    [1, [], 'the day before they entered is subtracted.'],
    [14, [], 'the 14 days before they entered is subtracted.'],
    [14, [[null]], 'the 14 days before they entered is subtracted.'],
    [7, [[0.259, 0.412]], 'the 7 days before they entered is subtracted; less variance: m0 41 %.'],
    [
      7,
      [[0.5], [null], [null, 0.009]],
      'the 7 days before they entered is subtracted; less variance: m0 50 %, m2 0 %.',
    ],
  ])('says of %i days of covariates that reduce by %j what is gained', (covariateDays, reductions, gained) => {
    const [comparison] = aMetricBody().comparisons;
    if (comparison === undefined) throw new Error('a metric is compared');
    const metrics = reductions.map((each, at) =>
      aMetricBody({
        name: `m${at}`,
        comparisons: each.map((varianceReduction) => ({
          ...comparison,
          result: compared(-0.1, 0, 0.1, { varianceReduction }),
        })),
      }),
    );
    expect(head({ covariateDays, metrics })[3]).toBe(`What users did in ${gained}`);
  });

  it('has no line about covariates where there are none', () => {
    expect(head({ covariateDays: null })).toHaveLength(3);
  });

  it('breaks a long sentence at spaces, and leaves a word that is longer than a line whole', () => {
    const sentence = `${'one two three '.repeat(10)}${'x'.repeat(80)} end`;
    const lines = head({ sentence }, 60).slice(2, -1);
    expect(lines.join(' ')).toBe(`COLLECTING  ${sentence}`);
    expect(lines.filter((line) => line.length > 60)).toEqual([`${'x'.repeat(80)} end`]);
  });
});

describe('the users of a drawing', () => {
  it.each<[Partial<ExperimentResultsBody>, string]>([
    [{}, 'Users: 20 in all; 1,000 planned for each pair of variations'],
    [{ usersPerDay: 1_234.5 }, 'Users: 20 in all, about 1,235 a day; 1,000 planned for each pair of variations'],
    [{ usersPerDay: 0.2 }, 'Users: 20 in all, about 0 a day; 1,000 planned for each pair of variations'],
  ])('of %j are summed up', (overrides, line) => {
    expect(users(overrides)[0]).toBe(line);
  });

  it('stand in columns, with the share that each has and was to have', () => {
    const variations = [
      { id: 'off', value: 'false', weight: 3, isControl: true, users: 1_500 },
      { id: 'on', value: 'a value that is longer than the column for it', weight: 1, isControl: false, users: 500 },
    ];
    expect(users({ users: 2_000, variations }).slice(1, 3)).toEqual([
      '  false (control)           1,500 users  75.0 %  planned 75.0 %',
      '  a value that is longer …  500 users    25.0 %  planned 25.0 %',
    ]);
  });

  it('stand in columns whatever script their values are written in', () => {
    const variations = [
      { id: 'off', value: '购物车', weight: 1, isControl: true, users: 10 },
      { id: 'on', value: '购物车'.repeat(6), weight: 1, isControl: false, users: 10 },
    ];
    expect(users({ users: 20, variations }).slice(1, 3)).toEqual([
      '  购物车 (control)         10 users  50.0 %  planned 50.0 %',
      '  购物车购物车购物车购物…  10 users  50.0 %  planned 50.0 %',
    ]);
  });

  it('have no shares where nobody came, and no plan where none is expected', () => {
    const variations = results().variations.map((variation) => ({ ...variation, users: 0, weight: null }));
    expect(users({ users: 0, variations }).slice(1, 3)).toEqual([
      '  false (control)  0 users',
      '  true             0 users',
    ]);
  });

  const split = (pValue: number, alarm: boolean) =>
    ({ status: 'ok', chiSquare: 0, degreesOfFreedom: 1, pValue, expected: [10, 10], alarm }) as const;

  it.each<[ExperimentResultsBody['split'], string]>([
    [{ status: 'no-users' }, '  The split is checked once there are users.'],
    [{ status: 'no-expectation' }, '  No split is expected: different rules let users in with different shares.'],
    [split(1, false), '  The split is as planned (p = 1.000).'],
    [split(0.0123, false), '  The split is as planned (p = 0.012).'],
    [split(0.001, false), '  The split is as planned (p = 0.001).'],
    [split(0.0004, true), '  The split is WRONG (p = 4e-4): find the cause first.'],
    [split(1.6e-30, true), '  The split is WRONG (p = 2e-30): find the cause first.'],
  ])('with the split %j end with what is to be made of it', (given, line) => {
    expect(users({ split: given }).at(-1)).toBe(line);
  });
});

describe('the metrics of a drawing', () => {
  it('stand by role, the goals first, and a role that none has is left out', () => {
    const metrics = (['secondary', 'goal', 'secondary'] as const).map((role, at) =>
      aMetricBody({ role, key: `m${at}`, name: `m${at}` }),
    );
    const titles = rest({ metrics }).map(([title = '', ...rows]) => [
      title.replace(/ {2}.*/, ''),
      rows.map((row) => row.slice(2, 4)),
    ]);
    expect(titles).toEqual([
      ['Goals', ['m1']],
      ['Secondary metrics', ['m0', 'm2']],
    ]);
  });

  it.each<[ExperimentMetricBody['type'], number | null, number | null, string]>([
    ['conversion', 0.1234567, 0.5, '12.35 % → 50.00 %'],
    ['retention', 0, 1, '0.00 % → 100.00 %'],
    ['count', 1.23456, 12_345.67, '1.235 → 12,350'],
    ['sum', 0.000123, 1e9, '0.000123 → 1,000,000,000'],
    ['ratio', -2.5, null, '-2.5 → –'],
    ['conversion', null, null, '– → –'],
  ])('of the type %s with the values %j and %j show %s', (type, control, treatment, text) => {
    const values = [
      { variation: 'off', users: 10, nonzero: 1, total: 1, value: control },
      { variation: 'on', users: 10, nonzero: 1, total: 1, value: treatment },
    ];
    expect(rest({ metrics: [aMetricBody({ type, values })] })[0]?.[1]).toContain(`  true  ${text}  `);
  });

  it.each<[string, Comparison['result'], string]>([
    ['an uplift', compared(-0.1, 0.2, 0.4), '+20 %'],
    ['a small loss', compared(-0.1, -0.0149, 0.4), '−1.5 %'],
    [
      'a difference alone',
      compared(0, 0, 0, { difference: -0.01234567, relative: { status: 'uncertain-baseline', uplift: 0, g: 2 } }),
      '−0.01235',
    ],
    [
      'a gain from nothing',
      compared(0, 0, 0, { difference: 1_234.5678, relative: { status: 'zero-baseline' } }),
      '+1,235',
    ],
    ['no test', { status: 'no-users' } as unknown as Comparison['result'], ''],
  ])('with %s show it', (_, result, shown) => {
    const row = rest({ metrics: [aMetricBody({}, result)] })[0]?.[1] ?? '';
    const columns = row.replace(/ +[│├┤◀▶●┼─].*$/, '').split(/ {2,}/);
    expect(columns).toEqual([
      '',
      'Purchases',
      'true',
      '10.00 % → 20.00 %',
      ...(shown === '' ? [] : [shown]),
      'collecting',
    ]);
  });

  it('cut long names, and name a variation that is gone by its id', () => {
    const [comparison] = aMetricBody().comparisons;
    if (comparison === undefined) throw new Error('a metric is compared');
    const name = 'Purchases of whatever was in the cart';
    const metrics = [aMetricBody({ name, comparisons: [{ ...comparison, variation: 'gone-for-a-long-time' }] })];
    expect(rest({ metrics })[0]?.[1]).toMatch(
      /^ {2}Purchases of whatever w… {2}gone-for-a-long… {2}10\.00 % → – {2}\+20 % /,
    );
  });

  it.each([
    [0.004, '1 %'],
    [0.01, '1 %'],
    [0.011, '2 %'],
    [0.05, '5 %'],
    [0.09, '10 %'],
    [0.2, '20 %'],
    [0.21, '50 %'],
    [0.51, '100 %'],
    [7, '100 %'],
  ])('that reach to %d have an axis to %s on both sides', (high, end) => {
    const [title = ''] = rest({ metrics: [aMetricBody({}, compared(-0.001, 0, high))] })[0] ?? [];
    expect(title.split(/ {2,}/)).toEqual(['Goals', `−${end}`, '0', `+${end}`]);
  });

  it('share one scale, the widest, whatever their role', () => {
    const metrics = [
      aMetricBody({}, compared(-0.01, 0, 0.01)),
      aMetricBody({ role: 'guardrail' }, compared(-0.45, 0, 0.1)),
    ];
    const titles = rest({ metrics }).map(([title = '']) => title.replace(/^\w+ +/, ''));
    expect(titles[0]).toMatch(/^−50 % +0 +\+50 %$/);
    expect(titles[1]).toBe(titles[0]);
  });

  // The place of 0 is the 31st of 61 characters.
  it.each<[low: number, uplift: number, high: number, drawn: string]>([
    [-1, 0, 1, `├${'─'.repeat(29)}●${'─'.repeat(29)}┤`],
    [0.2, 0.6, 1, `${' '.repeat(30)}│${' '.repeat(5)}├${'─'.repeat(11)}●${'─'.repeat(11)}┤`],
    [-1, -0.6, -0.2, `├${'─'.repeat(11)}●${'─'.repeat(11)}┤${' '.repeat(5)}│`],
    [-1, 0.5, 1, `├${'─'.repeat(29)}┼${'─'.repeat(14)}●${'─'.repeat(14)}┤`],
    [-2, 0, 2, `◀${'─'.repeat(29)}●${'─'.repeat(29)}▶`],
  ])('from %d over %d to %d are drawn to scale', (low, uplift, high, drawn) => {
    const row = rest({ metrics: [aMetricBody({}, compared(low, uplift, high))] }, 200)[0]?.[1] ?? '';
    const [title = ''] = rest({ metrics: [aMetricBody({}, compared(low, uplift, high))] }, 200)[0] ?? [];
    expect(row.slice(title.indexOf('−'))).toBe(drawn);
  });

  it('are not drawn where there is no room, and lose nothing else', () => {
    const [section] = rest({ metrics: [aMetricBody()] }, 60);
    expect(section).toEqual(['Goals', '  Purchases  true  10.00 % → 20.00 %  +20 %  collecting']);
  });
});

describe('the notes of a drawing', () => {
  it('are none where there is nothing to note', () => {
    expect(rest({})).toEqual([]);
  });

  it.each<[Partial<ExperimentResultsBody>, string]>([
    [{ excluded: { several: 1, targeted: 0, segment: 0 } }, 'Users left out, seen with several variations: 1'],
    [{ excluded: { several: 0, targeted: 1_000, segment: 0 } }, 'Users left out, given a variation by name: 1,000'],
    [{ excluded: { several: 0, targeted: 0, segment: 2 } }, 'Users left out, in the segment that is left out: 2'],
    [{ late: 3 }, 'Events that were more than 72 hours late: 3'],
    [{ oversized: 4 }, 'Events with a value that is too large: 4'],
    [{ undeclared: 5 }, 'Evaluations by SDKs that do not say whether they count: 5'],
    [{ replays: 5 }, 'Requests that came again, and were not counted again: 5'],
    [{ refusedRequests: 6 }, 'Requests that were refused because too much was waiting: 6'],
    [{ warnings: [{ code: 'one-user', message: 'One user\u0000 made half.' }] }, 'One user  made half.'],
    [{ lastEventAt: '2026-01-09T08:07:06.000Z' }, 'Last event: 2026-01-09 08:07'],
    [
      { lastEventAt: '2026-01-09T08:07:06.000Z', ...iteration({ isFrozen: true }) },
      'Last event: 2026-01-09 08:07; frozen',
    ],
    [
      {
        decision: {
          kind: 'roll-out',
          variation: 'on',
          at: '2026-01-09T08:07:06.000Z',
          by: { kind: 'user', id: 'u1', name: 'Ada\nLovelace' },
        },
      },
      '2026-01-09 08:07  Ada Lovelace rolled out “true”',
    ],
  ])('of %j are one line', (overrides, line) => {
    expect(rest(overrides)).toEqual([[line]]);
  });

  it('say of each change of the flag who made it, and whether it does harm', () => {
    const at = '2026-01-09T08:07:06.000Z';
    const marks = [
      { at, what: ['rules', 'default rule'], flagVersion: 7, by: 'ada', isUnsound: true },
      { at, what: ['switch'], flagVersion: 8, by: 'bob', isUnsound: false },
    ];
    expect(rest(iteration({ marks }))).toEqual([
      ['2026-01-09 08:07  ada changed rules, default rule', '2026-01-09 08:07  bob changed switch (harmless)'],
    ]);
  });

  it('stand in one order', () => {
    const notes = rest({ replays: 1, late: 1, excluded: { several: 1, targeted: 1, segment: 1 }, oversized: 1 })[0];
    expect(notes?.map((line) => line.slice(0, 27))).toEqual([
      'Users left out, seen with s',
      'Users left out, given a var',
      'Users left out, in the segm',
      'Events that were more than ',
      'Events with a value that is',
      'Requests that came again, a',
    ]);
  });
});

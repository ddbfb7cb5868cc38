import { compare, holm } from 'fbcenter/statistics';
import {
  CONVERSION,
  conversion,
  daily,
  experiment,
  hourly,
  type Metric,
  revenue,
  type Schedule,
  USERS_PER_DAY,
} from './experiment.js';
import {
  ALPHA,
  alwaysValidRelativeSays,
  alwaysValidSays,
  chanceToWinSays,
  constantSays,
  expectedLossSays,
  firstAlarms,
  type Rule,
  welchSays,
} from './rules.js';
import { beside, percent, repeat, type Simulation, share, type Table } from './table.js';

interface NamedRule {
  readonly name: string;
  readonly rule: Rule;
  /** At 14 daily, 28 daily and 14 days of hourly looks. */
  readonly earlier: readonly [string?, string?, string?];
  /** It promises false alarms in at most alpha, however often one looks. */
  readonly promised?: true;
}

const RULES: readonly NamedRule[] = [
  { name: 'Welch at every look', rule: welchSays, earlier: ['22 %', '29 %', '38–43 %'] },
  {
    name: 'chance to win > 95 or < 5 %, flat prior',
    rule: chanceToWinSays('flat'),
    earlier: ['37 %', '48 %', '70 %'],
  },
  { name: 'the same, prior N(0, 0.3)', rule: chanceToWinSays('usual'), earlier: ['27 %'] },
  { name: 'expected loss < 0.25 %', rule: expectedLossSays, earlier: ['17 %'] },
  { name: 'constant 3.58 standard errors (Statsig)', rule: constantSays, earlier: ['0.4 %'] },
  { name: 'always valid, planned 5,000', rule: alwaysValidSays(5000), earlier: ['1.4 %'], promised: true },
  { name: '**always valid, planned 10,000**', rule: alwaysValidSays(10_000), earlier: ['1.1 %'], promised: true },
];

export function falseAlarms(simulation: Simulation): Table {
  const rules = RULES.map(({ rule }) => rule);
  const alarmsOf = (what: string, schedule: Schedule) =>
    repeat(simulation, `A/A, ${what}`, (random) =>
      firstAlarms(rules, experiment(random, CONVERSION, CONVERSION, schedule)),
    );
  const [everyDay, everyHour] = [alarmsOf('28 daily looks', daily(28)), alarmsOf('14 days, hourly', hourly(14))];
  const columns = [
    rules.map((_, rule) => share(everyDay, (alarms) => (alarms[rule] ?? 28) < 14)),
    rules.map((_, rule) => share(everyDay, (alarms) => alarms[rule] !== undefined)),
    rules.map((_, rule) => share(everyHour, (alarms) => alarms[rule] !== undefined)),
  ];
  const once = repeat(simulation, 'A/A, one look', (random) =>
    firstAlarms([welchSays], experiment(random, CONVERSION, CONVERSION, [14 * USERS_PER_DAY])),
  );
  const rows = RULES.map(({ name, earlier }, rule) => [
    name,
    ...columns.map((column, index) => beside(percent(column[rule] ?? 0), earlier[index])),
  ]);
  const broken = RULES.flatMap(({ name, promised }, rule) =>
    promised === true && columns.some((column) => (column[rule] ?? 1) > ALPHA)
      ? [`${name} gives false alarms in more than 5 %`]
      : [],
  );
  return {
    title: 'False alarms: A/A at 5 % conversion, 500 users a day and variation',
    head: ['rule', '14 daily looks', '28 daily looks', '14 days, hourly'],
    rows: [
      ['Welch, one look at the end', beside(percent(share(once, ([alarm]) => alarm !== undefined)), '3.9 %'), '', ''],
      ...rows,
    ],
    broken,
  };
}

export function differenceOrRelative(simulation: Simulation): Table {
  const metrics: readonly (readonly [string, Metric, Schedule, string, string])[] = [
    ['5 % conversion, 28 days, hourly', CONVERSION, hourly(28), '2.0 %', '8 %'],
    ['1 % conversion, 28 days, hourly', conversion(0.01), hourly(28), '2.6 %', '19 %'],
    ['revenue, 5 % buy, 28 days, hourly', revenue(0.05, 1), hourly(28), '1.4 %', '28 %'],
    ['revenue with a heavy tail, 14 daily looks', revenue(0.05, 2), daily(14), '0.5 %', '26 %'],
  ];
  const broken: string[] = [];
  const rows = metrics.map(([name, metric, schedule, ...earlier]) => {
    const alarms = repeat(simulation, `A/A, ${name}`, (random) =>
      firstAlarms([alwaysValidSays(5000), alwaysValidRelativeSays(5000)], experiment(random, metric, metric, schedule)),
    );
    const shares = [0, 1].map((index) => share(alarms, (of) => of[index] !== undefined));
    if ((shares[0] ?? 1) > ALPHA)
      broken.push(`always valid on the difference of ${name} gives false alarms in more than 5 %`);
    return [name, ...shares.map((value, index) => beside(percent(value), earlier[index]))];
  });
  return {
    title: 'Why the test is on the difference: false alarms of always-valid intervals (planned 5,000)',
    head: ['metric', '**on the difference**', 'on the relative effect, delta method'],
    rows,
    broken,
  };
}

const METRICS = 5;

export function severalMetrics(simulation: Simulation): Table {
  const found = repeat(simulation, 'A/A, five metrics', (random) => {
    const metrics = Array.from({ length: METRICS }, () => [...experiment(random, CONVERSION, CONVERSION, daily(14))]);
    const isFound = (method: 'always-valid' | 'fixed', adjust: (pValues: number[]) => readonly number[]): boolean =>
      daily(14).some((_, day) => {
        const pValues = metrics.map((looks) => {
          const seen = looks[day];
          const result = seen === undefined ? undefined : compare({ ...seen, method });
          return result?.status === 'ok' ? result.pValue : 1;
        });
        return adjust(pValues).some((p) => p < ALPHA);
      });
    const byHolm = (pValues: number[]) => holm({ pValues }).adjusted;
    return {
      plain: isFound('always-valid', (pValues) => pValues),
      always: isFound('always-valid', byHolm),
      welch: isFound('fixed', byHolm),
      naive: isFound('fixed', (pValues) => pValues),
    };
  });
  const always = share(found, (run) => run.always);
  return {
    title: 'Several metrics: false alarms in any of five independent ones, 14 daily looks',
    head: ['rule', 'false alarms'],
    rows: [
      ['**always valid, Holm**', beside(percent(always), '1.1 %')],
      ['always valid, uncorrected', percent(share(found, (run) => run.plain))],
      ['Welch at every look, Holm', beside(percent(share(found, (run) => run.welch)), '23.6 %')],
      ['Welch at every look, uncorrected', percent(share(found, (run) => run.naive))],
    ],
    broken: always > ALPHA ? ['always valid with Holm gives false alarms in more than 5 %'] : [],
  };
}

import { compare, relativeDelta, welch } from 'fbcenter/statistics';
import { CONVERSION, conversion, daily, experiment, USERS_PER_DAY } from './experiment.js';
import { ALPHA, alwaysValidSays, firstAlarms, welchSays } from './rules.js';
import { percent, repeat, type Simulation, share, type Table } from './table.js';

const DAYS = 60;

export function power(simulation: Simulation): Table {
  const better = conversion(0.05 * 1.15);
  const runs = repeat(simulation, 'A/B, +15 %', (random) => {
    const looks = [...experiment(random, CONVERSION, better, daily(DAYS))];
    const [always, small] = firstAlarms([alwaysValidSays(10_000), alwaysValidSays(5000)], looks);
    // One look only, at the size that is planned for it.
    const [fixed] = firstAlarms([welchSays], looks.slice(28, 29));
    const users = (look: number | undefined): number =>
      look === undefined ? Number.POSITIVE_INFINITY : (look + 1) * USERS_PER_DAY;
    return { fixed: fixed !== undefined, always: users(always), small: users(small) };
  });
  // A run that has not stopped by the end counts with its end.
  const stops = runs.map(({ always }) => Math.min(always, DAYS * USERS_PER_DAY)).sort((a, b) => a - b);
  const mean = stops.reduce((sum, users) => sum + users, 0) / stops.length;
  const thousands = (users: number): string => users.toLocaleString('en', { maximumSignificantDigits: 3 });
  return {
    title: 'Power: A/B at 5 % conversion, +15 %, 500 users a day and variation, daily looks',
    head: ['', 'measured', 'earlier'],
    rows: [
      ['found by Welch, one look at 14,500 users per variation', percent(share(runs, (run) => run.fixed)), '80 %'],
      [
        'found by always valid, planned 10,000, until 25,000',
        percent(share(runs, (run) => run.always <= 25_000)),
        '80 %',
      ],
      [
        'found by always valid, planned 5,000, until 26,500',
        percent(share(runs, (run) => run.small <= 26_500)),
        '80 %',
      ],
      ['users per variation when always valid (10,000) stops, mean', thousands(mean), '16,000'],
      ['the same, half of the runs', thousands(stops[Math.floor(stops.length / 2)] ?? 0), '14,000'],
    ],
    broken: [],
  };
}

export function coverage(simulation: Simulation): Table {
  const [control, uplift] = [0.05, 0.15];
  const treatment = control * (1 + uplift);
  const many = { ...simulation, runs: simulation.runs * 10 };
  const small = repeat(many, 'coverage, 200 users per variation', (random) => {
    const [seen] = experiment(random, CONVERSION, conversion(treatment), [200]);
    if (seen === undefined) throw new Error('no look');
    const difference = welch(seen);
    const result = compare({ ...seen, method: 'fixed' });
    const delta = relativeDelta(seen);
    if (result.status !== 'ok' || delta.status !== 'ok' || difference.status !== 'ok') return undefined;
    return {
      welch: isWithin(treatment - control, difference),
      delta: isWithin(uplift, delta),
      // Without a certain baseline, no uplift is ruled out.
      fieller: result.relative.status !== 'ok' || isWithin(uplift, result.relative),
    };
  }).filter((run) => run !== undefined);
  const always = repeat(simulation, 'coverage, 28 daily looks', (random) =>
    [...experiment(random, CONVERSION, conversion(treatment), daily(28))].every((seen) => {
      const result = compare(seen);
      return (
        result.status !== 'ok' ||
        (isWithin(treatment - control, result) &&
          (result.relative.status !== 'ok' || isWithin(uplift, result.relative)))
      );
    }),
  );
  const covered = share(always, (run) => run);
  return {
    title: 'Coverage: how often a 95 % interval holds the truth, 5 % conversion, +15 %',
    head: ['interval', 'measured', 'earlier'],
    rows: [
      ['Welch, difference, 200 users per variation', percentOf(share(small, (run) => run.welch)), ''],
      ['**Fieller**, uplift, 200 users per variation', percentOf(share(small, (run) => run.fieller)), '96.0 %'],
      ['delta method, uplift, 200 users per variation', percentOf(share(small, (run) => run.delta)), '92.4 %'],
      ['**always valid**, difference and uplift at each of 28 daily looks', percentOf(covered), ''],
    ],
    broken: covered < 1 - ALPHA ? ['always-valid intervals hold the truth in less than 95 %'] : [],
  };
}

function percentOf(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function isWithin(value: number, { low, high }: { readonly low: number; readonly high: number }): boolean {
  return value >= low && value <= high;
}

import { srm, srmSequential } from 'fbcenter/statistics';
import { daily, hourly, type Schedule } from './experiment.js';
import { ALPHA } from './rules.js';
import { beside, percent, repeat, type Simulation, share, type Table } from './table.js';

export function split(simulation: Simulation): Table {
  const weights = [1, 1];
  /** Whether each rule ever alarms while users come, with this chance of being in the first variation. */
  const alarms = (what: string, schedule: Schedule, chance: number) => {
    const runs = repeat(simulation, what, (random) => {
      let [first, total] = [0, 0];
      const alarm = { strict: false, loose: false, sequential: false, strictSequential: false };
      for (const users of schedule) {
        total += 2 * users;
        first += random.binomial(2 * users, chance);
        const observed = [first, total - first];
        const result = srm({ observed, weights });
        if (result.status !== 'ok') continue;
        alarm.strict ||= result.alarm;
        alarm.loose ||= result.pValue < 0.01;
        const sequential = srmSequential({ observed, weights }).pValue;
        alarm.sequential ||= sequential < ALPHA;
        alarm.strictSequential ||= sequential < 0.001;
      }
      return alarm;
    });
    const part = (rule: 'strict' | 'loose' | 'sequential' | 'strictSequential'): string =>
      percent(share(runs, (run) => run[rule]));
    return {
      strict: part('strict'),
      loose: part('loose'),
      sequential: part('sequential'),
      strictSequential: part('strictSequential'),
    };
  };
  const everyDay = alarms('split, 28 daily looks', daily(28), 0.5);
  const everyHour = alarms('split, 28 days, hourly', hourly(28), 0.5);
  const wrong = alarms('split 51/49, 28 daily looks', daily(28), 0.51);
  return {
    title: 'Split check: 28 days, 500 users a day and variation',
    head: ['rule', 'false alarms, daily', 'false alarms, hourly', 'finds 51/49'],
    rows: [
      [
        '**χ², p < 0.001**',
        beside(everyDay.strict, '0.75 %'),
        beside(everyHour.strict, '2 %'),
        beside(wrong.strict, '62 %'),
      ],
      ['χ², p < 0.01', beside(everyDay.loose, '6.6 %'), beside(everyHour.loose, '17 %'), wrong.loose],
      ['sequential, p < 0.05', everyDay.sequential, everyHour.sequential, wrong.sequential],
      [
        'sequential, p < 0.001',
        beside(everyDay.strictSequential, '0 %'),
        beside(everyHour.strictSequential, '0 %'),
        beside(wrong.strictSequential, '14 %'),
      ],
    ],
    broken: [],
  };
}

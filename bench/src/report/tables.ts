import { BEFORE } from '../adapters/before.js';
import type { CommitResult } from '../commit/child.js';
import { BURSTS } from '../events/bursts.js';
import { EVALUATION_WORKLOADS } from '../help.js';
import { median, ratio } from '../measure/statistics.js';
import { type CommitResults, PATCHES } from '../sections/commit.js';
import type { EvaluationResult } from '../sections/evaluation.js';
import { type EventResults, RECORDER_LABELS } from '../sections/events.js';
import type { GrowthResult } from '../sections/growth.js';
import { type PushResult, pushRatio } from '../sections/push.js';
import { BARE_TABLES, JSON_PARSE, ONE_PASS, type StartUpResult } from '../sections/start-up.js';
import type { SyncResult } from '../sections/sync.js';
import { duration, rounded, size, times } from './numbers.js';
import type { Target } from './targets.js';

const OURS = 'fbclient';

/** Evaluations a second, and how many times as long as ours each takes. */
export function evaluationTable(results: readonly EvaluationResult[]): string {
  const names = [...new Set(results.flatMap(({ sdks }) => [...sdks.keys()]))];
  const rows = results.map(({ workload, sdks, limits }) => {
    const ours = sdks.get(OURS) ?? [];
    const cells = names.map((name) => {
      const measured = sdks.get(name);
      if (measured === undefined) return '–';
      const speed = rounded(1e9 / median(measured));
      return name === OURS ? `**${speed}**` : `${speed} (${times(ratio(measured, ours))})`;
    });
    const limit = [...limits].map(([name, measured]) => {
      return `${name}: ${rounded(1e9 / median(measured))} (${times(ratio(measured, ours))})`;
    });
    return [EVALUATION_WORKLOADS[workload], ...cells, limit.join('<br>')];
  });
  return table(['evaluations a second', ...names, 'limit'], rows);
}

/** How long a flag takes while something grows: a row for each size. */
export function growthTable(results: readonly GrowthResult[]): string {
  const names = [...new Set(results.flatMap(({ times }) => [...times.values()].flatMap((row) => [...row.keys()])))];
  const rows = results.flatMap(({ growing, times }) =>
    Array.from(times, ([size, row], index) => [
      index === 0 ? growing.what : '',
      rounded(size),
      ...names.map((name) => {
        const time = row.get(name);
        if (time === undefined) return '–';
        return name === OURS ? `**${duration(time)}**` : duration(time);
      }),
    ]),
  );
  return table(['a flag takes, with so many', '', ...names], rows);
}

/** How long an evaluation takes with hooks and through OpenFeature, and how many times as long as without. */
export function hooksTable(results: readonly EvaluationResult[]): string {
  const [plain = '', ...others] = results[0]?.sdks.keys() ?? [];
  const rows = results.map(({ workload, sdks }) => {
    const bare = sdks.get(plain) ?? [];
    const cells = others.map((name) => {
      const measured = sdks.get(name) ?? [];
      return `${duration(median(measured))} (${times(ratio(measured, bare))})`;
    });
    return [EVALUATION_WORKLOADS[workload], `**${duration(median(bare))}**`, ...cells];
  });
  return table(['an evaluation', plain, ...others], rows);
}

/** Bursts of evaluations with events on. */
export function eventsTable(results: EventResults): string {
  const rows = [...results].flatMap(([burst, { recorders, stringify, ready }]) => [
    ...RECORDER_LABELS.flatMap(([recorder, label]) => {
      const measured = recorders[recorder];
      if (measured === undefined) return [];
      const { cpu, bytes, requests, stall, lost } = measured;
      return [
        [
          recorder === 'fbclient' ? BURSTS[burst] : '',
          label,
          duration(cpu),
          recorder === 'fbclient' ? '' : times(recorders.fbclient.cpu / cpu),
          size(bytes),
          rounded(requests),
          `${rounded(stall)} ms`,
          rounded(lost),
        ],
      ];
    }),
    ...(
      [
        ['`JSON.stringify` of our events', stringify],
        ['ready events, sent with our HTTP client', ready],
      ] as const
    ).map(([limit, cpu]) => [
      '',
      `limit: ${limit}`,
      duration(cpu),
      times(recorders.fbclient.cpu / cpu),
      '',
      '',
      '',
      '',
    ]),
  ]);
  const head = ['burst', 'SDK', 'CPU an evaluation', 'ours is', 'sent', 'requests', 'longest stall', 'not reported'];
  return table(head, rows);
}

export function startUpTable(results: ReadonlyMap<string, StartUpResult>): string {
  const parse = results.get(JSON_PARSE);
  const limits = [ONE_PASS, BARE_TABLES];
  const rows = [...results].map(([name, { cpu, wall, heap, bytes }]) => [
    name === JSON_PARSE ? "bare `JSON.parse` of fbclient's text" : limits.includes(name) ? `limit: ${name}` : name,
    size(bytes),
    `${rounded(wall)} ms`,
    parse === undefined ? '–' : times(wall / parse.wall),
    `${rounded(cpu)} ms`,
    size(heap),
    parse === undefined ? '–' : times(heap / parse.heap),
  ]);
  return table(['', 'its text', 'until ready', 'of JSON.parse', 'CPU time', 'heap kept', 'of JSON.parse'], rows);
}

/** A full sync of 20 MB over a connection. */
export function syncTable(results: readonly SyncResult[]): string {
  const parse = results.find(({ receiver }) => receiver === 'ws and JSON.parse')?.middle;
  const rows = results.map(({ receiver, middle, worstStall, bytes }) => [
    receiver,
    `${rounded(middle.stall)} ms`,
    `${rounded(worstStall)} ms`,
    `${rounded(middle.ready)} ms`,
    parse === undefined ? '–' : times(middle.ready / parse.ready),
    times(middle.peak / bytes),
    size(Math.max(middle.kept, 0)),
    parse === undefined ? '–' : times(middle.kept / parse.kept),
  ]);
  const head = [
    '',
    'longest stall',
    'the worst run',
    'last byte to ready',
    'of parsing',
    'peak, of the text',
    'kept',
    'of parsing',
  ];
  return table(head, rows);
}

export function commitTable({ ours, before }: CommitResults): string {
  const { load, reload, patch, parseAll, parseOne } = ours;
  const beside = (cell: (result: CommitResult) => string): string[] => (before === undefined ? [] : [cell(before)]);
  const ratioOf = (result: CommitResult): string => `1 : ${rounded(result.load / result.patch)}`;
  return table(
    ['', 'CPU time', ...beside(() => BEFORE), 'bare JSON.parse of the text'],
    [
      [
        'loading all 10,000 flags',
        `${rounded(load)} ms`,
        ...beside((one) => `${rounded(one.load)} ms`),
        `${rounded(parseAll)} ms`,
      ],
      [
        `the same again, ${rounded(PATCHES)} of them changed meanwhile`,
        `${rounded(reload)} ms`,
        ...beside((one) => `${rounded(one.reload)} ms`),
        `${rounded(parseAll)} ms`,
      ],
      [
        'committing one of them',
        duration(patch * 1e6),
        ...beside((one) => duration(one.patch * 1e6)),
        duration(parseOne * 1e6),
      ],
      ['ratio', `1 : ${rounded(load / patch)}`, ...beside(ratioOf), `1 : ${rounded(parseAll / parseOne)}`],
    ],
  );
}

/** A change on its way to one client and to many. */
export function pushTable(results: readonly PushResult[]): string {
  const rows = results.map(({ clients, listener, middle, last, cpu }) => [
    rounded(clients),
    listener === 'ws' ? 'limit: ws, which does nothing with it' : listener,
    `${rounded(median(middle))} ms`,
    times(pushRatio(results, listener, clients, 'middle')),
    `${rounded(median(last))} ms`,
    `${rounded(median(cpu))} ms`,
    times(pushRatio(results, listener, clients, 'cpu')),
  ]);
  const head = [
    'clients in one process',
    'SDK',
    'the middle one',
    "of FeatBit's",
    'the last one',
    'CPU time of all',
    "of FeatBit's",
  ];
  return table(head, rows);
}

/** What a section is to reach one day, and what is in the way. */
export function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, wanted, measured, isMet, limit }) => [
    what,
    wanted,
    isMet ? measured : `**${measured}**`,
    limit,
  ]);
  return table(['target', 'wanted', 'measured', 'limit'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

import { Random } from '../simulation/random.js';
import type { Table } from '../simulation/table.js';
import { type Outage, simulateOutage } from './outage.js';
import { type Costs, changeCosts, type Plan, relayLoad } from './plan.js';

/** Upper bounds, see docs/scaling.md: what was measured on a machine that had much else to do, or on the version before. */
export const COSTS: Costs = {
  push: 18,
  admit: 1_000,
  admitFully: 1_430,
  commit: 6,
  hint: 5,
  changeBytes: 900,
  fullBytes: 2_375_000,
  compressedBytes: 203_000,
  connectionBytes: 9_000,
};

export interface Fleet {
  readonly sdks: number;
  readonly environments: number;
  /** Of each region. */
  readonly relays: number;
  readonly seed: number;
  readonly costs: Costs;
}

/** The ways in which a region can fail. */
const OUTAGES: readonly (readonly [title: string, outage: Omit<Outage, 'region'>])[] = [
  ['led elsewhere at once, cursors known', { failover: 0, isKnown: true, patience: 10_000 }],
  ['led elsewhere after 30 s, cursors known', { failover: 30_000, isKnown: true, patience: 10_000 }],
  ['led elsewhere after 30 s, each is given everything', { failover: 30_000, isKnown: false, patience: 10_000 }],
  ['led elsewhere after 5 min, each is given everything', { failover: 300_000, isKnown: false, patience: 10_000 }],
];

export function tablesOf(fleet: Fleet): readonly Table[] {
  const plan = planOf(fleet);
  return [regionTable(plan), changeTable(plan), outageTable(plan, fleet.seed)];
}

export function planOf({ sdks, environments, relays, costs }: Fleet): Plan {
  const regions = [
    { name: 'Europe', share: 0.5, relays, roundTrip: 2 },
    { name: 'America', share: 0.3, relays, roundTrip: 90 },
    { name: 'Asia', share: 0.2, relays, roundTrip: 180 },
  ];
  return { sdks, environments, regions, flags: 3_000, costs, retry: { first: 1_500, most: 60_000 } };
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function regionTable(plan: Plan): Table {
  return {
    title: 'What a relay holds',
    head: ['region', 'SDKs', 'relays', 'connections of a relay', 'memory for them and for all environments'],
    rows: plan.regions.map((region) => {
      const { connections, megabytes } = relayLoad(plan, region);
      return [
        region.name,
        whole(plan.sdks * region.share),
        whole(region.relays),
        whole(connections),
        `${whole(megabytes)} MiB`,
      ];
    }),
    broken: [],
  };
}

function changeTable(plan: Plan): Table {
  const rows = changeCosts(plan).map(({ region, sdks, ofRelay, milliseconds, cpu, bytes }) => [
    region,
    whole(sdks),
    whole(ofRelay),
    `${milliseconds.toFixed(0)} ms`,
    `${cpu.toFixed(1)} ms`,
    mebibytes(bytes),
  ]);
  return {
    title: 'One change of a flag',
    head: [
      'region',
      'SDKs of the environment',
      'of a relay',
      'from the request to the last',
      'processor time of the relays',
      'sent',
    ],
    rows,
    broken: [],
  };
}

function outageTable(plan: Plan, seed: number): Table {
  const rows = OUTAGES.map(([title, outage], index) => {
    const result = simulateOutage(plan, { ...outage, region: 'Europe' }, new Random(seed, index));
    return [
      title,
      `${seconds(result.half)}, ${seconds(result.most)}, ${seconds(result.last)}`,
      result.failures.toFixed(1),
      `${whole(result.admitted)} a second, ${whole(100 * result.busiest)} % of a processor`,
      seconds(result.queue),
      mebibytes(result.bytes),
      whole(result.connections),
    ];
  });
  return {
    title: `The relays of Europe are gone: ${whole((plan.regions[0]?.share ?? 0) * plan.sdks)} SDKs come back elsewhere`,
    head: [
      'the SDKs are',
      'half, 99 % and all are back after',
      'failed attempts of each',
      'the busiest second of a relay',
      'longest queue',
      'sent',
      'connections of a relay afterwards',
    ],
    rows,
    broken: [],
  };
}

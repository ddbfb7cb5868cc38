import type { Random } from '../simulation/random.js';
import { Heap } from './heap.js';
import type { Plan } from './plan.js';

/** A region whose relays are all gone at once. */
export interface Outage {
  /** Its name. */
  readonly region: string;
  /** Until its SDKs are led to the relays of other regions, in milliseconds: checks of health, a DNS record. */
  readonly failover: number;
  /** Whether the relays that take them in know their cursors; otherwise each is given everything. */
  readonly isKnown: boolean;
  /** How long an SDK waits for a relay before it tries again, in milliseconds. */
  readonly patience: number;
}

/** What became of it. */
export interface OutageResult {
  readonly sdks: number;
  /** From the beginning of the outage until so many of the SDKs were back, in milliseconds. */
  readonly half: number;
  readonly most: number;
  readonly last: number;
  /** Attempts that failed, for each SDK. */
  readonly failures: number;
  /** The busiest second of a relay: the share of it that one processor worked, and how many it let in. */
  readonly busiest: number;
  readonly admitted: number;
  /** The longest that an SDK waited in a relay's queue, in milliseconds. */
  readonly queue: number;
  /** Bytes that the relays have sent for it. */
  readonly bytes: number;
  /** Connections of each relay that is left, afterwards. */
  readonly connections: number;
}

interface Attempt {
  readonly at: number;
  readonly failures: number;
}

/** How long somebody waits before the next attempt: anywhere below a ceiling that doubles. */
export function delay(failures: number, { first, most }: Plan['retry'], random: number): number {
  return random * Math.min(most, first * 2 ** Math.min(failures, 30));
}

/** Lets a region fail, and its SDKs come back elsewhere. */
export function simulateOutage(plan: Plan, outage: Outage, random: Random): OutageResult {
  const lost = plan.regions.find(({ name }) => name === outage.region);
  const left = plan.regions.filter(({ name }) => name !== outage.region);
  const relays = left.reduce((sum, region) => sum + region.relays, 0);
  if (lost === undefined || relays === 0) throw new Error(`no region is called ${outage.region}, or no other is left`);
  const sdks = Math.round(plan.sdks * lost.share);
  const service = (outage.isKnown ? plan.costs.admit : plan.costs.admitFully) / 1_000;
  /** When each relay has done what waits for it, and what it did in each second. */
  const free = new Array<number>(relays).fill(0);
  const seconds = Array.from({ length: relays }, () => new Map<number, number>());
  const attempts = new Heap<Attempt>((one, other) => one.at - other.at);
  const again = (at: number, failures: number) =>
    attempts.push({ at: at + delay(failures, plan.retry, random.uniform()), failures });
  for (let sdk = 0; sdk < sdks; sdk++) again(0, 0);
  const back: number[] = [];
  let [failed, queue] = [0, 0];
  for (let next = attempts.pop(); next !== undefined; next = attempts.pop()) {
    const { at, failures } = next;
    const relay = Math.floor(random.uniform() * relays);
    const begin = Math.max(at, free[relay] ?? 0);
    if (at < outage.failover || begin + service - at > outage.patience) {
      failed += 1;
      again(at, failures + 1);
      continue;
    }
    free[relay] = begin + service;
    queue = Math.max(queue, begin - at);
    const second = Math.floor(begin / 1_000);
    seconds[relay]?.set(second, (seconds[relay]?.get(second) ?? 0) + 1);
    back.push(begin + service);
  }
  back.sort((a, b) => a - b);
  const admitted = Math.max(...seconds.flatMap((one) => [...one.values()]));
  const at = (share: number) => back[Math.min(back.length - 1, Math.floor(back.length * share))] ?? Number.NaN;
  return {
    sdks,
    half: at(0.5),
    most: at(0.99),
    last: at(1),
    failures: failed / sdks,
    busiest: Math.min(1, (admitted * service) / 1_000),
    admitted,
    queue,
    bytes: sdks * (outage.isKnown ? plan.costs.changeBytes : plan.costs.compressedBytes),
    connections: Math.round((plan.sdks * (1 - lost.share) + sdks) / relays),
  };
}

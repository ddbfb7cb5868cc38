import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.js';
import { type Center, SECRET, TOKEN } from './centers.js';

/** Flags that are changed. */
export const KEYS = Array.from({ length: 20 }, (_, index) => `flag-${index}`);

/** The name under which insights are reported. */
export const METRIC = 'chaos';

/** An answer that takes longer is none, in milliseconds. */
const PATIENCE = 20_000;

/** What became of what was sent: `unknown` = there was no answer, or one that says that nobody knows. */
type Fate = 'acknowledged' | 'refused' | 'unknown';

/** What was sent and what was answered. */
export class Ledger {
  /** The numbers of changes, by their fate. */
  readonly changes: Readonly<Record<Fate, Set<number>>> = {
    acknowledged: new Set(),
    refused: new Set(),
    unknown: new Set(),
  };
  readonly insights: Record<Fate, number> = { acknowledged: 0, refused: 0, unknown: 0 };
  /** How long the longest answer took that refuses a change, in milliseconds. */
  slowestRefusal = 0;
  #next = 1;

  nextChange(): number {
    return this.#next++;
  }
}

/** A flag that serves the number of its last change. */
function flagOf(change: number): object {
  return {
    variationType: 'string',
    variations: [
      { id: 'on', value: String(change) },
      { id: 'off', value: 'off' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
  };
}

/** Changes flags through either center until it is stopped. */
export async function write(
  centers: readonly [Center, ...Center[]],
  random: Random,
  ledger: Ledger,
  stop: AbortSignal,
) {
  while (!stop.aborted) {
    const change = ledger.nextChange();
    const key = KEYS[random.between(0, KEYS.length - 1)];
    const url = `${random.pick(centers).url}/api/v1/environments/dev/flags/${key}`;
    const begin = performance.now();
    const fate = await send(url, 'PUT', `Bearer ${TOKEN}`, flagOf(change));
    if (fate === 'refused') ledger.slowestRefusal = Math.max(ledger.slowestRefusal, performance.now() - begin);
    ledger.changes[fate].add(change);
    await sleep(random.between(20, 120));
  }
}

/** Reports insights to either center until it is stopped. */
export async function report(
  centers: readonly [Center, ...Center[]],
  random: Random,
  ledger: Ledger,
  stop: AbortSignal,
) {
  while (!stop.aborted) {
    const metrics = [{ eventName: METRIC, numericValue: 1 }];
    const url = `${random.pick(centers).url}/api/public/insight/track`;
    const fate = await send(url, 'POST', SECRET, [{ user: { keyId: 'ada' }, metrics }]);
    ledger.insights[fate] += 1;
    await sleep(random.between(10, 60));
  }
}

async function send(url: string, method: string, authorization: string, body: unknown): Promise<Fate> {
  try {
    const headers = { authorization, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body), signal });
    const text = await answer.text();
    if (answer.ok) return 'acknowledged';
    return text.includes('outcome-unknown') ? 'unknown' : 'refused';
  } catch (error) {
    // Nobody was there to read it.
    return isRefused(error) ? 'refused' : 'unknown';
  }
}

function isRefused(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return cause?.code === 'ECONNREFUSED';
}

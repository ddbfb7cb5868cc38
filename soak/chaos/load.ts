import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.js';
import { type Center, ENVIRONMENT, SECRET, TOKEN } from './centers.js';
import type { Fate, Ledger } from './ledger.js';

/** Flags that are changed. */
export const KEYS = Array.from({ length: 20 }, (_, index) => `flag-${index}`);

/** The name under which insights are reported. */
export const METRIC = 'chaos';

/** An answer that takes longer is none, in milliseconds. */
const PATIENCE = 20_000;

/** A flag that serves a text: the number of its last change. */
export function flagOf(value: string): object {
  return {
    variationType: 'string',
    variations: [
      { id: 'on', value },
      { id: 'off', value: 'off' },
    ],
    isEnabled: true,
    disabledVariationId: 'off',
    fallthrough: { variations: [{ id: 'on', rollout: [0, 1] }] },
  };
}

/** Makes the flags that are changed later. */
export async function setUp(center: Center): Promise<void> {
  for (const key of KEYS) {
    const url = `${center.url}/api/v1/environments/${ENVIRONMENT}/flags/${key}`;
    const { fate } = await send(url, 'PUT', `Bearer ${TOKEN}`, flagOf('0'));
    if (fate !== 'acknowledged') throw new Error(`a flag cannot be made while nothing fails: ${fate}`);
  }
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
    const url = `${random.pick(centers).url}/api/v1/environments/${ENVIRONMENT}/flags/${key}`;
    const begin = performance.now();
    const { fate, reason } = await send(url, 'PUT', `Bearer ${TOKEN}`, flagOf(String(change)));
    if (fate === 'refused') ledger.refused(change, reason, performance.now() - begin);
    else ledger.changes[fate].add(change);
    if (fate === 'unknown') ledger.doubted(reason);
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
    const { fate, reason } = await send(url, 'POST', SECRET, [{ user: { keyId: 'ada' }, metrics }]);
    ledger.insights[fate] += 1;
    if (fate === 'unknown') ledger.doubted(reason);
    await sleep(random.between(10, 60));
  }
}

interface Sent {
  readonly fate: Fate;
  /** What the answer says, or why there was none; empty when it was acknowledged. */
  readonly reason: string;
}

async function send(url: string, method: string, authorization: string, body: unknown): Promise<Sent> {
  try {
    const headers = { authorization, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body), signal });
    const text = await answer.text();
    if (answer.ok) return { fate: 'acknowledged', reason: '' };
    const { code, message } = JSON.parse(text) as { readonly code: string; readonly message: string };
    return { fate: code === 'outcome-unknown' ? 'unknown' : 'refused', reason: `${answer.status} ${message}` };
  } catch (error) {
    const code = codeOf(error);
    // Nobody was there to read it.
    if (code === 'ECONNREFUSED') return { fate: 'refused', reason: 'no center was there' };
    return { fate: 'unknown', reason: `no answer: ${code}` };
  }
}

/** What the system, or the client of Node.js, calls it. */
function codeOf(error: unknown): string {
  const { name, cause } = error as { readonly name: string; readonly cause?: { readonly code?: unknown } };
  return String(cause?.code ?? name);
}

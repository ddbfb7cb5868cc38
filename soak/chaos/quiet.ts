import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Center, ENVIRONMENT, TOKEN } from './centers.js';
import { flagOf } from './load.js';
import { Page } from './pages.js';
import { type PushedFlag, versionOf } from './received.js';
import { BareStream } from './streams.js';

/** What two centers take to agree while nothing fails; in milliseconds, infinite for what did not come in time. */
export interface Quiet {
  /** From sending a change to its answer. */
  readonly answered: readonly number[];
  /** From sending a change to one center until a stream of the other one was pushed it. */
  readonly toStreams: readonly number[];
  /** The same until a page that is connected to the other one has heard of it. */
  readonly toPages: readonly number[];
  /** Requests that the center took that had answered that the token is revoked. */
  readonly takenHere: readonly number[];
  /** From that answer until the other center refuses the token, and until it has ended the events that were followed with it. */
  readonly refusedThere: readonly number[];
  readonly endedThere: readonly number[];
  /** How late the process was that measured all this, at its hundredth part that was latest: what is smaller cannot be measured by it. */
  readonly ownDelay: number;
}

/** Changes of which each is followed, and readers of each kind at the other center. */
const CHANGES = 150;
const READERS = 10;

/** Fewer than the wrong tokens that an address may send in a minute. */
const TOKENS = 12;

/** How long is waited for anything, in milliseconds. */
const PATIENCE = 5_000;

/** How often it is looked how late this process is, in milliseconds. */
const RESOLUTION = 5;

/** When what was waited for has come: by the version of a change and who was waiting. */
class Arrivals {
  readonly #times = new Map<number, number[]>();

  arrived(version: number): void {
    const times = this.#times.get(version) ?? [];
    times.push(performance.now());
    this.#times.set(version, times);
  }

  /** How long it took each of the readers since a moment, once all of them have it. */
  async since(start: number, version: number): Promise<readonly number[]> {
    while ((this.#times.get(version)?.length ?? 0) < READERS && performance.now() - start < PATIENCE) await sleep(1);
    const times = (this.#times.get(version) ?? []).slice(0, READERS).map((at) => at - start);
    return [...times, ...Array.from({ length: READERS - times.length }, () => Number.POSITIVE_INFINITY)];
  }
}

/** Measures how soon centers agree. Nothing else may be changed meanwhile. @param stop ends it early. */
export async function measureQuiet(centers: readonly [Center, Center], stop: AbortSignal): Promise<Quiet> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
  delays.enable();
  const answered: number[] = [];
  const toStreams: number[] = [];
  const toPages: number[] = [];
  const takenHere: number[] = [];
  const refusedThere: number[] = [];
  const endedThere: number[] = [];
  for (const [here, there] of [centers, [centers[1], centers[0]] as const]) {
    const streamed = new Arrivals();
    const heard = new Arrivals();
    const onFlag = (flag: PushedFlag) => streamed.arrived(versionOf(flag));
    const streams = Array.from({ length: READERS }, () => new BareStream(there, onFlag));
    const opening = Array.from({ length: READERS }, () => Page.open(there, TOKEN, (one) => heard.arrived(one)));
    const pages = await Promise.all(opening);
    try {
      // Until they are connected a change would be part of their first answer: one goes before those that count.
      const first = await change(here, 0);
      await streamed.since(performance.now(), first);
      for (let count = 1; count <= CHANGES / 2 && !stop.aborted; count++) {
        const start = performance.now();
        const version = await change(here, count);
        answered.push(performance.now() - start);
        toStreams.push(...(await streamed.since(start, version)));
        toPages.push(...(await heard.since(start, version)));
        await sleep(20);
      }
      for (let count = 0; count < TOKENS / 2 && !stop.aborted; count++) {
        const revoked = await revoke(here, there);
        takenHere.push(revoked.takenHere);
        refusedThere.push(revoked.refusedThere);
        endedThere.push(revoked.endedThere);
      }
    } finally {
      for (const stream of streams) stream.close();
      await Promise.all(pages.map((page) => page.close()));
    }
  }
  delays.disable();
  const ownDelay = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION);
  return { answered, toStreams, toPages, takenHere, refusedThere, endedThere, ownDelay };
}

/** @returns its version. */
async function change(center: Center, count: number): Promise<number> {
  const path = `/api/v1/environments/${ENVIRONMENT}/flags/quiet`;
  const answer = await call(center, TOKEN, 'PUT', path, flagOf(`quiet ${count}`));
  if (!answer.ok) throw new Error(`a change was refused while nothing failed: ${answer.status}`);
  return Number(answer.headers.get('etag')?.replaceAll('"', ''));
}

interface Revoked {
  readonly takenHere: number;
  readonly refusedThere: number;
  readonly endedThere: number;
}

async function revoke(here: Center, there: Center): Promise<Revoked> {
  const made = await call(here, TOKEN, 'POST', '/api/v1/tokens', { name: 'chaos', role: 'viewer' });
  const { id, token } = (await made.json()) as { readonly id: string; readonly token: string };
  if (!(await isTaken(there, token))) throw new Error('a token that was made is refused by the other center');
  const page = await Page.open(there, token);
  const answer = await call(here, TOKEN, 'DELETE', `/api/v1/tokens/${id}`);
  if (!answer.ok) throw new Error(`a token is not revoked: ${answer.status}`);
  const start = performance.now();
  const passed = () => performance.now() - start;
  /** How many requests are taken until one is refused, and how long that takes. */
  const refusal = async (center: Center) => {
    for (let taken = 0; passed() < PATIENCE; taken++) {
      if (!(await isTaken(center, token))) return { taken, after: passed() };
    }
    return { taken: Number.POSITIVE_INFINITY, after: Number.POSITIVE_INFINITY };
  };
  const late = sleep(PATIENCE, Number.POSITIVE_INFINITY, { ref: false });
  const [one, other, endedThere] = await Promise.all([
    refusal(here),
    refusal(there),
    Promise.race([page.ended.then(passed), late]),
  ]);
  await page.close();
  return { takenHere: one.taken, refusedThere: other.after, endedThere };
}

async function isTaken(center: Center, token: string): Promise<boolean> {
  const { status } = await call(center, token, 'GET', '/api/v1/environments');
  if (status !== 200 && status !== 401) throw new Error(`a token is answered ${status} while nothing fails`);
  return status === 200;
}

async function call(center: Center, token: string, method: string, path: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(center.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Read, so that the connection can be used again.
  const text = await answer.text();
  return new Response(answer.status === 204 ? null : text, { status: answer.status, headers: answer.headers });
}

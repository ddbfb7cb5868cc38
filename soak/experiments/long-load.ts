import { Random } from '../random.js';
import {
  BATCH,
  bodyOf,
  call,
  cpuOf,
  type Load,
  lookAtResults,
  memoryOf,
  quantile,
  start,
  stop,
  toggle,
} from './load-center.js';

/** Requests that are on their way at a time. */
const CONNECTIONS = 16;
const PROGRESS = 10_000;
/** Different requests, of which each is sent again and again with another time. */
const BODIES = 2_000;

interface Sustained {
  readonly minutes: number;
  /** Events a second. */
  readonly rate: number;
  readonly users: number;
}

/** Sends events at a rate for minutes. @returns whether all were taken, switches were quick, and memory did not grow. */
export async function sustain(folder: string, { minutes, rate, users }: Sustained): Promise<boolean> {
  const load = await start(folder, 'counting', 'counted');
  try {
    const random = new Random(1);
    const bodies = Array.from({ length: BODIES }, () => bodyOf(random, users).split(/(?<="timestamp":)\d+/));
    const began = performance.now();
    const end = began + minutes * 60_000;
    const total = { sent: 0, busy: 0 };
    const memory: number[] = [];
    const cpuBefore = cpuOf(load.process);
    let isOver = false;
    const sender = async () => {
      while (performance.now() < end) {
        // Its place in the schedule: who is behind does not wait.
        const due = began + ((total.sent * BATCH) / rate) * 1_000;
        const number = total.sent++;
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        const body = (bodies[number % BODIES] ?? []).join(String(Date.now()));
        let { status } = await call(load.url, 'POST', '/api/public/insight/track', load.secret, body);
        for (
          ;
          status === 503;
          { status } = await call(load.url, 'POST', '/api/public/insight/track', load.secret, body)
        ) {
          total.busy += 1;
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        if (status !== 200) throw new Error(`events were answered ${status}`);
      }
    };
    const toggles = (async () => {
      while (!isOver) {
        await toggle(load);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    const progress = setInterval(() => {
      memory.push(memoryOf(load.process));
      console.log(stateOf(load, began, total, memory.at(-1) ?? 0));
    }, PROGRESS);
    try {
      await Promise.all(Array.from({ length: CONNECTIONS }, sender));
    } finally {
      clearInterval(progress);
      isOver = true;
      await toggles;
    }
    const seconds = (performance.now() - began) / 1_000;
    const taken = (total.sent * BATCH) / seconds;
    const cpu = (cpuOf(load.process) - cpuBefore) / (total.sent * BATCH);
    const [early, late] = [
      memory.slice(Math.floor(memory.length / 4), Math.floor(memory.length / 2) + 1),
      memory.slice(-Math.ceil(memory.length / 4)),
    ];
    const growth = quantile(late, 0.5) / quantile(early, 0.5);
    console.log(
      `\n${Math.round(taken).toLocaleString('en')} events a second taken for ${Math.round(seconds)} s, ${total.busy} answers “busy”; ` +
        `${cpu.toFixed(1)} µs of CPU an event`,
    );
    console.log(
      `switch: ${quantile(load.toggles, 0.5).toFixed(1)} ms (median), ${quantile(load.toggles, 0.99).toFixed(1)} ms (99 %); ` +
        `memory at the end ${growth.toFixed(2)} times that of the second quarter`,
    );
    return taken >= 0.98 * rate && quantile(load.toggles, 0.5) < 50 && growth < 1.25;
  } finally {
    await stop(load);
  }
}

function stateOf(
  { toggles }: Load,
  began: number,
  { sent, busy }: { readonly sent: number; readonly busy: number },
  memory: number,
): string {
  const seconds = (performance.now() - began) / 1_000;
  return (
    `${seconds.toFixed(0).padStart(5)} s  ${Math.round((sent * BATCH) / seconds).toLocaleString('en')} events a second, ${busy} busy, ` +
    `${memory.toFixed(0)} MB, switch ${quantile(toggles.slice(-80), 0.5).toFixed(1)} ms`
  );
}

/** Lets so many users enter, then asks for the results. @returns whether they come in 5 ms. */
export async function fillUp(folder: string, users: number): Promise<boolean> {
  const load = await start(folder, 'counting', 'counted');
  try {
    const began = performance.now();
    let next = 0;
    const sender = async () => {
      while (next < users) {
        const from = next;
        const to = Math.min(users, from + 4 * BATCH);
        next = to;
        const { status } = await call(load.url, 'POST', '/api/public/insight/track', load.secret, entering(from, to));
        if (status !== 200) throw new Error(`events were answered ${status}`);
        if (Math.floor(from / 100_000) !== Math.floor(to / 100_000)) {
          console.log(
            `${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${to.toLocaleString('en')} users`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, sender));
    const look = await lookAtResults(load, 200);
    const median = quantile(look.took, 0.5);
    console.log(
      `\nresults of ${look.users.toLocaleString('en')} users: ${median.toFixed(2)} ms (median of ${look.took.length}, with HTTP), ` +
        `${quantile(look.took, 0.95).toFixed(2)} ms (95 %)`,
    );
    return look.users === users && median <= 5;
  } finally {
    await stop(load);
  }
}

/** Each user sees a variation, and every tenth buys something. */
function entering(from: number, to: number): string {
  const now = Date.now();
  const items: object[] = [];
  for (let number = from; number < to; number++) {
    const user = { keyId: `user-${number}`, name: '', customizedProperties: [] };
    const variation = { id: number % 2 === 0 ? 'off' : 'on', value: 'true' };
    items.push({
      user,
      variations: [{ featureFlagKey: 'counted', variation, timestamp: now, sendToExperiment: true }],
    });
    if (number % 10 === 0) items.push({ user, metrics: [{ eventName: 'purchase', numericValue: 10, timestamp: now }] });
  }
  return JSON.stringify(items);
}

/** The experiment of the demo: does a friendlier button sell more? It does, by about a fifth; the center has to find out. */
import type { Center } from 'fbcenter';
import { demoEnvironment } from './environment.js';

const KEY = 'friendly-button';

const METRICS = {
  purchases: { type: 'conversion', event: 'purchase', name: 'Visitors who buy' },
  revenue: { type: 'sum', event: 'revenue', name: 'Revenue per visitor', cap: 500 },
} as const;

const EXPERIMENT = {
  name: 'A friendlier button',
  hypothesis: '“Take me home” says what happens next, so more visitors buy.',
  flagKey: 'buy-button',
  control: 'plain',
  treatments: ['friendly'],
  metrics: [
    { key: 'purchases', role: 'goal', plannedEffect: 0.15 },
    { key: 'revenue', role: 'secondary' },
  ],
  plannedUsers: 8_000,
} as const;

/** What the results are read for; see docs/experiments.md. */
interface Results {
  readonly verdict: string;
  readonly users: number;
  readonly metrics: readonly {
    readonly comparisons: readonly {
      readonly result: {
        readonly relative?: {
          readonly status: string;
          readonly uplift?: number;
          readonly low?: number;
          readonly high?: number;
        };
      };
    }[];
  }[];
}

/** The experiment in a running center, seen through the management API as anybody sees it. */
export class DemoExperiment {
  readonly #center: Pick<Center, 'url' | 'adminToken'>;
  #verdict = '';

  constructor(center: Pick<Center, 'url' | 'adminToken'>) {
    this.#center = center;
  }

  /** Sets it up and starts it, unless an earlier run of the demo has. */
  async prepare(): Promise<void> {
    if ((await this.#call('GET', `/experiments/${KEY}`)).ok) return;
    for (const [key, metric] of Object.entries(METRICS)) await this.#done('PUT', `/metrics/${key}`, metric);
    await this.#done('PUT', `/experiments/${KEY}`, EXPERIMENT);
    await this.#done('POST', `/experiments/${KEY}/start`);
  }

  /**
   * How it stands: a line with the interval; when the verdict has changed, everything, drawn for a terminal of a width.
   *
   * @returns `undefined` when it cannot be asked, such as while the center stops.
   */
  async report(width: number): Promise<string | undefined> {
    const answer = await this.#call('GET', `/experiments/${KEY}/results`).catch(() => undefined);
    if (answer?.ok !== true) return undefined;
    const results = (await answer.json()) as Results;
    const line = `experiment    ${lineOf(results)}`;
    if (results.verdict === this.#verdict) return line;
    this.#verdict = results.verdict;
    const columns = Math.max(60, Math.min(240, width));
    const drawing = await this.#call('GET', `/experiments/${KEY}/results.txt?width=${columns}`).catch(() => undefined);
    return drawing?.ok === true ? `\n${(await drawing.text()).trimEnd()}\n` : line;
  }

  async #done(method: string, path: string, body?: object): Promise<void> {
    const answer = await this.#call(method, path, body);
    if (!answer.ok) throw new Error(`The experiment of the demo cannot be set up: ${await answer.text()}`);
  }

  #call(method: string, path: string, body?: object): Promise<Response> {
    const { url, adminToken } = this.#center;
    return fetch(`${url}/api/v1/environments/${demoEnvironment.key}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** The goal in a line. */
export function lineOf({ verdict, users, metrics }: Results): string {
  const relative = metrics[0]?.comparisons[0]?.result.relative;
  const { uplift, low, high } = relative?.status === 'ok' ? relative : {};
  const interval =
    uplift === undefined || low === undefined || high === undefined
      ? 'no interval yet'
      : `${percent(uplift)}, between ${percent(low)} and ${percent(high)}`;
  return `the friendlier button sells ${interval}: ${verdict} · ${users.toLocaleString('en')} visitors`;
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`;
}

import { expect } from 'vitest';
import type { CenterInternals } from '../../src/center.js';
import type { CenterOptions } from '../../src/options.js';
import { aFlag } from './documents.js';
import { put, startTestCenter, type TestCenter } from './test-center.js';

/** An event as an SDK sends it. */
export interface SentEvent {
  readonly user: string;
  /** The variation that was served; absent for a metric. */
  readonly shown?: string;
  /** The name of a metric's event. */
  readonly event?: string;
  readonly value?: number;
  readonly at: number;
  readonly sendToExperiment?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ExperimentCenter extends TestCenter {
  /** Sends events in one request, and expects them to be taken. @returns the body that was sent. */
  track(...events: readonly SentEvent[]): Promise<string>;
  /** Sends a body as it is. */
  send(body: string): Promise<number>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  results(query?: string): Promise<any>;
  post(path: string, body?: unknown, status?: number): ReturnType<TestCenter['api']>;
}

export const CHECKOUT = aFlag({
  exptIncludeAllTargets: false,
  fallthrough: {
    includedInExpt: true,
    variations: [
      { id: 'off', rollout: [0, 0.5], exptRollout: 1 },
      { id: 'on', rollout: [0.5, 1], exptRollout: 1 },
    ],
  },
});

export const EXPERIMENT = {
  name: 'New checkout',
  flagKey: 'checkout',
  control: 'off',
  treatments: ['on'],
  metrics: [{ key: 'purchases', role: 'goal' }],
};

/** A center with a flag, a metric, and an experiment that is not started. */
export async function startExperimentCenter(
  internals: CenterInternals = {},
  options: CenterOptions = {},
): Promise<ExperimentCenter> {
  const center = await startTestCenter(options, internals);
  const { api, call, environment } = center;
  await put(api, '/flags/checkout', CHECKOUT);
  await put(api, '/metrics/purchases', { type: 'conversion', event: 'purchase', name: 'Purchases' });
  await put(api, '/experiments/e', EXPERIMENT);
  const send = async (body: string) => {
    const headers = { authorization: environment.serverSecret };
    return (await call('POST', '/api/public/insight/track', { headers, body })).status;
  };
  return {
    ...center,
    send,
    track: async (...events) => {
      const body = JSON.stringify(events.map(itemOf));
      expect(await send(body)).toBe(200);
      return body;
    },
    results: async (query = '') => {
      const { status, body, text } = await api('GET', `/experiments/e/results${query}`);
      expect(status, text).toBe(200);
      return body;
    },
    post: async (path, body, status = 200) => {
      const answer = await api('POST', path, body);
      expect(answer.status, answer.text).toBe(status);
      return answer;
    },
  };
}

function itemOf({ user, shown, event, value = 1, at, sendToExperiment = true, attributes = {} }: SentEvent): object {
  const customizedProperties = Object.entries(attributes).map(([name, text]) => ({ name, value: text }));
  return {
    user: { keyId: user, name: '', customizedProperties },
    ...(shown === undefined
      ? { metrics: [{ eventName: event, numericValue: value, timestamp: at, type: 'CustomEvent' }] }
      : {
          variations: [
            { featureFlagKey: 'checkout', variation: { id: shown, value: '' }, timestamp: at, sendToExperiment },
          ],
        }),
  };
}

/** Exposures of so many users to a variation, of whom the first ones buy something. */
export function users(prefix: string, shown: string, count: number, buying: number, at: number): readonly SentEvent[] {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  return [
    ...names.map((user) => ({ user, shown, at })),
    ...names.slice(0, buying).map((user) => ({ user, event: 'purchase', value: 10, at: at + 1 })),
  ];
}

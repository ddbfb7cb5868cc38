import { useQuery } from '@tanstack/react-query';
import type { ExperimentResultsBody, ExperimentSeriesBody } from '../../../src/api/experiment-results.js';
import type { ChecksBody, ExperimentBody, ExperimentListBody } from '../../../src/api/experiments.js';
import type { MetricListBody } from '../../../src/api/metrics.js';
import { keys } from './keys.js';
import { isFollowed } from './live.js';
import { every } from './queries.js';
import { callInside, textInside } from './session.js';

/** Results are reported as they change; without the stream they are asked for, in milliseconds. */
const INTERVAL = { followed: 60_000, otherwise: 3_000 };

const path = (key: string, rest = '') => `/experiments/${encodeURIComponent(key)}${rest}`;

async function read<T>(environment: string, address: string, signal: AbortSignal): Promise<T> {
  return (await callInside<T>(environment, 'GET', address, { signal })).data;
}

function useInside<T>(environment: string, key: readonly unknown[], address: string, enabled = true) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read<T>(environment, address, signal),
    refetchInterval: (query) => every(isFollowed(environment) ? INTERVAL.followed : INTERVAL.otherwise)(query),
    enabled,
  });
}

export function useExperiments(environment: string) {
  return useInside<ExperimentListBody>(environment, keys.experiments(environment), '/experiments');
}

export function useMetrics(environment: string) {
  return useInside<MetricListBody>(environment, keys.metrics(environment), '/metrics');
}

export function useExperiment(environment: string, key: string, enabled = true) {
  return useInside<ExperimentBody>(environment, keys.experiment(environment, key), path(key), enabled);
}

/** @param iteration its number; 0 = the latest. */
export function useResults(environment: string, key: string, iteration: number, enabled: boolean) {
  const query = iteration === 0 ? '' : `?iteration=${iteration}`;
  const own = [...keys.experiment(environment, key), 'results', iteration];
  return useInside<ExperimentResultsBody>(environment, own, path(key, `/results${query}`), enabled);
}

export function useSeries(environment: string, key: string, iteration: number, enabled: boolean) {
  const query = iteration === 0 ? '' : `?iteration=${iteration}`;
  const own = [...keys.experiment(environment, key), 'series', iteration];
  return useInside<ExperimentSeriesBody>(environment, own, path(key, `/series${query}`), enabled);
}

export function useChecks(environment: string, key: string, revision: number) {
  const own = [...keys.experiment(environment, key), 'checks', revision];
  return useInside<ChecksBody>(environment, own, path(key, '/checks'), revision > 0);
}

export type ExperimentAct = 'start' | 'pause' | 'resume' | 'restart' | 'stop' | 'decide' | 'archive' | 'restore';

/** The calls that change something. */
export const experimentCalls = {
  saveMetric: (environment: string, key: string, metric: object) =>
    callInside(environment, 'PUT', `/metrics/${encodeURIComponent(key)}`, { body: metric }),
  save: async (environment: string, key: string, settings: object, revision: number | undefined) =>
    (
      await callInside<ExperimentBody>(environment, 'PUT', path(key), {
        body: settings,
        ...(revision === undefined ? {} : { version: revision }),
      })
    ).data,
  act: async (environment: string, key: string, act: ExperimentAct, body?: object) =>
    (await callInside<ExperimentBody>(environment, 'POST', path(key, `/${act}`), body === undefined ? {} : { body }))
      .data,
  delete: (environment: string, key: string) => callInside(environment, 'DELETE', path(key)),
  csv: (environment: string, key: string, iteration: number) =>
    textInside(environment, path(key, `/results.csv?iteration=${iteration}`)),
};

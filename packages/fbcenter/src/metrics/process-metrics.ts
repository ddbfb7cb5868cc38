import { collectDefaultMetrics, Registry } from 'prom-client';

/** How exactly the delay of the event loop is measured, in milliseconds: each measurement is a timer. */
const PRECISION = 20;

/** They walk over every socket whenever somebody asks: with 50,000 connections that would hold the event loop for tens of milliseconds. */
const TOO_DEAR = [
  'process_open_fds',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

let registry: Registry | undefined;

/** What Node.js and the system say of this process. Its observers never end, so all centers of a process share them. */
export function processMetrics(): Registry {
  if (registry !== undefined) return registry;
  registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: PRECISION });
  for (const name of TOO_DEAR) registry.removeSingleMetric(name);
  return registry;
}

import type { Iteration } from '../model/experiment.js';
import type { Experiments } from '../storage/experiments.js';
import { countingOf, measuresOf } from './counting/counting.js';
import type { ExperimentIntake } from './intake/intake.js';

const DAY = 86_400_000;
/** Events may be so many days late, and users enter as long after their last event. */
const LATE_DAYS = 3;

interface Kept {
  readonly experiments: Pick<Experiments, 'list' | 'metrics' | 'openIterations'>;
}

/**
 * Events that experiments will look back to which have not begun: single events of their metrics are kept from the moment on in which
 * it is set that what users did before is subtracted. By name, with the number of days.
 */
async function awaitedEvents({ experiments }: Kept, environmentId: string): Promise<ReadonlyMap<string, number>> {
  const days = new Map<string, number>();
  const waiting = (await experiments.list(environmentId)).filter(
    ({ state, settings }) => (state === 'draft' || state === 'stopped') && (settings.covariateDays ?? null) !== null,
  );
  if (waiting.length === 0) return days;
  const metrics = await experiments.metrics(environmentId);
  for (const { settings } of waiting) {
    for (const { key } of settings.metrics) {
      const metric = metrics.find((one) => one.key === key);
      if (metric === undefined || metric.type === 'ratio') continue;
      const [{ event }] = measuresOf(metric);
      days.set(event, Math.max(days.get(event) ?? 0, settings.covariateDays ?? 0));
    }
  }
  return days;
}

/** Single events that somebody needs, by name, and from when on. */
export async function neededEvents(
  kept: Kept,
  environmentId: string,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const needed = new Map<string, number>();
  const need = (event: string, since: number) => needed.set(event, Math.min(needed.get(event) ?? since, since));
  // In this order: an experiment that another center begins meanwhile is in the one or in the other.
  const awaited = await awaitedEvents(kept, environmentId);
  for (const iteration of await openOf(kept, environmentId)) {
    const { measures, since } = countingOf(iteration);
    for (const { event } of measures) need(event, since);
  }
  for (const [event, days] of awaited) need(event, now - (days + LATE_DAYS) * DAY);
  return needed;
}

/** Has an environment count for the iterations that are open now, and keep the events that are awaited now. */
export async function watchAnew(kept: Kept, intake: ExperimentIntake, environmentId: string): Promise<void> {
  const awaited = await awaitedEvents(kept, environmentId);
  await intake.watch(environmentId, await openOf(kept, environmentId), new Set(awaited.keys()));
}

async function openOf({ experiments }: Kept, environmentId: string): Promise<readonly Iteration[]> {
  const open = (await experiments.openIterations()).filter((one) => one.environmentId === environmentId);
  return open.map(({ iteration }) => iteration);
}

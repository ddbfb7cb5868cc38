import { setImmediate } from 'node:timers/promises';
import type { Iteration, SeriesPoint } from '../model/experiment.js';
import type { Clock } from '../runtime/clock.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { ForgettingProgress } from '../storage/experiments.js';
import type { Storage } from '../storage/storage.js';
import type { ExperimentIntake } from './intake/intake.js';
import { neededEvents, watchAnew } from './needed-events.js';
import { pointOf, SETTLING } from './results.js';
import { isDue, usersPerDay, withPoint } from './series.js';

/** How often it is looked whether there is something to do, in milliseconds. */
const INTERVAL = 1_000;
/** How long a request is known by what it says: SDKs do not send it again later. */
const KNOWN_FOR = 24 * 3_600_000;
/** How often old requests are forgotten, and iterations are frozen. */
const RARELY = 60_000;
/** How often single events are forgotten that are older than anybody looks back to. */
const DAILY = 24 * 3_600_000;

export interface UpkeepParts {
  readonly storage: Pick<Storage, 'environments' | 'experiments' | 'experimentData'>;
  readonly intake: ExperimentIntake;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hears of experiments with new results, at most once in a second for each. */
  onResults(environmentId: string, experimentKey: string): void;
}

/** What has to be done about experiments as time goes by: points for the pictures, freezing, forgetting. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  /** Iterations that have counted something since the last look, with their environments. */
  readonly #counted = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #lastRare = Number.NEGATIVE_INFINITY;
  #lastForgotten = Number.NEGATIVE_INFINITY;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Notes that iterations have counted something. */
  counted(environmentId: string, iterations: readonly Iteration[]): void {
    for (const { id } of iterations) this.#counted.set(id, environmentId);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running
        .then(() => this.look())
        .catch((error) => this.#parts.log.error('the upkeep of experiments failed', { error: errorText(error) }));
    }, INTERVAL).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Does what is due now. */
  async look(): Promise<void> {
    const counted = new Map(this.#counted);
    this.#counted.clear();
    for (const [id, environmentId] of counted) {
      const iteration = this.#parts.intake.iterations(environmentId).find((one) => one.id === id);
      if (iteration === undefined) continue;
      await this.#addPoint(iteration);
      this.#parts.onResults(environmentId, iteration.experimentKey);
    }
    const now = this.#parts.clock.now();
    if (Math.abs(now - this.#lastRare) < RARELY) return;
    this.#lastRare = now;
    const { storage } = this.#parts;
    while (!(await storage.experimentData.forgetRequests(now - KNOWN_FOR))) await setImmediate();
    for (const { environmentId, iteration } of await storage.experiments.openIterations()) {
      if (iteration.end !== null && iteration.end + SETTLING < now) await this.#freeze(environmentId, iteration);
    }
    if (Math.abs(now - this.#lastForgotten) < DAILY) return;
    this.#lastForgotten = now;
    for (const { id } of await storage.environments.list()) await this.#forgetEvents(id);
  }

  async #addPoint(iteration: Iteration): Promise<void> {
    const { storage, clock } = this.#parts;
    const now = clock.now();
    const series = await storage.experimentData.series(iteration.id);
    if (!isDue(series, iteration.start, now)) return;
    const point = await pointAt(this.#parts, iteration, series, now);
    if (point !== undefined) await storage.experimentData.saveSeries(iteration.id, withPoint(series, point));
  }

  /** From then on only the sums are there: nothing of a single user. */
  async #freeze(environmentId: string, iteration: Iteration): Promise<void> {
    const { storage, intake } = this.#parts;
    await intake.exclusively(async () => {
      await storage.experiments.saveIteration({ ...iteration, isFrozen: true });
      await watchAnew(storage, intake, environmentId);
    });
    while (!(await storage.experimentData.forgetUsers(iteration.id))) await setImmediate();
    await this.#forgetEvents(environmentId);
    this.#parts.onResults(environmentId, iteration.experimentKey);
  }

  /** Single events that nobody needs, a part at a time. */
  async #forgetEvents(environmentId: string): Promise<void> {
    const { storage, intake, clock } = this.#parts;
    // What is needed may be other events a moment later, when an experiment begins.
    const part = (progress?: ForgettingProgress) =>
      intake.exclusively(async () => {
        const needed = await neededEvents(storage, environmentId, clock.now());
        return storage.experimentData.forgetEvents(environmentId, needed, progress);
      });
    for (let progress = await part(); progress !== undefined; progress = await part(progress)) await setImmediate();
  }
}

async function pointAt(
  { storage }: UpkeepParts,
  iteration: Iteration,
  series: readonly SeriesPoint[],
  now: number,
): Promise<SeriesPoint | undefined> {
  const sums = await storage.experimentData.sums(iteration.id);
  if (sums === undefined) return undefined;
  const users = sums.variations.reduce((sum, variation) => sum + variation.users, 0);
  return pointOf({ iteration, sums, usersPerDay: usersPerDay(series, { at: now, users }, iteration.start) }, now);
}

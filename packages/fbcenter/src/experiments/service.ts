import type { Actor } from '../model/actor.js';
import type { AuditDraft, ChangeNote } from '../model/audit.js';
import type { Environment } from '../model/environment.js';
import type { MetricDefinition } from '../model/experiment.js';
import type { JsonObject } from '../model/json.js';
import { Refusal } from '../model/refusal.js';
import type { Clock } from '../runtime/clock.js';
import { Listeners } from '../runtime/listeners.js';
import { errorText, type Logger } from '../runtime/log.js';
import type { Storage } from '../storage/storage.js';
import { ExperimentActions } from './actions.js';
import { ExperimentIntake } from './intake/intake.js';
import { Marking } from './marking.js';
import { watchAnew } from './needed-events.js';
import { ExperimentReading } from './reading.js';
import { ReachRecorder } from './traffic/reach.js';
import { Upkeep } from './upkeep.js';

/** What an environment takes; they are read as a whole. */
const MAX_METRICS = 500;

/** Something new about an experiment. */
export interface ExperimentChange {
  readonly environmentId: string;
  readonly key: string;
}

export interface ExperimentServiceParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether other centers work on the same data. */
  readonly isShared?: boolean;
}

/** Where something is changed, by whom and why. */
export interface Authored {
  readonly environment: Pick<Environment, 'id' | 'key'>;
  readonly by: Actor;
  readonly note?: ChangeNote | undefined;
}

/** The experiments of all environments, with everything that works on them. */
export class ExperimentService {
  readonly reading: ExperimentReading;
  readonly actions: ExperimentActions;
  readonly intake: ExperimentIntake;
  /** How many users flags have, experiment or not. */
  readonly reach: ReachRecorder;
  readonly #parts: ExperimentServiceParts;
  readonly #marking: Marking;
  readonly #upkeep: Upkeep;
  readonly #changes: Listeners<ExperimentChange>;
  readonly #stopForgetting: () => void;

  constructor(parts: ExperimentServiceParts) {
    this.#parts = parts;
    const { storage, clock, log, isShared = false } = parts;
    this.#changes = new Listeners((error) => log.error('a listener failed', { error: errorText(error) }));
    this.intake = new ExperimentIntake({
      experiments: storage.experiments,
      data: storage.experimentData,
      clock,
      onCounted: (environmentId, iterations) => this.#upkeep.counted(environmentId, iterations),
    });
    this.reach = new ReachRecorder({ insights: storage.insights, clock, log, isShared });
    const { intake } = this;
    const changed = (environmentId: string, key: string) => this.#changes.emit({ environmentId, key });
    this.#upkeep = new Upkeep({ storage, intake, clock, log, onResults: changed });
    this.#marking = new Marking({
      ...{ storage, intake, log },
      onMarked: (environmentId, { experimentKey }) => changed(environmentId, experimentKey),
    });
    this.#stopForgetting = storage.changes.watchRemovals(({ environmentId, kind, key }) => {
      if (kind === 'flag') this.reach.forget(environmentId, key);
    });
    this.reading = new ExperimentReading({ storage, clock, intake, reach: this.reach });
    this.actions = new ExperimentActions({
      storage,
      clock,
      intake,
      changed,
      marking: this.#marking,
      reading: this.reading,
    });
  }

  /** Goes on with what ran when the center was stopped. */
  async open(): Promise<void> {
    const { storage } = this.#parts;
    for (const { id } of await storage.environments.list()) await watchAnew(storage, this.intake, id);
    await this.#marking.load();
    this.#upkeep.start();
    this.reach.start();
  }

  /**
   * Takes over what another center has changed.
   *
   * @param environmentId the environment in which something has changed; absent = it may be any.
   */
  async refresh(environmentId?: string): Promise<void> {
    const { storage } = this.#parts;
    const ids = environmentId === undefined ? (await storage.environments.list()).map(({ id }) => id) : [environmentId];
    await this.intake.exclusively(async () => {
      for (const id of ids) await watchAnew(storage, this.intake, id);
    });
    if (environmentId === undefined) return;
    for (const { key } of await storage.experiments.list(environmentId)) this.#changes.emit({ environmentId, key });
  }

  async close(): Promise<void> {
    this.#marking.close();
    this.#stopForgetting();
    await this.#upkeep.close();
    await this.reach.close();
    await this.#marking.settled();
  }

  /** @returns a function that ends the subscription. */
  onChange(listener: (change: ExperimentChange) => void): () => void {
    return this.#changes.add(listener);
  }

  async saveMetric(author: Authored, metric: MetricDefinition): Promise<'created' | 'replaced'> {
    const { storage } = this.#parts;
    const { id } = author.environment;
    const known = await storage.experiments.metrics(id);
    const before = known.find(({ key }) => key === metric.key);
    if (before === undefined && known.length >= MAX_METRICS) {
      throw new Refusal('limit-reached', `An environment takes ${MAX_METRICS} metrics: delete what is not needed.`);
    }
    await storage.transact(async ({ experiments, audit }) => {
      await experiments.saveMetric(id, metric);
      const action = before === undefined ? 'create' : 'update';
      await audit.append({
        ...auditOf(author, action, 'metric', metric.key),
        before: jsonOf(before),
        after: jsonOf(metric),
      });
    });
    // Experiments that have not begun may wait for the events of its name.
    await this.intake.exclusively(() => watchAnew(storage, this.intake, id));
    return before === undefined ? 'created' : 'replaced';
  }

  async deleteMetric(author: Authored, key: string): Promise<void> {
    const { storage } = this.#parts;
    const { id } = author.environment;
    const users = (await storage.experiments.list(id)).filter(
      ({ state, settings }) => state !== 'archived' && settings.metrics.some((use) => use.key === key),
    );
    if (users.length > 0) {
      const names = users.map((one) => one.key).join(', ');
      throw new Refusal('metric-in-use', `It is a metric of ${names}: take it out there, or archive them.`);
    }
    const before = (await storage.experiments.metrics(id)).find((metric) => metric.key === key);
    if (before === undefined) throw new Refusal('not-found', 'There is no such metric in this environment.');
    await storage.transact(async ({ experiments, audit }) => {
      await experiments.deleteMetric(id, key);
      await audit.append({ ...auditOf(author, 'delete', 'metric', key), before: jsonOf(before) });
    });
  }

  /** Forgets the key of an environment's pseudonyms: what is kept of users is nobody's from then on. */
  async forgetPseudonyms(author: Authored): Promise<void> {
    const { id, key } = author.environment;
    if (this.intake.iterations(id).length > 0) {
      const message = 'An experiment still counts, up to 72 hours after its end: its users would all be new ones.';
      throw new Refusal('wrong-state', message);
    }
    await this.#parts.storage.transact(async ({ experimentData, audit }) => {
      await experimentData.dropPseudonymKey(id);
      await audit.append(auditOf(author, 'forget', 'pseudonyms', key));
    });
  }
}

function auditOf({ environment, by: actor, note }: Authored, action: string, kind: string, key: string): AuditDraft {
  return { ...note, actor, action, subject: { kind, key, environment: environment.key } };
}

function jsonOf(metric: MetricDefinition | undefined): JsonObject | undefined {
  return metric && { ...metric };
}

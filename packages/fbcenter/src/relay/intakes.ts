import type { Clock as UpstreamClock } from 'fbclient/upstream';
import type { Clock } from '../runtime/clock.js';
import { calmLogger, type Logger } from '../runtime/log.js';
import { RelayIntake } from './intake.js';
import type { PrivateFiles } from './private-files.js';
import type { RelayedChanges } from './relayed-changes.js';
import type { EnvironmentIdentity, RelayedEnvironment, RelayedEnvironments } from './relayed-environments.js';
import { SnapshotKeeper } from './snapshot-keeper.js';

export interface IntakesParts {
  readonly environments: RelayedEnvironments;
  readonly changes: RelayedChanges;
  readonly files: PrivateFiles | undefined;
  readonly clock: Clock;
  readonly timers: Pick<UpstreamClock, 'now' | 'background'>;
  readonly logger: Logger;
  /** Called each time that upstream has answered about an environment. */
  onAnswered(environmentId: string): void;
}

interface Entry {
  readonly environment: RelayedEnvironment;
  readonly intake: RelayIntake;
  readonly snapshot: SnapshotKeeper | undefined;
  readonly log: Logger;
}

/** What is taken in of each environment, and kept of it on disk. */
export class Intakes {
  readonly #parts: IntakesParts;
  readonly #entries = new Map<string, Entry>();

  constructor(parts: IntakesParts) {
    this.#parts = parts;
  }

  /** Serves an environment: what an earlier run has kept of it, until upstream says more. */
  async add(identity: EnvironmentIdentity): Promise<Entry> {
    const { environments, changes, files, clock, timers, logger, onAnswered } = this.#parts;
    const known = this.#entries.get(identity.id);
    // One that is given back after it was taken away has the replica that is followed here.
    const environment = environments.put(identity, known?.environment);
    if (known !== undefined) return known;
    changes.add(environment.id, environment.replica);
    // Of its own: a calm one writes the same message about several environments only once.
    const log = about(calmLogger(logger), environment.key);
    const snapshot = files && new SnapshotKeeper(environment, { files, clock: timers, log });
    const intake = new RelayIntake(environment, {
      changes,
      snapshot,
      clock,
      log,
      onAnswered: () => onAnswered(environment.id),
    });
    const entry: Entry = { environment, intake, snapshot, log };
    this.#entries.set(environment.id, entry);
    await snapshot?.restore();
    return entry;
  }

  /** What takes in what is said of an environment. */
  of(environmentId: string): RelayIntake | undefined {
    return this.#parts.environments.byId(environmentId) && this.#entries.get(environmentId)?.intake;
  }

  /** Those of all environments that are served. */
  get all(): readonly RelayIntake[] {
    return this.#parts.environments.all.flatMap(({ id }: RelayedEnvironment) => this.#entries.get(id)?.intake ?? []);
  }

  snapshotOf(environmentId: string): 'kept' | 'failing' | 'none' {
    const snapshot = this.#entries.get(environmentId)?.snapshot;
    return snapshot === undefined ? 'none' : snapshot.isFailing ? 'failing' : 'kept';
  }

  /** Keeps what is not kept yet. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ snapshot }) => snapshot?.close()));
  }
}

/** A logger whose lines say which environment they are about. */
function about(log: Logger, environment: string): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    log[level](message, { environment, ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

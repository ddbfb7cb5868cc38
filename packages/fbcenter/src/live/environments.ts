import type { ChangeLog, Commit, Removal } from '../model/change-log.js';
import { CompiledEnvironment } from './compiled-environment.js';
import { Feed } from './feed.js';
import { FlagSummaries } from './flag-summaries.js';

/** One environment as it is now, in the forms it is needed in. */
export class LiveEnvironment {
  /** Bytes for those who follow it. */
  readonly feed: Feed;
  /** Compiled flags, for evaluation. */
  readonly flags: CompiledEnvironment;
  /** What lists show of the flags. */
  readonly summaries: FlagSummaries;

  constructor(environmentId: string, changes: ChangeLog) {
    this.feed = new Feed(environmentId, changes);
    this.flags = new CompiledEnvironment(environmentId, changes);
    this.summaries = new FlagSummaries(environmentId, changes);
  }

  take(commit: Commit): void {
    this.feed.publish(commit);
    this.flags.take(commit);
    this.summaries.take(commit);
  }

  remove(removal: Removal): void {
    this.feed.forgetAnswers();
    this.flags.remove(removal);
    this.summaries.remove(removal);
  }
}

/** Every environment that somebody has asked for, each kept up to date by the same change log. */
export class LiveEnvironments {
  readonly #changes: ChangeLog;
  readonly #environments = new Map<string, LiveEnvironment>();

  constructor(changes: ChangeLog) {
    this.#changes = changes;
    changes.watch((commit) => this.#environments.get(commit.environmentId)?.take(commit));
    changes.watchRemovals((removal) => this.#environments.get(removal.environmentId)?.remove(removal));
  }

  of(environmentId: string): LiveEnvironment {
    const environment = this.#environments.get(environmentId) ?? new LiveEnvironment(environmentId, this.#changes);
    this.#environments.set(environmentId, environment);
    return environment;
  }
}

import type { MissingAttribute } from 'fbclient/core';
import type { ChangeLog, Commit, Removal } from '../model/change-log.js';
import { ChangeFeed } from './change-feed.js';
import { CompiledEnvironment } from './compiled-environment.js';
import { Feed } from './feed.js';
import { FlagSummaries } from './flag-summaries.js';

/** One environment as it is now, in the forms it is needed in. */
export class LiveEnvironment {
  /** Bytes for those who follow it. */
  readonly feed: Feed;
  /** Compiled flags, for evaluation. */
  readonly flags: CompiledEnvironment;
  /** What has changed, for those who follow values. */
  readonly changes = new ChangeFeed();
  /** What lists show of the flags. */
  readonly summaries: FlagSummaries;

  constructor(environmentId: string, changes: ChangeLog, missingAttribute: MissingAttribute) {
    this.feed = new Feed(environmentId, changes);
    this.flags = new CompiledEnvironment(environmentId, changes, missingAttribute);
    this.summaries = new FlagSummaries(environmentId, changes);
  }

  take(commit: Commit): void {
    this.feed.publish(commit);
    const change = this.flags.take(commit);
    this.summaries.take(commit);
    if (change !== undefined) this.changes.publish(change);
  }

  remove(removal: Removal): void {
    this.feed.remove(removal);
    this.flags.remove(removal);
    this.summaries.remove(removal);
  }
}

/** Every environment that somebody has asked for, each kept up to date by the same change log. */
export class LiveEnvironments {
  readonly #changes: ChangeLog;
  readonly #missingAttribute: MissingAttribute;
  readonly #environments = new Map<string, LiveEnvironment>();

  /** @param missingAttribute what an absent or null attribute is to conditions, wherever the center evaluates. */
  constructor(changes: ChangeLog, missingAttribute: MissingAttribute = 'no-match') {
    this.#changes = changes;
    this.#missingAttribute = missingAttribute;
    changes.watch((commit) => this.#environments.get(commit.environmentId)?.take(commit));
    changes.watchRemovals((removal) => this.#environments.get(removal.environmentId)?.remove(removal));
  }

  of(environmentId: string): LiveEnvironment {
    const environment =
      this.#environments.get(environmentId) ??
      new LiveEnvironment(environmentId, this.#changes, this.#missingAttribute);
    this.#environments.set(environmentId, environment);
    return environment;
  }
}

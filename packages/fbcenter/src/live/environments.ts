import type { MissingAttribute } from 'fbclient/core';
import type { ChangeLog, Commit, Removal, Replacement } from '../model/change-log.js';
import { ChangeFeed } from './change-feed.js';
import { CompiledEnvironment } from './compiled-environment.js';
import { Feed } from './feed.js';
import { FlagSummaries } from './flag-summaries.js';

/** One environment as it is now, in the forms it is needed in. */
export class LiveEnvironment {
  /** Bytes for those who follow it. */
  readonly feed: Feed;
  /** What has changed, for those who follow values. */
  readonly changes = new ChangeFeed();
  readonly #compiledAnew: () => CompiledEnvironment;
  readonly #summarizedAnew: () => FlagSummaries;
  #flags: CompiledEnvironment;
  /** What takes the place of the flags once it is compiled, after everything was replaced. */
  #nextFlags: CompiledEnvironment | undefined;
  #summaries: FlagSummaries;

  constructor(environmentId: string, changes: ChangeLog, missingAttribute: MissingAttribute) {
    this.feed = new Feed(environmentId, changes);
    this.#compiledAnew = () => new CompiledEnvironment(environmentId, changes, missingAttribute);
    this.#summarizedAnew = () => new FlagSummaries(environmentId, changes);
    this.#flags = this.#compiledAnew();
    this.#summaries = this.#summarizedAnew();
  }

  /** Compiled flags, for evaluation. Ask for them anew for each answer: they may be exchanged. */
  get flags(): CompiledEnvironment {
    return this.#flags;
  }

  /** What lists show of the flags. */
  get summaries(): FlagSummaries {
    return this.#summaries;
  }

  take(commit: Commit): void {
    this.feed.publish(commit);
    const change = (this.#nextFlags ?? this.#flags).take(commit);
    this.summaries.take(commit);
    // Those who follow values hear of everything once the next flags are there.
    if (change === undefined || this.#nextFlags !== undefined) return;
    this.changes.publish({ ...change, committedAt: commit.committedAt });
  }

  remove(removal: Removal): void {
    this.feed.remove(removal);
    (this.#nextFlags ?? this.#flags).remove(removal);
    this.summaries.remove(removal);
  }

  replace({ version }: Replacement): void {
    this.feed.replace(version);
    this.#summaries = this.#summarizedAnew();
    const next = this.#compiledAnew();
    const exchange = () => {
      if (this.#nextFlags !== next) return;
      this.#flags = next;
      this.#nextFlags = undefined;
      this.changes.replace(Math.max(version, next.version));
    };
    this.#nextFlags = next;
    if (!this.#flags.isAskedFor) exchange();
    // Until everything is compiled the old values are served. What cannot be read now is read by whoever asks next.
    else next.current().then(exchange, exchange);
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
    changes.watchReplacements?.((replacement) =>
      this.#environments.get(replacement.environmentId)?.replace(replacement),
    );
  }

  of(environmentId: string): LiveEnvironment {
    const environment =
      this.#environments.get(environmentId) ??
      new LiveEnvironment(environmentId, this.#changes, this.#missingAttribute);
    this.#environments.set(environmentId, environment);
    return environment;
  }
}

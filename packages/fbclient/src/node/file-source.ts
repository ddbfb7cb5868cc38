import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
// Not the global one, which jsdom lacks.
import { TextDecoder } from 'node:util';
import { InvalidConfigError, type OptionProblem } from '../errors.js';
import type { OwnEnvelope } from '../protocol/messages.js';
import { type Cancel, TIMER_MAX } from '../runtime/clock.js';
import { errorName } from '../runtime/contain.js';
import { runInSlices } from '../runtime/slices.js';
import type { DataSink, DataSource } from '../sync/data-source.js';
import { systemClock } from './clock.js';
import { fileContent } from './file-content.js';
import {
  type FollowingEffect,
  type FollowingEvent,
  type FollowingState,
  followingStep,
  notFollowed,
} from './file-following.js';

export interface FileDataSourceOptions {
  /** A JSON file in the bootstrap format: what `GET /api/public/sdk/server/latest-all` answers. */
  readonly path: string;
  /** How often the file is checked, in milliseconds, besides being watched. @default 1_000 */
  readonly checkInterval?: number;
}

/**
 * Data from a file, followed as it changes: written in place, replaced by a rename, reached through a symbolic link that
 * is swapped. A file with a fault anywhere (half-written, misspelt, a damaged flag) is not used: its line and column are
 * reported, the last good data stays, and the client is `Stale`. One source may serve several clients, at once or one after
 * the other.
 *
 * @throws InvalidConfigError when an option cannot be used.
 */
export function fileDataSource(options: FileDataSourceOptions): DataSource {
  // JavaScript may give nothing at all.
  const { path, checkInterval = 1_000 } = options ?? ({} as FileDataSourceOptions);
  const problems: OptionProblem[] = [];
  if (typeof path !== 'string' || path.trim() === '') problems.push({ option: 'path', problem: 'must be a path' });
  if (!(checkInterval > 0 && checkInterval <= TIMER_MAX)) {
    const problem = `must be milliseconds, more than 0 and at most ${TIMER_MAX}; was ${checkInterval}`;
    problems.push({ option: 'checkInterval', problem });
  }
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return new FileSource(path, checkInterval);
}

/** Follows the file for each client separately: clients that share a source start and close at different times. */
class FileSource implements DataSource {
  readonly #path: string;
  readonly #interval: number;
  readonly #followed = new Map<DataSink, FollowedFile>();

  constructor(path: string, interval: number) {
    this.#path = path;
    this.#interval = interval;
  }

  start(sink: DataSink): void {
    const file = new FollowedFile(this.#path, this.#interval, sink);
    this.#followed.set(sink, file);
    file.start();
  }

  close(sink?: DataSink): void {
    // A wrapper may call `close()` without the sink. Then stop the oldest one: clients usually close in the order they started.
    const [oldest] = this.#followed.keys();
    const ending = sink ?? oldest;
    if (ending === undefined) return;
    this.#followed.get(ending)?.close();
    this.#followed.delete(ending);
  }
}

/** A file that is followed for one sink: carries out what `file-following.ts` decides. */
class FollowedFile {
  readonly #path: string;
  readonly #sink: DataSink;
  #state: FollowingState;
  #cancelTimer: Cancel = () => undefined;
  #cancelChecking: Cancel = () => undefined;
  #watcher: FSWatcher | undefined;
  /** What the check has found sound, until it is offered. */
  #checked: OwnEnvelope | undefined;

  constructor(path: string, interval: number, sink: DataSink) {
    this.#path = path;
    this.#sink = sink;
    this.#state = notFollowed(interval);
  }

  start(): void {
    this.#watch();
    this.#handle({ type: 'start' });
  }

  close(): void {
    this.#handle({ type: 'close' });
  }

  /** Watching is faster than looking now and then, but misses changes on other file systems and behind links. */
  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, () => this.#handle({ type: 'sign' }));
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // The folder is not there yet. The file is looked at all the same.
    }
  }

  #handle(event: FollowingEvent): void {
    const { state, effects } = followingStep(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: FollowingEffect): void {
    switch (effect.do) {
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = systemClock.background(effect.milliseconds, () => this.#handle({ type: 'timer' }));
        break;
      case 'clear-timer':
        this.#cancelTimer();
        break;
      case 'look':
        this.#report(this.#look());
        break;
      case 'read':
        this.#report(this.#read());
        break;
      case 'check':
        this.#check(effect.text);
        break;
      case 'offer':
        this.#report(this.#offer());
        break;
      case 'confirm':
        this.#sink.confirm();
        break;
      case 'interrupt':
        this.#sink.interrupted({ code: 'source-failed', message: `${this.#path} ${effect.problem}` });
        break;
      case 'abandon':
        this.#cancelChecking();
        this.#watcher?.close();
    }
  }

  #report(outcome: Promise<FollowingEvent>): void {
    const failed = (error: unknown): void => this.#handle({ type: 'failed', name: errorName(error) });
    outcome.then((event) => this.#handle(event), failed);
  }

  async #look(): Promise<FollowingEvent> {
    const { mtimeMs, size, ino } = await stat(this.#path);
    return { type: 'looked', sees: `${mtimeMs} ${size} ${ino}` };
  }

  async #read(): Promise<FollowingEvent> {
    // `readFile` would keep the byte order mark, with which editors on Windows begin a file.
    return { type: 'read', text: new TextDecoder().decode(await readFile(this.#path)) };
  }

  #check(text: string): void {
    const checked = (content: OwnEnvelope | string): void => {
      if (typeof content !== 'string') this.#checked = content;
      this.#handle(typeof content === 'string' ? { type: 'checked', problem: content } : { type: 'checked' });
    };
    const failed = (error: unknown): void => this.#handle({ type: 'failed', name: errorName(error) });
    this.#cancelChecking = runInSlices(systemClock, fileContent(text), checked, failed);
  }

  async #offer(): Promise<FollowingEvent> {
    const content = this.#checked;
    this.#checked = undefined;
    return { type: 'offered', isTaken: content !== undefined && (await this.#sink.accept(content)) };
  }
}

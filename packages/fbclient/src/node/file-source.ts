import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidConfigError, type OptionProblem } from '../errors.js';
import type { OwnEnvelope } from '../protocol/messages.js';
import { type Cancel, TIMER_MAX } from '../runtime/clock.js';
import { errorName } from '../runtime/contain.js';
import { runInSlices } from '../runtime/slices.js';
import type { DataSink, DataSource } from '../sync/data-source.js';
import { systemClock } from './clock.js';
import { fileContent } from './file-content.js';

/** How long the writer is given to finish after a first sign that the file changes, in milliseconds. */
const SETTLE = 25;

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

/** A file that is followed for one sink. */
class FollowedFile {
  readonly #path: string;
  readonly #interval: number;
  readonly #sink: DataSink;
  #cancelCheck: Cancel = () => undefined;
  #cancelReading: Cancel = () => undefined;
  #watcher: FSWatcher | undefined;
  #closed = false;
  #checking = false;
  #seen = '';
  #lastGood: Buffer | undefined;

  constructor(path: string, interval: number, sink: DataSink) {
    this.#path = path;
    this.#interval = interval;
    this.#sink = sink;
  }

  start(): void {
    this.#watch();
    void this.#check();
  }

  close(): void {
    this.#closed = true;
    this.#cancelCheck();
    this.#cancelReading();
    this.#watcher?.close();
  }

  /** Watching is faster than checking, but misses changes on other file systems and behind links. */
  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, () => this.#schedule(SETTLE));
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // The folder is not there yet. The file is checked all the same.
    }
  }

  #schedule(delay: number): void {
    this.#cancelCheck();
    if (!this.#closed) this.#cancelCheck = systemClock.background(delay, () => void this.#check());
  }

  async #check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const seen = `${mtimeMs} ${size} ${ino}`;
      if (seen !== this.#seen) {
        await this.#read();
        this.#seen = seen;
      }
    } catch (error) {
      const seen = `failed ${errorName(error)}`;
      if (seen !== this.#seen) this.#report(`cannot be read (${errorName(error)})`);
      this.#seen = seen;
    }
    this.#checking = false;
    this.#schedule(this.#interval);
  }

  async #read(): Promise<void> {
    const bytes = await readFile(this.#path);
    if (this.#closed) return;
    if (this.#lastGood?.equals(bytes) === true) {
      this.#sink.confirm();
      return;
    }
    const content = await this.#checked(bytes);
    if (this.#closed) return;
    if (typeof content === 'string') this.#report(content);
    else if (await this.#sink.accept(content)) this.#lastGood = bytes;
    else this.#report('could not be taken in');
  }

  /** Where `close()` comes first, the check is abandoned. */
  #checked(bytes: Buffer): Promise<OwnEnvelope | string> {
    return new Promise((resolve, reject) => {
      this.#cancelReading = runInSlices(systemClock, fileContent(bytes), resolve, reject);
    });
  }

  #report(problem: string): void {
    if (!this.#closed) this.#sink.interrupted({ code: 'source-failed', message: `${this.#path} ${problem}` });
  }
}

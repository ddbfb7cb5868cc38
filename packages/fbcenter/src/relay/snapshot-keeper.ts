import type { Cancel, Clock } from 'fbclient/upstream';
import { errorText, type Logger } from '../runtime/log.js';
import type { PrivateFiles } from './private-files.js';
import type { RelayedEnvironment } from './relayed-environments.js';
import { decodeSnapshot, encodeSnapshot, snapshotName } from './snapshot.js';

/** From a change to the snapshot that has it, in milliseconds: changes come in groups. */
const DEBOUNCE = 1_000;
/** Between two attempts while the disk does not take it, and between two notes of the time, in milliseconds. */
const RETRY = 10_000;
const NOTE_INTERVAL = 30_000;

export interface SnapshotParts {
  readonly files: PrivateFiles;
  readonly clock: Pick<Clock, 'now' | 'background'>;
  readonly log: Logger;
}

/**
 * Keeps what is held of one environment on disk. When the disk fails the relay goes on from memory: that is logged once, and once more
 * when the disk takes it again.
 */
export class SnapshotKeeper {
  readonly #environment: RelayedEnvironment;
  readonly #parts: SnapshotParts;
  readonly #file: string;
  #timer: Cancel | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isDirty = false;
  #isFailing = false;
  #notedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(environment: RelayedEnvironment, parts: SnapshotParts) {
    this.#environment = environment;
    this.#parts = parts;
    this.#file = snapshotName(environment.id);
  }

  /** Whether the last attempt to write failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Puts what an earlier run has kept into the replica. Never rejects. */
  async restore(): Promise<void> {
    const { files, log, clock } = this.#parts;
    const { id, replica, freshness } = this.#environment;
    try {
      const bytes = await files.read(this.#file);
      if (bytes === undefined) return;
      const state = decodeSnapshot(bytes.toString('utf8'), id);
      if (typeof state === 'string') {
        log.error('a snapshot cannot be used: until upstream answers there is no data', { problem: state });
        return;
      }
      const answeredAt = Math.min((await files.timeOf(this.#file)) ?? 0, clock.now());
      replica.restore(state);
      freshness.restored(answeredAt);
      const seconds = Math.round((clock.now() - answeredAt) / 1_000);
      log.info('a snapshot is there to be served', { ...replica.counts, ageSeconds: seconds });
    } catch (error) {
      log.error('a snapshot cannot be read', { error: errorText(error) });
    }
  }

  /** What is held has changed. */
  changed(): void {
    this.#isDirty = true;
    this.#saveAfter(DEBOUNCE);
  }

  /** What is held is still what upstream has: the next start is to know how old it is. */
  confirmed(): void {
    const now = this.#parts.clock.now();
    if (this.#isDirty || Math.abs(now - this.#notedAt) < NOTE_INTERVAL) return;
    this.#notedAt = now;
    this.#parts.files.touch(this.#file, now).catch(() => {});
  }

  /** Writes what is not written yet, and the time. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.();
    await this.#saving;
    if (this.#isDirty) await this.#save();
    else await this.#note();
  }

  #saveAfter(milliseconds: number): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = this.#parts.clock.background(milliseconds, () => {
      this.#saving = this.#save().then(() => {
        this.#timer = undefined;
        if (this.#isDirty) this.#saveAfter(this.#isFailing ? RETRY : DEBOUNCE);
      });
    });
  }

  async #save(): Promise<void> {
    const { files, log } = this.#parts;
    const { id, replica } = this.#environment;
    this.#isDirty = false;
    try {
      await files.write(this.#file, encodeSnapshot({ environmentId: id, state: replica.state() }));
      await this.#note();
      if (this.#isFailing) log.info('snapshots are kept again');
      this.#isFailing = false;
    } catch (error) {
      this.#isDirty = true;
      const message = 'a snapshot cannot be written: the relay goes on from memory, and has older data after a restart';
      if (!this.#isFailing) log.error(message, { error: errorText(error) });
      this.#isFailing = true;
    }
  }

  async #note(): Promise<void> {
    const { answeredAt } = this.#environment.freshness;
    if (answeredAt === undefined || !this.#environment.replica.isFilled) return;
    this.#notedAt = answeredAt;
    await this.#parts.files.touch(this.#file, answeredAt).catch(() => {});
  }
}

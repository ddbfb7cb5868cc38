import { type ChangeSet, putNewer } from '../flags/store.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runInSlices } from '../runtime/slices.js';
import { backoffCeiling } from './backoff.js';
import type { Persistence } from './persistence.js';

/** From a change to the save that holds it, in milliseconds: changes come in groups. */
const DEBOUNCE = 1_000;
/** The longest wait between two attempts to save, in milliseconds. */
const MAX_RETRY = 60_000;
/** A save that takes longer counts as failed, in milliseconds. */
const SAVE_LIMIT = 30_000;
/** If nothing changes, save once an hour, to record that the data is still current (milliseconds). */
const REFRESH = 3_600_000;

interface Kept {
  readonly version: number;
  readonly document: unknown;
}

/** What was kept of an earlier run. */
export interface SavedEnvironment {
  readonly data: DataSync;
  /** Milliseconds since it was last known to be current; 0 when what was kept does not say. */
  readonly age: number;
}

/**
 * Writes the environment behind the commits: later, one save at a time, tried again when it fails; and now and then, and at
 * the end, that it was still current. It keeps the entities as they came, which the compiled flags do not.
 */
export class SnapshotKeeper {
  readonly #persistence: Persistence;
  readonly #environment: Promise<string>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #flags = new Map<string, Kept>();
  readonly #segments = new Map<string, Kept>();
  #timer: Cancel | undefined;
  #saving: Promise<void> | undefined;
  /** Whether anything was ever committed. */
  #filled = false;
  /** When what is held was last current, on the wall clock. */
  #currentAt = 0;
  /** Whether it was current once more since the last save. */
  #dirty = false;
  /** Whether it differs from the last save, or nobody knows. */
  #changed = false;
  /** When a save is due although nothing has changed, on the clock of durations. */
  #refreshAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #closed = false;

  /** @param identity distinguishes the environment from others; only a hash of it leaves this class. */
  constructor(persistence: Persistence, identity: string, clock: Clock, log: Log) {
    this.#persistence = persistence;
    this.#environment = hashOf(identity);
    this.#clock = clock;
    this.#log = log;
  }

  /** @returns what was kept, or `undefined` when there is nothing, or nothing that can be used. Never rejects. */
  async load(): Promise<SavedEnvironment | undefined> {
    try {
      const text = await this.#persistence.load(await this.#environment);
      // Clients of Redis answer null.
      if (text === undefined || text === null) return undefined;
      const data = decodeDataSyncEnvelope(text);
      if (data.ok) return { data: data.value, age: this.#ageOf(text) };
      this.#log.write('error', 'persistence-damaged', `what was persisted is ignored: ${data.problem}`);
    } catch (error) {
      this.#log.write('error', 'persistence-failed', `what was persisted could not be read (${errorName(error)})`);
    }
    return undefined;
  }

  /** Takes part in a commit. @param current whether it is what the source has; what is not is saved with the next that is. */
  committed(changes: ChangeSet, current: boolean): void {
    if (changes.eventType === 'full') {
      this.#flags.clear();
      this.#segments.clear();
      this.#changed = true;
    }
    for (const { key, compiled, document } of changes.flags) {
      if (putNewer(this.#flags, key, { version: compiled.version, document })) this.#changed = true;
    }
    for (const { key, compiled, document } of changes.segments) {
      if (putNewer(this.#segments, key, { version: compiled.version, document })) this.#changed = true;
    }
    this.#filled = true;
    if (current) this.confirmed();
  }

  /** What is held is what the source has. */
  confirmed(): void {
    // Nothing was committed yet. Do not overwrite what an earlier run saved; it may be good.
    if (!this.#filled) return;
    this.#currentAt = this.#clock.now();
    this.#dirty = true;
    if (this.#due) this.#schedule(DEBOUNCE);
  }

  /** Saves what has not been saved. Never rejects; takes as long as the persistence takes. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.();
    await this.#saving;
    if (this.#dirty) await this.#save();
  }

  #schedule(delay: number): void {
    if (this.#closed || this.#timer !== undefined || this.#saving !== undefined) return;
    this.#timer = this.#clock.background(delay, () => {
      this.#timer = undefined;
      void this.#save();
    });
  }

  get #due(): boolean {
    return this.#dirty && (this.#changed || this.#clock.elapsed() >= this.#refreshAt);
  }

  async #save(): Promise<void> {
    this.#dirty = false;
    this.#changed = false;
    this.#saving = this.#attempt();
    await this.#saving;
    this.#saving = undefined;
    if (this.#due) this.#schedule(backoffCeiling(this.#failures, DEBOUNCE, MAX_RETRY));
  }

  async #attempt(): Promise<void> {
    try {
      const [environment, text] = await Promise.all([this.#environment, this.#encode()]);
      await this.#inTime(Promise.resolve(this.#persistence.save(environment, text)));
      this.#refreshAt = this.#clock.elapsed() + REFRESH;
      this.#failures = 0;
    } catch (error) {
      this.#dirty = true;
      this.#changed = true;
      this.#failures += 1;
      this.#log.write('error', 'persistence-failed', `the environment could not be persisted (${errorName(error)})`);
    }
  }

  #inTime(save: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.background(SAVE_LIMIT, () => reject(new Error('the save takes too long')));
      save.then(resolve, reject).finally(cancel);
    });
  }

  #encode(): Promise<string> {
    const currentAt = this.#currentAt;
    return new Promise((resolve) => {
      runInSlices(this.#clock, encodeEach(this.#flags, this.#segments), ({ flags, segments }) => {
        const data = `{"eventType":"full","featureFlags":[${flags.join(',')}],"segments":[${segments.join(',')}]}`;
        resolve(`{"messageType":"data-sync","currentAt":${currentAt},"data":${data}}`);
      });
    });
  }

  #ageOf(text: string): number {
    // Read from the start of the text: it was decoded once already.
    const currentAt = /^\{"messageType":"data-sync","currentAt":(\d{1,15}),/.exec(text)?.[1];
    return currentAt === undefined ? 0 : Math.max(this.#clock.now() - Number(currentAt), 0);
  }
}

function* encodeEach(
  flags: ReadonlyMap<string, Kept>,
  segments: ReadonlyMap<string, Kept>,
): Generator<void, { readonly flags: string[]; readonly segments: string[] }, undefined> {
  const encoded = { flags: [] as string[], segments: [] as string[] };
  // Copies: a commit may change the maps between two slices.
  for (const { document } of [...flags.values()]) {
    encoded.flags.push(JSON.stringify(document));
    yield;
  }
  for (const { document } of [...segments.values()]) {
    encoded.segments.push(JSON.stringify(document));
    yield;
  }
  return encoded;
}

async function hashOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`fbclient ${identity}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

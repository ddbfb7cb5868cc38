import { type ChangeSet, putNewer } from '../flags/store.js';
import { type Cancel, type Clock, runInSlices } from '../platform/clock.js';
import { errorName, type Log } from '../platform/log.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';
import { backoffCeiling } from './backoff.js';
import type { Persistence } from './persistence.js';

/** From a change to the save that holds it, in milliseconds: changes come in groups. */
const DEBOUNCE = 1_000;
/** The longest wait between two attempts to save, in milliseconds. */
const MAX_RETRY = 60_000;
/** A save that takes longer counts as failed, in milliseconds. */
const SAVE_LIMIT = 30_000;

interface Kept {
  readonly version: number;
  readonly wire: unknown;
}

/** What was kept of an earlier run. */
export interface SavedEnvironment {
  readonly data: DataSync;
  /** Milliseconds since it was saved, at least: it may have been current for longer. */
  readonly age: number;
}

/**
 * Writes the environment behind the commits: later, one save at a time, tried again when it fails. It keeps the entities
 * as they came, which the compiled flags do not.
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
  #dirty = false;
  #failures = 0;
  #closed = false;

  /** @param identity what tells the environment from others; only a hash of it leaves this class. */
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
      if (text === undefined) return undefined;
      const data = decodeDataSyncEnvelope(text);
      if (data.ok) return { data: data.value, age: this.#ageOf(text) };
      this.#log.write('error', 'persistence-damaged', `what was persisted is ignored: ${data.problem}`);
    } catch (error) {
      this.#log.write('error', 'persistence-failed', `what was persisted could not be read (${errorName(error)})`);
    }
    return undefined;
  }

  /** Takes part in a commit. @param save whether it is news to the persistence. */
  committed(changes: ChangeSet, save: boolean): void {
    if (changes.eventType === 'full') {
      this.#flags.clear();
      this.#segments.clear();
    }
    for (const { identity, entity, wire } of changes.flags) {
      putNewer(this.#flags, identity, { version: entity.version, wire });
    }
    for (const { identity, entity, wire } of changes.segments) {
      putNewer(this.#segments, identity, { version: entity.version, wire });
    }
    if (!save) return;
    this.#dirty = true;
    this.#schedule(DEBOUNCE);
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

  async #save(): Promise<void> {
    this.#dirty = false;
    this.#saving = this.#attempt();
    await this.#saving;
    this.#saving = undefined;
    if (this.#dirty) this.#schedule(backoffCeiling(this.#failures, DEBOUNCE, MAX_RETRY));
  }

  async #attempt(): Promise<void> {
    try {
      const [environment, text] = await Promise.all([this.#environment, this.#encode()]);
      await this.#inTime(this.#persistence.save(environment, text));
      this.#failures = 0;
    } catch (error) {
      this.#dirty = true;
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
    const savedAt = this.#clock.now();
    return new Promise((resolve) => {
      runInSlices(this.#clock, encodeEach(this.#flags, this.#segments), ({ flags, segments }) => {
        const data = `{"eventType":"full","featureFlags":[${flags.join(',')}],"segments":[${segments.join(',')}]}`;
        resolve(`{"messageType":"data-sync","savedAt":${savedAt},"data":${data}}`);
      });
    });
  }

  #ageOf(text: string): number {
    // Read from the start of the text: it was decoded once already.
    const savedAt = /^\{"messageType":"data-sync","savedAt":(\d{1,15}),/.exec(text)?.[1];
    return savedAt === undefined ? 0 : Math.max(this.#clock.now() - Number(savedAt), 0);
  }
}

function* encodeEach(
  flags: ReadonlyMap<string, Kept>,
  segments: ReadonlyMap<string, Kept>,
): Generator<void, { readonly flags: string[]; readonly segments: string[] }, undefined> {
  const encoded = { flags: [] as string[], segments: [] as string[] };
  // Copies: a commit may change the maps between two slices.
  for (const { wire } of [...flags.values()]) {
    encoded.flags.push(JSON.stringify(wire));
    yield;
  }
  for (const { wire } of [...segments.values()]) {
    encoded.segments.push(JSON.stringify(wire));
    yield;
  }
  return encoded;
}

async function hashOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`fbclient ${identity}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

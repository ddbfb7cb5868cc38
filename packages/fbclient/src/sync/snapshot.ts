import { isJsonObject } from '../protocol/decoded.js';
import { EncodedValue } from '../protocol/encoded-document.js';
import type { DataSync } from '../protocol/messages.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/contain.js';
import type { Log } from '../runtime/log.js';
import { runInSlices } from '../runtime/slices.js';
import type { Persistence } from './persistence.js';
import { type Reading, readData } from './reading.js';
import { NOTHING_SAVED, type SavingEvent, type SavingState, savingStep } from './saving.js';

/** A save that takes longer counts as failed, in milliseconds. */
const SAVE_LIMIT = 30_000;

/** What was kept of an earlier run. */
export interface SavedEnvironment {
  readonly data: DataSync | Reading;
  /** Milliseconds since it was last known to be current; 0 when what was kept does not say. */
  readonly age: number;
}

/** All documents that are held, archived ones included. */
export interface Documents {
  readonly flags: readonly unknown[];
  readonly segments: readonly unknown[];
}

interface Encoded {
  readonly flags: readonly string[];
  readonly segments: readonly string[];
}

/** Reads what an earlier run saved, and carries out what `saving.ts` decides. */
export class SnapshotKeeper {
  readonly #persistence: Persistence;
  readonly #environment: Promise<string>;
  readonly #documents: () => Documents;
  readonly #clock: Clock;
  readonly #log: Log;
  #state: SavingState = NOTHING_SAVED;
  #timer: Cancel | undefined;
  #saving: Promise<void> | undefined;
  /** When what is held was last current, on the wall clock. */
  #currentAt = 0;
  /** Documents that could not be encoded. */
  readonly #unsaved = new WeakSet<object>();

  /**
   * @param identity distinguishes the environment from others; only a hash of it leaves this class.
   * @param documents what there is to save.
   */
  constructor(persistence: Persistence, identity: string, documents: () => Documents, clock: Clock, log: Log) {
    this.#persistence = persistence;
    this.#environment = hashOf(identity);
    this.#documents = documents;
    this.#clock = clock;
    this.#log = log;
  }

  /** @returns what was kept, or `undefined` when there is nothing, or nothing that can be used. Never rejects. */
  async load(): Promise<SavedEnvironment | undefined> {
    try {
      const text = await this.#persistence.load(await this.#environment);
      // Clients of Redis answer null.
      if (text === undefined || text === null) return undefined;
      const data = readData(text, (problem) => {
        this.#log.write('error', 'persistence-damaged', `what was persisted is ignored: ${problem}`);
      });
      return data === undefined ? undefined : { data, age: this.#ageOf(text) };
    } catch (error) {
      this.#log.write('error', 'persistence-failed', `what was persisted could not be read (${errorName(error)})`);
    }
    return undefined;
  }

  /**
   * Takes part in a commit.
   *
   * @param isChanged whether it has changed what is held.
   * @param isCurrent whether it is in sync; what is not is saved with the next that is.
   * @param isConfirmed whether it is known to be what the source has. What was pushed is saved as well, but makes the rest no
   * younger, and is not saved before the rest was confirmed once: it may be all that there is.
   */
  committed(isChanged: boolean, isCurrent: boolean, isConfirmed = isCurrent): void {
    this.#handle({ type: 'committed', isChanged });
    if (isConfirmed) this.confirmed();
    else if (isCurrent && this.#currentAt > 0) this.#handle({ type: 'current' });
  }

  /** What is held is what the source has. */
  confirmed(): void {
    this.#currentAt = this.#clock.now();
    this.#handle({ type: 'current' });
  }

  /** Saves what has not been saved. Never rejects; takes as long as the persistence takes. */
  async close(): Promise<void> {
    this.#handle({ type: 'close' });
    while (this.#saving !== undefined) await this.#saving;
  }

  #handle(event: SavingEvent): void {
    const { state, effects } = savingStep(this.#state, event, this.#clock.elapsed());
    this.#state = state;
    for (const effect of effects) {
      switch (effect.do) {
        case 'save':
          this.#saving = this.#save();
          break;
        case 'set-timer':
          this.#timer = this.#clock.background(effect.milliseconds, () => this.#handle({ type: 'timer' }));
          break;
        case 'clear-timer':
          this.#timer?.();
          break;
      }
    }
  }

  async #save(): Promise<void> {
    let ending: SavingEvent = { type: 'saved' };
    try {
      const [environment, text] = await Promise.all([this.#environment, this.#encode()]);
      await this.#inTime(Promise.resolve(this.#persistence.save(environment, text)));
    } catch (error) {
      ending = { type: 'failed' };
      this.#log.write('error', 'persistence-failed', `the environment could not be persisted (${errorName(error)})`);
    }
    this.#saving = undefined;
    this.#handle(ending);
  }

  #inTime(save: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.background(SAVE_LIMIT, () => reject(new Error('the save takes too long')));
      save.then(resolve, reject).finally(cancel);
    });
  }

  #encode(): Promise<string> {
    const currentAt = this.#currentAt;
    return new Promise((resolve, reject) => {
      const done = ({ flags, segments }: Encoded): void => {
        const data = `{"eventType":"full","featureFlags":[${flags.join(',')}],"segments":[${segments.join(',')}]}`;
        resolve(`{"messageType":"data-sync","currentAt":${currentAt},"data":${data}}`);
      };
      runInSlices(this.#clock, this.#encodeEach(this.#documents()), done, reject);
    });
  }

  *#encodeEach({ flags, segments }: Documents): Generator<void, Encoded, undefined> {
    return { flags: yield* this.#encodeAll('flag', flags), segments: yield* this.#encodeAll('segment', segments) };
  }

  *#encodeAll(kind: 'flag' | 'segment', documents: readonly unknown[]): Generator<void, string[], undefined> {
    const encoded: string[] = [];
    for (const document of documents) {
      const text = this.#encodeOne(kind, document);
      if (text !== undefined) encoded.push(text);
      yield;
    }
    return encoded;
  }

  /** @returns `undefined` for what cannot be encoded, such as one that is nested too deeply; the others are saved. */
  #encodeOne(kind: 'flag' | 'segment', document: unknown): string | undefined {
    try {
      return document instanceof EncodedValue ? document.text() : JSON.stringify(document);
    } catch (error) {
      this.#reportUnsaved(kind, document, error);
      return undefined;
    }
  }

  /** Once for each document: it is skipped by every save. */
  #reportUnsaved(kind: 'flag' | 'segment', document: unknown, error: unknown): void {
    if (!isJsonObject(document) || this.#unsaved.has(document)) return;
    this.#unsaved.add(document);
    const key = kind === 'flag' ? document.key : document.id;
    const message = `${kind} "${key}" is not persisted: it could not be encoded (${errorName(error)})`;
    this.#log.write('error', 'persistence-failed', message, { kind, key });
  }

  #ageOf(text: string): number {
    // Read from the start of the text: it was decoded once already.
    const currentAt = /^\{"messageType":"data-sync","currentAt":(\d{1,15}),/.exec(text)?.[1];
    return currentAt === undefined ? 0 : Math.max(this.#clock.now() - Number(currentAt), 0);
  }
}

async function hashOf(identity: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`fbclient ${identity}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

import type { ServerClock } from './clock.js';
import type { FlagDocument, SegmentDocument } from './documents.js';

/** How a change gets into the store. */
export interface Saving {
  /** The stamp in Unix microseconds: changes may share a millisecond. @default now */
  readonly stamp?: number;
  /** Milliseconds from the stamp to the commit: until then nobody sees the change, and it is not pushed. @default 0 */
  readonly commitAfter?: number;
}

/** Documents of both kinds as JSON texts. */
export interface Documents {
  readonly flags: readonly string[];
  readonly segments: readonly string[];
}

const HOUR = 3_600_000;

interface Row<Document> {
  readonly document: Document;
  /** Unix milliseconds, cut off: what a cursor is compared with. */
  readonly version: number;
  /** As it goes over the wire, with `updatedAt`. */
  readonly json: string;
}

/**
 * The environment in the store, with the flaws of its cursor: versions are compared by whole milliseconds, and a change
 * that is committed late keeps its early stamp, so that a reader who is past it never gets it.
 */
export class Environment {
  readonly #clock: ServerClock;
  readonly #push: (documents: Documents) => void;
  readonly #flags = new Map<string, Row<FlagDocument>>();
  readonly #segments = new Map<string, Row<SegmentDocument>>();

  /** @param push takes each document that was committed. */
  constructor(clock: ServerClock, push: (documents: Documents) => void) {
    this.#clock = clock;
    this.#push = push;
  }

  get flags(): readonly FlagDocument[] {
    return [...this.#flags.values()].map(({ document }) => document);
  }

  get segments(): readonly SegmentDocument[] {
    return [...this.#segments.values()].map(({ document }) => document);
  }

  flag(key: string): FlagDocument | undefined {
    return this.#flags.get(key)?.document;
  }

  /** What was there before the server came up: an hour old, and pushed to nobody. */
  load(flags: readonly FlagDocument[], segments: readonly SegmentDocument[] = []): void {
    const stamp = Math.floor((this.#clock.now() - HOUR) * 1_000);
    for (const flag of flags) this.#flags.set(flag.key, rowOf(flag, stamp));
    for (const segment of segments) this.#segments.set(segment.id, rowOf(segment, stamp));
  }

  /** Writes flags in one transaction; each is pushed by itself. */
  saveFlags(flags: readonly FlagDocument[], saving: Saving = {}): void {
    this.#save(saving, (stamp) => {
      for (const flag of flags) {
        const row = rowOf(flag, stamp);
        this.#flags.set(flag.key, row);
        this.#push({ flags: [row.json], segments: [] });
      }
    });
  }

  /** Writes a segment, which alone is pushed. The flags that use it get a new stamp and are left to the cursor. */
  saveSegment(segment: SegmentDocument, saving: Saving = {}): void {
    this.#save(saving, (stamp) => {
      const row = rowOf(segment, stamp);
      this.#segments.set(segment.id, row);
      this.#push({ flags: [], segments: [row.json] });
      for (const { document } of [...this.#flags.values()]) {
        const usesIt = document.rules.some(({ conditions }) =>
          conditions.some(
            ({ property, value }) => /^User is (not )?in segment$/.test(property) && value?.includes(segment.id),
          ),
        );
        if (usesIt) this.#flags.set(document.key, rowOf(document, stamp));
      }
    });
  }

  /** Gives a flag's first variation another value. */
  setValue(key: string, value: string, saving?: Saving): void {
    this.saveFlags([this.withValue(key, value)], saving);
  }

  /** A flag as it would be with another value in its first variation. */
  withValue(key: string, value: string): FlagDocument {
    const flag = this.#existing(key);
    return { ...flag, variations: flag.variations.map((one, index) => (index === 0 ? { ...one, value } : one)) };
  }

  archive(key: string, isArchived = true): void {
    this.saveFlags([{ ...this.#existing(key), isArchived }]);
  }

  /** A flag that is deleted is gone without a push. */
  deleteFlag(key: string): void {
    this.#flags.delete(key);
  }

  /** What is there now and newer than a cursor. */
  newerThan(cursor: number): Documents {
    const texts = (rows: Iterable<Row<unknown>>): string[] => {
      const found: string[] = [];
      for (const { version, json } of rows) if (version > cursor) found.push(json);
      return found;
    };
    return { flags: texts(this.#flags.values()), segments: texts(this.#segments.values()) };
  }

  #save({ stamp = Math.floor(this.#clock.now() * 1_000), commitAfter = 0 }: Saving, commit: (stamp: number) => void) {
    if (commitAfter > 0) this.#clock.after(commitAfter, () => commit(stamp));
    else commit(stamp);
  }

  #existing(key: string): FlagDocument {
    const flag = this.flag(key);
    if (flag === undefined) throw new Error(`there is no flag ${key}`);
    return flag;
  }
}

function rowOf<Document extends object>(document: Document, stamp: number): Row<Document> {
  const version = Math.floor(stamp / 1_000);
  const micros = String(stamp % 1_000).padStart(3, '0');
  const updatedAt = new Date(version).toISOString().replace('Z', `${micros}Z`);
  return { document, version, json: JSON.stringify({ ...document, updatedAt }) };
}

/** A data-sync message. */
export function dataSyncText(eventType: 'full' | 'patch', { flags, segments }: Documents): string {
  const data = `{"eventType":"${eventType}","featureFlags":[${flags.join(',')}],"segments":[${segments.join(',')}]}`;
  return `{"messageType":"data-sync","data":${data}}`;
}

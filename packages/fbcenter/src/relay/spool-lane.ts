import { errorText } from '../runtime/log.js';
import type { PrivateFiles } from './private-files.js';
import type { SpooledBody } from './spool-format.js';
import * as format from './spool-format.js';

/** A part of the queue: a file, or what the disk did not take. */
interface Segment {
  /** Absent: it is in memory alone. */
  file: string | undefined;
  /** Absent: they are in the file, and are read when it is their turn. */
  bodies: SpooledBody[] | undefined;
  bytes: number;
  /** How many of its bodies are done with. */
  done: number;
  /** Nothing more is added to it. */
  isSealed: boolean;
}

/** A segment is sealed when it has so many bytes: what is held in memory of a long queue is two of them. */
const SEGMENT_BYTES = 1024 * 1024;
/** While the disk fails it is tried again after so many milliseconds. */
const DISK_RETRY = 10_000;

export interface LaneParts {
  /** Absent: there is no disk. */
  readonly files: PrivateFiles | undefined;
  /** Monotonic milliseconds. */
  elapsed(): number;
  /** The disk fails, or is in order again. */
  onDisk(problem: string | undefined): void;
}

/**
 * A queue of bodies for one recipient that outlives the process: first in, first out, and each is taken out once. What is noted as done is
 * not read again after a crash; only what was on its way at that moment is.
 */
export class SpoolLane {
  readonly #name: string;
  readonly #parts: LaneParts;
  /** The oldest first. */
  readonly #segments: Segment[] = [];
  readonly #unwritten: { readonly body: SpooledBody; readonly written: () => void }[] = [];
  #writing: Promise<void> | undefined;
  /** Bytes that are not in a segment yet. */
  #arriving = 0;
  #number = 0;
  #diskFailedAt: number | undefined;
  /** Bodies that a file had, and that could not be read. */
  #unreadable = 0;

  constructor(name: string, parts: LaneParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** The lanes that an earlier run has left in a folder. */
  static async namesIn(files: PrivateFiles): Promise<readonly string[]> {
    const names = (await files.list()).map(format.laneOf);
    return [...new Set(names.filter((name) => name !== undefined))];
  }

  /** Bytes that wait; on disk, in memory, or both. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, this.#arriving);
  }

  /** Those of them that are only in memory. */
  get bytesInMemory(): number {
    return this.#segments.reduce((sum, { file, bytes }) => sum + (file === undefined ? bytes : 0), this.#arriving);
  }

  get unreadable(): number {
    return this.#unreadable;
  }

  /** Takes up what an earlier run has left. */
  async open(): Promise<void> {
    const { files } = this.#parts;
    if (files === undefined) return;
    const names = (await files.list()).filter((name) => format.laneOf(name) === this.#name);
    for (const file of names.sort()) {
      const bytes = (await files.read(file))?.length ?? 0;
      const done = format.lastNumberIn((await files.read(format.doneName(file)))?.toString('utf8') ?? '');
      this.#number = Math.max(this.#number, format.numberOf(file));
      this.#segments.push({ file, bodies: undefined, bytes, done, isSealed: true });
    }
  }

  /** Adds a body. Fulfils when it is on disk or, while the disk fails, in memory. */
  add(body: SpooledBody): Promise<void> {
    return new Promise((written) => {
      this.#arriving += Buffer.byteLength(format.lineOf(body));
      this.#unwritten.push({ body, written });
      this.#writing ??= this.#writeAll();
    });
  }

  /** The next bodies, as many as together have at most so many bytes, but one at least; none when nothing waits. */
  async next(maxBodies: number, maxBytes: number): Promise<readonly SpooledBody[]> {
    for (;;) {
      const [head] = this.#segments;
      if (head === undefined) return [];
      head.bodies ??= await this.#read(head);
      const taken: SpooledBody[] = [];
      let bytes = 0;
      for (const body of head.bodies.slice(head.done, head.done + maxBodies)) {
        bytes += Buffer.byteLength(body.text);
        if (taken.length > 0 && bytes > maxBytes) break;
        taken.push(body);
      }
      if (taken.length > 0) return taken;
      if (head === this.#segments.at(-1) && this.#writing !== undefined) {
        // Something is being added to it.
        await this.#writing;
        continue;
      }
      // It is used up; what is added from now on goes to another one.
      await this.#remove(head);
    }
  }

  /** The first bodies that {@link next} gave are done with. */
  async done(count: number): Promise<void> {
    const [head] = this.#segments;
    if (head === undefined) return;
    head.done += count;
    const isUsedUp = head.done >= (head.bodies?.length ?? 0);
    if (isUsedUp && (head !== this.#segments.at(-1) || this.#writing === undefined)) {
      await this.#remove(head);
      return;
    }
    const { files } = this.#parts;
    if (head.file === undefined || files === undefined) return;
    // Appended and not put in its place: a crash leaves one number or the other.
    await files.append(format.doneName(head.file), `${head.done}\n`).catch((error) => this.#diskFailed(error));
  }

  /** Tries to bring to disk what is in memory alone. @returns how many bodies are only there. */
  async close(): Promise<number> {
    while (this.#writing !== undefined) await this.#writing;
    this.#diskFailedAt = undefined;
    let lost = 0;
    for (const segment of this.#segments) {
      const rest = segment.bodies?.slice(segment.done) ?? [];
      if (segment.file !== undefined || rest.length === 0) continue;
      segment.file = await this.#write(rest);
      if (segment.file === undefined) lost += rest.length;
    }
    return lost;
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const group = this.#unwritten.splice(0);
      await this.#append(group.map(({ body }) => body));
      for (const { written } of group) written();
    }
    this.#writing = undefined;
  }

  async #append(bodies: readonly SpooledBody[]): Promise<void> {
    const text = bodies.map(format.lineOf).join('');
    const bytes = Buffer.byteLength(text);
    const tail = this.#segments.at(-1);
    const isOpen = tail !== undefined && !tail.isSealed && tail.bytes < SEGMENT_BYTES;
    if (isOpen && tail.file !== undefined && this.#parts.files !== undefined) {
      try {
        await this.#parts.files.append(tail.file, text);
        this.#grow(tail, bodies, bytes);
        return;
      } catch (error) {
        this.#diskFailed(error);
      }
    } else if (isOpen && tail.file === undefined && !this.#mayTryDisk) {
      this.#grow(tail, bodies, bytes);
      return;
    }
    this.#seal(tail);
    const file = this.#mayTryDisk ? await this.#write(bodies) : undefined;
    this.#arriving -= bytes;
    this.#segments.push({ file, bodies: [...bodies], bytes, done: 0, isSealed: false });
  }

  #grow(segment: Segment, bodies: readonly SpooledBody[], bytes: number): void {
    segment.bodies?.push(...bodies);
    segment.bytes += bytes;
    this.#arriving -= bytes;
  }

  /** What is on disk and not next need not be in memory. */
  #seal(segment: Segment | undefined): void {
    if (segment === undefined) return;
    segment.isSealed = true;
    if (segment.file !== undefined && segment !== this.#segments[0]) segment.bodies = undefined;
  }

  /** @returns the name of the new file; `undefined` when the disk does not take it. */
  async #write(bodies: readonly SpooledBody[]): Promise<string | undefined> {
    const { files, onDisk } = this.#parts;
    if (files === undefined) return undefined;
    this.#number += 1;
    const file = format.segmentName(this.#name, this.#number);
    try {
      await files.append(file, bodies.map(format.lineOf).join(''));
      if (this.#diskFailedAt !== undefined) onDisk(undefined);
      this.#diskFailedAt = undefined;
      return file;
    } catch (error) {
      // Its part would be sent after a restart, and from memory as well.
      await files.remove(file).catch(() => {});
      this.#diskFailed(error);
      return undefined;
    }
  }

  async #read({ file }: Segment): Promise<SpooledBody[]> {
    const text = await this.#parts.files?.read(file ?? '').catch((error) => {
      this.#unreadable += 1;
      this.#diskFailed(error);
      return undefined;
    });
    const { bodies, unreadable } = format.bodiesIn(text?.toString('utf8') ?? '');
    this.#unreadable += unreadable;
    return bodies;
  }

  async #remove(segment: Segment): Promise<void> {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    const { file } = segment;
    if (file === undefined || this.#parts.files === undefined) return;
    // First the bodies: were the number gone and they not, they would be sent again.
    await this.#parts.files.remove(file).catch(() => {});
    await this.#parts.files.remove(format.doneName(file)).catch(() => {});
  }

  get #mayTryDisk(): boolean {
    if (this.#parts.files === undefined) return false;
    return this.#diskFailedAt === undefined || this.#parts.elapsed() - this.#diskFailedAt >= DISK_RETRY;
  }

  #diskFailed(error: unknown): void {
    this.#diskFailedAt = this.#parts.elapsed();
    this.#parts.onDisk(errorText(error));
  }
}

import type { PrivateFiles } from '../../src/relay/private-files.js';

/** Files in memory, on a disk that can be full or away. What a process has left is there for the next one. */
export class MemoryFiles implements PrivateFiles {
  readonly files = new Map<string, { content: string; time: number }>();
  /** What every write fails with; `undefined` = the disk is in order. */
  failure: Error | undefined;
  /** What every reading fails with. */
  readFailure: Error | undefined;
  /** Every write, in order: what was done, and to which file. */
  readonly writes: string[] = [];

  static full(): Error {
    return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }

  async read(name: string): Promise<Buffer | undefined> {
    if (this.readFailure !== undefined) throw this.readFailure;
    const file = this.files.get(name);
    return file && Buffer.from(file.content);
  }

  async write(name: string, content: string): Promise<void> {
    this.#write(`write ${name}`);
    this.files.set(name, { content, time: 0 });
  }

  async append(name: string, content: string): Promise<void> {
    this.#write(`append ${name}`);
    this.files.set(name, { content: (this.files.get(name)?.content ?? '') + content, time: 0 });
  }

  async touch(name: string, time: number): Promise<void> {
    const file = this.files.get(name);
    if (file === undefined) throw new Error('ENOENT');
    file.time = time;
  }

  async timeOf(name: string): Promise<number | undefined> {
    return this.files.get(name)?.time;
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async list(): Promise<readonly string[]> {
    return [...this.files.keys()];
  }

  #write(what: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.writes.push(what);
  }
}

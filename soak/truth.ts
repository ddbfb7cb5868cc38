import { createHash } from 'node:crypto';
import { envelope } from '../packages/fbclient/test/support/fault-data.js';
import type { FaultServer } from '../packages/fbclient/test/support/fault-server.js';
import { updatedAt, wireFlag } from '../packages/fbclient/test/support/wire.js';
import type { Random } from './random.js';

const FLAGS = 100;
/** Length of the large flag's value, in characters. */
const GIANT = 4_000_000;

/** The server's environment, and its changes, each of which is pushed to whoever is connected. */
export class Truth {
  readonly #server: FaultServer;
  readonly #random: Random;
  #version = 0;

  constructor(server: FaultServer, random: Random) {
    this.#server = server;
    this.#random = random;
    for (let index = 0; index < FLAGS; index++) this.#put(`flag-${index}`, 'initial');
    this.#put('giant', 'x'.repeat(GIANT));
  }

  /** A version newer than any before, as an `updatedAt`. */
  get later(): string {
    this.#version += 1;
    return updatedAt(this.#version);
  }

  /** Changes some flag. */
  change(): void {
    const flag = this.#put(`flag-${this.#random.between(0, FLAGS - 1)}`, `value-${this.#version}`);
    this.#server.streams.send(envelope('patch', [flag]));
  }

  /** Changes the large flag; its size stays. */
  changeGiant(): void {
    this.#put('giant', `${this.#version} `.padEnd(GIANT, 'x'));
  }

  /** A digest of each flag's value, by its key. */
  get digests(): Readonly<Record<string, string>> {
    const entries = this.#server.data.flags.map(({ key, variations }) => {
      return [
        key,
        createHash('md5')
          .update(variations[0]?.value ?? '')
          .digest('hex'),
      ];
    });
    return Object.fromEntries(entries);
  }

  #put(key: string, value: string) {
    // Name and id are not needed by fbclient; other SDKs expect them.
    const flag = { id: key, name: key, tags: [], ...wireFlag(key, value, { updatedAt: this.later }) };
    this.#server.data.put(flag);
    return flag;
  }
}

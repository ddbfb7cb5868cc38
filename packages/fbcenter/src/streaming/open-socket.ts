import type { Duplex } from 'node:stream';
import { cut } from '../runtime/cut.js';
import { networkOf } from '../runtime/network.js';
import type { LetIn } from './let-in.js';
import type { Guest, Places } from './places.js';

/**
 * A socket that is not closed. It is the same object for all who count and keep sockets: there are thousands, and closures for each would take as much
 * memory as what they are about.
 */
export class OpenSocket implements Guest {
  readonly network: string;
  readonly isServerSdk: boolean;
  /** Absent until it has been let in. */
  letIn: LetIn | undefined;
  readonly #raw: Duplex;
  readonly #places: Places;

  constructor(raw: Duplex, address: string | undefined, isServerSdk: boolean, places: Places) {
    this.#raw = raw;
    this.network = networkOf(address);
    this.isServerSdk = isServerSdk;
    this.#places = places;
  }

  /** Ends it at once. */
  cut(): void {
    cut(this.#raw);
  }

  giveUp(): void {
    this.#places.leave(this);
    this.cut();
  }
}

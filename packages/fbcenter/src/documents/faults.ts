import type { Fault, FaultCode } from '../model/fault.js';

/** A document is refused with at most this many faults: who sends more has sent something else than a document. */
const MAX_FAULTS = 100;

/** Collects what is wrong with a document, so that its author hears of everything at once. */
export class Faults {
  readonly list: Fault[] = [];

  add(code: FaultCode, path: string, message: string): void {
    if (this.list.length < MAX_FAULTS) this.list.push({ code, path, message });
  }
}

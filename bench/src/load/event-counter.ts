const LINE_FEED = 0x0a;
const EMPTY_LINE = '\n\n';

/** Counts server-sent events by the empty lines at their ends, however the bytes come. */
export class EventCounter {
  /** The last byte was the end of a line that is not empty: one more end makes an event. */
  #isAfterLine = false;

  /** @returns how many events have ended in these bytes. */
  take(chunk: Buffer): number {
    let events = 0;
    let from = 0;
    if (this.#isAfterLine && chunk[0] === LINE_FEED) {
      events = 1;
      from = 1;
    }
    for (let at = chunk.indexOf(EMPTY_LINE, from); at >= 0; at = chunk.indexOf(EMPTY_LINE, from)) {
      events += 1;
      from = at + EMPTY_LINE.length;
    }
    if (chunk.length > 0) this.#isAfterLine = from < chunk.length && chunk[chunk.length - 1] === LINE_FEED;
    return events;
  }
}

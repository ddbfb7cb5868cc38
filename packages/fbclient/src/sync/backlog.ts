/** As many characters of messages, or bytes of long ones, may wait behind the one that is being taken in: several times the largest full sync known. */
export const MAX_BACKLOG = 32 * 1024 * 1024;
/** What a message costs besides its characters. */
const MESSAGE_COST = 1_024;

/**
 * Measures what waits to be taken in, so that a server that sends faster does not fill the memory. The message that finds
 * nothing before it does not count: it may be as long as any.
 */
export class Backlog {
  #messages = 0;
  #size = 0;

  get full(): boolean {
    return this.#size >= MAX_BACKLOG;
  }

  /** @returns to be called once, when the message has been taken in. */
  enter(length: number): () => void {
    const size = this.#messages === 0 ? 0 : length + MESSAGE_COST;
    this.#messages += 1;
    this.#size += size;
    return () => {
      this.#messages -= 1;
      this.#size -= size;
    };
  }
}

/**
 * Shares out bytes that may be on their way at one time: a stalled reader holds megabytes in the kernel that no heap
 * figure shows. First come, first served; something larger than the whole budget goes when nothing else is on its way.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #waiting: { readonly bytes: number; readonly start: (release: () => void) => void }[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Fulfils when the bytes may go, with a function that gives them back (once; more calls do nothing). */
  take(bytes: number): Promise<() => void> {
    return new Promise((start) => {
      this.#waiting.push({ bytes, start });
      this.#startNext();
    });
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { bytes, start } = next;
      if (this.#taken > 0 && this.#taken + bytes > this.#limit) return;
      this.#waiting.shift();
      this.#taken += bytes;
      let isTaken = true;
      start(() => {
        if (!isTaken) return;
        isTaken = false;
        this.#taken -= bytes;
        this.#startNext();
      });
    }
  }
}

/** Prints lines, and on a terminal one more below them that is rewritten; elsewhere nothing is ever rewritten. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #status = '';

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  get rewrites(): boolean {
    return this.#out.isTTY;
  }

  /** How wide it is, in characters. */
  get columns(): number {
    return this.#out.columns || 100;
  }

  line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#out.write(this.#status);
  }

  /** The line at the bottom; on a terminal only. */
  status(text: string): void {
    if (!this.rewrites) return;
    this.#clear();
    this.#status = text.slice(0, this.columns - 1);
    this.#out.write(this.#status);
  }

  endStatus(): void {
    this.#clear();
    this.#status = '';
  }

  #clear(): void {
    if (this.rewrites && this.#status !== '') this.#out.write('\r\u001b[2K');
  }
}

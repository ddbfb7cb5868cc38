import { type Center, ENVIRONMENT } from './centers.js';

/** The stream of events that a page of the management interface has. */
export class Page {
  readonly #stopped = new AbortController();
  /** Fulfils when the center has ended it, or it was closed. */
  readonly ended: Promise<void>;

  private constructor(body: ReadableStream<Uint8Array>, heard: (version: number) => void) {
    this.ended = this.#read(body, heard);
  }

  /** @param heard receives the version of each change that it hears of. */
  static async open(center: Center, token: string, heard: (version: number) => void = () => {}): Promise<Page> {
    const answer = await fetch(`${center.url}/api/v1/environments/${ENVIRONMENT}/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok || answer.body === null) throw new Error(`a page gets no events: ${answer.status}`);
    return new Page(answer.body, heard);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.ended;
  }

  async #read(body: ReadableStream<Uint8Array>, heard: (version: number) => void): Promise<void> {
    const reader = body.getReader();
    this.#stopped.signal.addEventListener('abort', () => void reader.cancel());
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const version = versionIn(event);
        if (version !== undefined) heard(version);
      }
    }
  }
}

/** The version of the change that an event is about; `undefined` when it is about something else. */
export function versionIn(event: string): number | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1];
  return field('event') === 'change' ? Number(field('id')) : undefined;
}

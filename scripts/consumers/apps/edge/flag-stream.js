import { DurableObject } from 'cloudflare:workers';
import { encodeConnectionToken } from 'fbclient/core';
import { EdgeClient } from 'fbclient/edge';

/** How often the stream is looked after, in milliseconds. */
const CHECK = 15_000;

/** One stream to the flag server for all Workers, which evaluate here with what was pushed. An alarm brings it back. */
export class FlagStream extends DurableObject {
  // Flags come by the stream: nothing is loaded.
  #flags = new EdgeClient({ envSecret: this.env.FB_SECRET, eventUrl: this.env.FB_URL, load: () => null });
  #stream; // a promise: whether the stream brought flags
  #socket;
  #heard = false;

  /** For Workers: `await env.FLAGS.getByName('production').variation('shop-theme', user, 'light')`. */
  async variation(key, user, otherwise) {
    if (!this.#flags.initialized) await this.#open();
    const value = this.#flags.variation(key, user, otherwise);
    this.ctx.waitUntil(this.#flags.flush());
    return value;
  }

  /** Called every 15 s, although the object was put away meanwhile, and soon after the stream has ended. */
  async alarm() {
    // A stream on which nothing came since the last ping is dead, whatever its state says.
    if (this.#stream !== undefined && !this.#heard) this.#end('no answer to a ping');
    this.#heard = false;
    await this.#open();
    this.#socket?.send('{"messageType":"ping","data":{}}');
    await this.ctx.storage.setAlarm(Date.now() + CHECK);
  }

  #open() {
    this.#stream ??= new Promise((resolve) => {
      const token = encodeConnectionToken(this.env.FB_SECRET, Date.now(), Math.random());
      const socket = new WebSocket(`${this.env.FB_URL.replace(/^http/, 'ws')}/streaming?type=server&token=${token}`);
      socket.addEventListener('open', () => socket.send('{"messageType":"data-sync","data":{"timestamp":0}}'));
      socket.addEventListener('message', async ({ data }) => {
        this.#heard = true;
        if (JSON.parse(data).messageType === 'data-sync') resolve(await this.#flags.refresh(0, () => data));
      });
      socket.addEventListener('close', ({ code }) => this.#socket === socket && this.#end(`close code ${code}`, code));
      this.#socket = socket;
      setTimeout(resolve, 10_000, false);
    });
    return this.#stream;
  }

  /** What is held is served meanwhile, as `Stale`. 4003: the secret is refused, which is asked less often. */
  #end(problem, code = 1006) {
    this.#socket.close();
    this.#socket = this.#stream = undefined;
    void this.#flags.refresh(0, () => Promise.reject(new Error(problem)));
    void this.ctx.storage.setAlarm(Date.now() + (code === 4003 ? 4 * CHECK : 1_000));
  }
}

import type { ChildProcess, Serializable } from 'node:child_process';
import { once } from 'node:events';

/** What goes from a process to the one that has started it. */
export interface Message {
  readonly kind: string;
}

/** What a process says when it cannot go on. */
export interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

/** A process has failed or has ended too early. The message begins with the name of whoever was measured in it. */
export class ChildFailure extends Error {}

/**
 * A process of its own, and the messages between it and this one. It ends when it is disposed of, or when this process ends. Once it has
 * failed, whoever waits for a message gets the failure, and so does whoever asks for one later.
 */
export class Child<Sent extends Serializable, Received extends Message> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #failure: Promise<never>;

  /** @param name whose process it is. */
  constructor(name: string, process: ChildProcess) {
    this.#process = process;
    this.#failure = new Promise((_, reject) => {
      const fail = (reason: string): void => reject(new ChildFailure(`${name} failed: ${reason}`));
      process.on('message', (message: Received | Failed) => {
        if (message.kind === 'failed' && 'reason' in message) fail(message.reason);
      });
      process.on('error', ({ message }) => fail(message));
      process.once('exit', (code, signal) => fail(`its process has ended too early (${signal ?? code})`));
    });
    this.#failure.catch(() => {});
  }

  send(message: Sent): void {
    this.#process.send(message);
  }

  /** The next message of a kind. @throws ChildFailure when the process fails, or ends before. */
  async next<K extends Received['kind']>(kind: K): Promise<Extract<Received, { kind: K }>> {
    let receive: (message: Received) => void = () => {};
    const received = new Promise<Extract<Received, { kind: K }>>((resolve) => {
      receive = (message) => {
        if (message.kind === kind) resolve(message as Extract<Received, { kind: K }>);
      };
      this.#process.on('message', receive);
    });
    try {
      return await Promise.race([received, this.#failure]);
    } finally {
      this.#process.off('message', receive);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, connected } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    if (connected) this.#process.disconnect();
    await exit;
  }
}

import type { Clock, UpstreamServer } from 'fbclient/upstream';
import { Refusal } from '../model/refusal.js';
import type { Logger } from '../runtime/log.js';
import { type ForwardCounts, Forwarder } from './forwarder.js';
import type { PrivateFiles } from './private-files.js';
import { RELAY_DEFAULTS } from './relay-options.js';
import type { RelayedEnvironments } from './relayed-environments.js';
import { SpoolLane } from './spool-lane.js';

/** As long as the client waits for an answer: a server of FeatBit's may take 15 s, and works on when nobody waits any more. */
const ANSWER_TIMEOUT = 60_000;

/** Most bytes that wait in memory while the disk fails. */
const MOST_IN_MEMORY = RELAY_DEFAULTS.memorySpoolBytes;

export interface InsightRelayParts {
  readonly environments: Pick<RelayedEnvironments, 'secretById'>;
  /** Absent: there is no upstream to send to, and insights are dropped, as an agent does that is filled by hand. */
  readonly server: Pick<UpstreamServer, 'track'> | undefined;
  readonly files: PrivateFiles | undefined;
  /** Most bytes that wait. */
  readonly maxBytes: number;
  readonly clock: Pick<Clock, 'background' | 'elapsed'>;
  random(): number;
  readonly log: Logger;
}

/** What an operator should know of the insights. */
export interface InsightState extends ForwardCounts {
  readonly waitingBytes: number;
  /** Requests of SDKs that were not taken because too much waits. */
  readonly turnedAway: number;
  readonly isOnDisk: boolean;
}

interface Lane {
  readonly lane: SpoolLane;
  readonly forwarder: Forwarder;
}

/** Passes on what SDKs report: a lane for each secret, so that one that upstream refuses holds up no other. */
export class InsightRelay {
  readonly #parts: InsightRelayParts;
  readonly #lanes = new Map<string, Lane>();
  #turnedAway = 0;
  #diskFails = false;
  #isFull = false;

  constructor(parts: InsightRelayParts) {
    this.#parts = parts;
  }

  /** Takes up what an earlier run has left. */
  async open(): Promise<void> {
    const { files, log } = this.#parts;
    if (files === undefined) return;
    for (const name of await SpoolLane.namesIn(files)) {
      const { lane, forwarder } = this.#laneOf(name);
      await lane.open();
      if (lane.bytes > 0) log.info('insights of an earlier run wait', { secret: name, bytes: lane.bytes });
      forwarder.start();
    }
  }

  get state(): InsightState {
    const lanes = [...this.#lanes.values()];
    const sum = (count: (counts: ForwardCounts) => number) =>
      lanes.reduce((total, { forwarder }) => total + count(forwarder.counts), 0);
    return {
      waitingBytes: this.#waiting,
      turnedAway: this.#turnedAway,
      isOnDisk: this.#parts.files !== undefined && !this.#diskFails,
      sent: sum(({ sent }) => sent),
      refused: sum(({ refused }) => refused),
      unanswered: sum(({ unanswered }) => unanswered),
    };
  }

  /**
   * Takes the insights of one request. Fulfils when they are kept.
   *
   * @throws Refusal `busy` when too much waits: SDKs send them again, or drop them.
   */
  async take(secretId: string, insights: readonly unknown[]): Promise<void> {
    if (insights.length === 0 || this.#parts.server === undefined) return;
    const text = JSON.stringify(insights);
    const bytes = Buffer.byteLength(text);
    if (this.#waiting + bytes > this.#parts.maxBytes) this.#turnAway();
    if (this.#diskFails && this.#waitingInMemory + bytes > MOST_IN_MEMORY) this.#turnAway();
    this.#isFull = false;
    const { lane, forwarder } = this.#laneOf(secretId);
    await lane.add({ events: insights.length, text });
    forwarder.start();
  }

  /** Upstream is there again. */
  retryNow(): void {
    for (const { forwarder } of this.#lanes.values()) forwarder.retryNow();
  }

  /** Sends what can be sent within a time, and leaves the rest on disk. */
  async close(milliseconds: number): Promise<void> {
    const { clock, log } = this.#parts;
    const lanes = [...this.#lanes.values()];
    const idle = Promise.all(lanes.map(({ forwarder }) => forwarder.idle()));
    await new Promise<void>((resolve) => {
      const cancel = clock.background(milliseconds, resolve);
      void idle.then(() => {
        cancel();
        resolve();
      });
    });
    await Promise.race([
      Promise.all(lanes.map(({ forwarder }) => forwarder.stop())),
      new Promise<void>((resolve) => clock.background(milliseconds, resolve)),
    ]);
    const left = await Promise.all(lanes.map(({ lane }) => lane.close()));
    const lost = left.reduce((sum, count) => sum + count, 0);
    if (lost > 0)
      log.error('insights are lost: upstream was away, and they could not be kept on disk', { requests: lost });
  }

  get #waiting(): number {
    let bytes = 0;
    for (const { lane } of this.#lanes.values()) bytes += lane.bytes;
    return bytes;
  }

  get #waitingInMemory(): number {
    let bytes = 0;
    for (const { lane } of this.#lanes.values()) bytes += lane.bytesInMemory;
    return bytes;
  }

  #turnAway(): never {
    this.#turnedAway += 1;
    if (!this.#isFull) {
      const { log, maxBytes } = this.#parts;
      log.error('no more insights can wait for upstream: SDKs are told to send theirs later', { maxBytes });
    }
    this.#isFull = true;
    throw new Refusal('busy', 'The server behind this relay is away and no more insights can wait: send these later.');
  }

  #laneOf(secretId: string): Lane {
    const known = this.#lanes.get(secretId);
    if (known !== undefined) return known;
    const { files, clock, log, random } = this.#parts;
    const lane = new SpoolLane(secretId, {
      files,
      elapsed: () => clock.elapsed(),
      onDisk: (problem) => this.#onDisk(problem),
    });
    const forwarder = new Forwarder(lane, { send: (text) => this.#send(secretId, text), clock, random, log });
    this.#lanes.set(secretId, { lane, forwarder });
    return { lane, forwarder };
  }

  async #send(secretId: string, text: string): ReturnType<UpstreamServer['track']> {
    const secret = this.#parts.environments.secretById(secretId);
    if (secret === undefined || this.#parts.server === undefined) {
      return { kind: 'unauthorized', problem: 'the secret is not given to this relay any more', retryAfter: undefined };
    }
    return this.#parts.server.track(secret.value, text, ANSWER_TIMEOUT);
  }

  #onDisk(problem: string | undefined): void {
    const { log } = this.#parts;
    const fails = problem !== undefined;
    if (fails && !this.#diskFails) {
      log.error('insights cannot be kept on disk: they wait in memory, and are lost when the relay is killed', {
        problem,
      });
    } else if (!fails && this.#diskFails) log.info('insights are kept on disk again');
    this.#diskFails = fails;
  }
}

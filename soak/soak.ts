import { setTimeout as delay } from 'node:timers/promises';
import { faultWorld } from './fault-world.js';
import { featbitWorld } from './featbit-world.js';
import { SubjectProcess } from './process.js';
import type { Profile, Sample, SdkName } from './protocol.js';
import { Random } from './random.js';
import { EXIT_LIMIT, type Findings } from './verdict.js';
import type { World } from './world.js';

export interface SoakSettings {
  readonly sdk: SdkName;
  readonly profile: Profile;
  /** How long faults come, in milliseconds. */
  readonly duration: number;
  readonly seed: number;
  /** Told what is going on, now and then. */
  readonly progress: (text: string) => void;
}

/** Between two changes of the server's data, in milliseconds. */
const CHANGES = 200;
/** Between two samples of the heap, in milliseconds. */
const SAMPLES = 10_000;
/** After a fault there is peace for so long, in milliseconds. */
const PEACE = [150, 500] as const;
/** How long the SDK may take at the end to reach the server's state, in milliseconds. */
const RECOVERY_LIMIT = 90_000;
/** How often each kind of fault comes at least within five minutes. */
const IN_FIVE_MINUTES = 10;
const FIVE_MINUTES = 300_000;

const WORLDS: Readonly<Record<Profile, (seed: number) => Promise<World>>> = {
  faults: faultWorld,
  featbit: featbitWorld,
};

/** Runs an SDK against a server at which everything goes wrong, one fault after the other in random order. */
export class Soak {
  readonly #settings: SoakSettings;
  readonly #random: Random;
  readonly #faults: Record<string, number> = {};
  readonly #heap: number[] = [];
  #last: Sample | undefined;
  #lastFault = 0;
  #stalest: number | undefined;

  constructor(settings: SoakSettings) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
  }

  /** The last sample that was taken. */
  get last(): Sample | undefined {
    return this.#last;
  }

  /** Faults so far. */
  get faults(): number {
    return Object.values(this.#faults).reduce((sum, count) => sum + count, 0);
  }

  async run(): Promise<Findings> {
    const { sdk, profile, seed } = this.#settings;
    const world = await WORLDS[profile](seed + 1);
    for (const name of Object.keys(world.faults)) this.#faults[name] = 0;
    const { secret: envSecret, streamingUrl, eventUrl } = world;
    const subject = new SubjectProcess({ sdk, profile, envSecret, streamingUrl, eventUrl });
    try {
      await subject.started();
      const changes = setInterval(() => world.change(), CHANGES);
      await this.#makeThingsGoWrong(world, subject);
      clearInterval(changes);
      return await this.#conclude(world, subject);
    } finally {
      subject.kill();
      await world.close();
    }
  }

  async #makeThingsGoWrong(world: World, subject: SubjectProcess): Promise<void> {
    const end = performance.now() + this.#settings.duration;
    let nextSample = performance.now();
    while (performance.now() < end && subject.ended === undefined) {
      for (const [name, fault] of this.#random.shuffled(Object.entries(world.faults))) {
        if (performance.now() >= end || subject.ended !== undefined) return;
        await fault(this.#random);
        await world.heal();
        this.#lastFault = performance.now();
        this.#faults[name] = (this.#faults[name] ?? 0) + 1;
        await delay(this.#random.between(...PEACE));
        if (performance.now() >= nextSample) {
          await this.#sample(subject);
          await this.#lookForStaleValues(world, subject);
          nextSample = performance.now() + SAMPLES;
        }
      }
    }
  }

  async #conclude(world: World, subject: SubjectProcess): Promise<Findings> {
    this.#settings.progress('no more faults: waiting for the server’s state');
    const { recovery, differing } = await this.#recover(world, subject);
    this.#settings.progress('no more events: sending what waits');
    await subject.ask('stop', 'stopped');
    await this.#sample(subject);
    const died = subject.ended;
    const closing = (await subject.ask('close', 'closed'))?.milliseconds;
    const exit = died === undefined ? await subject.ends(EXIT_LIMIT) : undefined;
    return {
      faults: this.#faults,
      expectedOfEach: Math.floor((this.#settings.duration / FIVE_MINUTES) * IN_FIVE_MINUTES),
      last: this.#last,
      heap: this.#heap,
      ledger: world.ledger,
      losesAnswers: world.losesAnswers,
      differing,
      stalest: this.#stalest,
      flags: Object.keys(world.digests).length,
      recovery,
      closing,
      exit,
      died,
    };
  }

  async #recover(world: World, subject: SubjectProcess) {
    for (;;) {
      // What was committed late is the truth only now.
      const expected = world.digests;
      const flags = (await subject.ask('state', 'state'))?.flags ?? {};
      const keys = new Set([...Object.keys(expected), ...Object.keys(flags)]);
      const differing = [...keys].filter((key) => expected[key] !== flags[key]).length;
      const recovery = performance.now() - this.#lastFault;
      if (differing === 0) return { recovery, differing };
      if (recovery > RECOVERY_LIMIT || subject.ended !== undefined) return { recovery: undefined, differing };
      await delay(250);
    }
  }

  async #lookForStaleValues({ staleFor }: World, subject: SubjectProcess): Promise<void> {
    if (staleFor === undefined) return;
    const flags = (await subject.ask('state', 'state'))?.flags ?? {};
    this.#stalest = Math.max(this.#stalest ?? 0, staleFor(flags));
  }

  async #sample(subject: SubjectProcess): Promise<void> {
    const sample = (await subject.ask('sample', 'sample'))?.sample;
    if (sample === undefined) return;
    this.#last = sample;
    this.#heap.push(sample.heapUsed);
  }
}

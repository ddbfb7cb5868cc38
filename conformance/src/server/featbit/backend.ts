import { seededRandom } from '../../reference/random.js';
import { Activity } from '../activity.js';
import type { ServerClock } from './clock.js';
import { dataSyncText, Environment } from './environment.js';
import { InsightWorker } from './insight-worker.js';
import { Ledger } from './ledger.js';
import type { Settings } from './options.js';
import { Processor } from './processor.js';
import { PushQueue } from './push-queue.js';
import { Store } from './store.js';

/** What the services of one server share. */
export class Backend {
  readonly settings: Settings;
  readonly clock: ServerClock;
  readonly store = new Store();
  readonly environment: Environment;
  readonly pushes: PushQueue;
  /** Makes fulls, patches and polls. */
  readonly processor: Processor;
  /** Another core, for handshakes. */
  readonly handshakes: Processor;
  readonly ledger = new Ledger();
  readonly worker: InsightWorker;
  readonly activity = new Activity();
  /** Whether a cursor, too, is answered with a full. */
  answersCursorsWithFulls: boolean;

  /** @param push sends a text to whoever is connected. */
  constructor(settings: Settings, push: (text: string) => void) {
    this.settings = settings;
    this.clock = settings.clock;
    this.answersCursorsWithFulls = settings.answersCursorsWithFulls;
    this.pushes = new PushQueue((text) => {
      push(text);
      this.activity.happened();
    });
    this.environment = new Environment(this.clock, (documents) => this.pushes.add(dataSyncText('patch', documents)));
    this.processor = new Processor(this.clock);
    this.handshakes = new Processor(this.clock);
    this.worker = new InsightWorker(
      this.clock,
      this.store,
      this.ledger,
      seededRandom(settings.seed),
      settings.insights,
    );
  }

  /** The processor's time for an answer of so many documents. */
  costOf(documents: number): number {
    const { base, perDocument } = this.settings.answerCosts;
    return base + perDocument * documents;
  }

  /** The process ends: what is only in its memory is gone, what is in the store stays. */
  stop(): void {
    this.processor.stop();
    this.handshakes.stop();
    this.worker.stop();
    this.pushes.stop();
  }
}

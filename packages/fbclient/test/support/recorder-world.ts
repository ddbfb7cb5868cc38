import { expect } from 'vitest';
import { EventRecorder, type EventSettings } from '../../src/events/recorder.js';
import { Log } from '../../src/runtime/log.js';
import { FakePlatform, type FakeRequest } from './fake-network.js';
import { must } from './must.js';
import { RecordingLogger } from './recording-logger.js';

const SETTINGS: EventSettings = {
  url: 'http://events.test/featbit',
  secret: 'the-secret',
  maxPerRequest: 3,
  maxRetries: 2,
  retryInterval: 200,
  requestTimeout: 5_000,
  privateAttributes: new Set(),
  maxInQueue: 20,
  flushInterval: 1_000,
  deduplicationWindow: 0,
};

/** A recorder of events whose time and server are the test's. */
export class RecorderWorld {
  readonly platform = new FakePlatform();
  readonly logger = new RecordingLogger();
  readonly events: EventRecorder;

  constructor(settings: Partial<EventSettings> = {}) {
    const log = new Log(this.logger, this.platform.clock);
    this.events = new EventRecorder({ ...SETTINGS, ...settings }, this.platform, this.platform.net, log);
  }

  /** A world whose server has answered at once so far, so that several requests may be under way. */
  static withFastServer(settings: Partial<EventSettings> = {}): RecorderWorld {
    const world = new RecorderWorld(settings);
    world.record('first');
    world.events.flush();
    world.request(0).respond(200);
    world.platform.net.requests.length = 0;
    return world;
  }

  /** Records users under these keys: an event each. */
  record(...keys: string[]): void {
    for (const key of keys) this.events.identified({ key });
  }

  /** Records users under the keys "1", "2" and so on. */
  recordMany(count: number): void {
    this.record(...Array.from({ length: count }, (_, index) => `${index + 1}`));
  }

  request(index: number): FakeRequest {
    return must(this.platform.net.requests.at(index));
  }

  /** The users whose events the requests carried. */
  get requested(): string[][] {
    return this.platform.net.requests.map(carriedBy);
  }

  /** Milliseconds to the next timer. */
  get untilNext(): number {
    return must(this.platform.clock.untilNext);
  }

  pass(milliseconds: number): Promise<void> {
    return this.platform.clock.advance(milliseconds);
  }

  /** Everything that was recorded is counted in exactly one place, apart from what is under way. */
  expectAccounted(recorded: number): void {
    const { accepted, notAccepted, sent, failed, queued, unsettled, dropped } = this.events.counters;
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(accepted).toBe(sent + failed + lost - notAccepted + queued + unsettled);
    expect(sent + failed + queued + lost).toBe(recorded);
  }
}

/** The users whose events a request carries. */
export function carriedBy(request: FakeRequest): string[] {
  return (request.json as { user: { keyId: string } }[]).map(({ user }) => user.keyId);
}

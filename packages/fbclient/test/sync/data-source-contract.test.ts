import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileDataSource } from '../../src/node/file-source.js';
import type { DataSync } from '../../src/protocol/messages.js';
import { Log } from '../../src/runtime/log.js';
import type { DataSource } from '../../src/sync/data-source.js';
import { PollingSource } from '../../src/sync/polling.js';
import { StreamingSource } from '../../src/sync/streaming.js';
import { FakePlatform } from '../support/fake-network.js';
import { FakeSink } from '../support/fake-sink.js';
import { POLLING_TIMES, STREAMING_TIMES } from '../support/times.js';
import { full, wireFlag } from '../support/wire.js';

/** What every data source keeps; see `DataSource`. */
interface Subject {
  readonly source: DataSource;
  /** Makes the source's origin have this, in a way that the source finds. */
  offer(envelope: unknown): Promise<void>;
  /** Makes the origin fail in a way that the source finds. */
  break(): Promise<void>;
  /** Lets as much time pass as the source could need to find something. */
  wait(): Promise<void>;
}

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

const SUBJECTS: Readonly<Record<string, () => Subject>> = {
  streaming: () => {
    const platform = new FakePlatform();
    const times = STREAMING_TIMES;
    const log = new Log(undefined, platform.clock);
    const connected = async (): Promise<void> => {
      if (platform.net.sockets.length > 0 && platform.net.liveSockets.length === 0)
        await platform.clock.advance(60_000);
      platform.net.sockets.at(-1)?.open();
    };
    return {
      source: new StreamingSource({ url: 'ws://featbit.test', secret: 'x', times }, platform, platform.net, log),
      offer: async (envelope) => {
        await connected();
        platform.net.sockets.at(-1)?.message(envelope);
        await platform.clock.settle();
      },
      break: async () => {
        platform.net.sockets.at(-1)?.drop(1011);
        await platform.clock.settle();
      },
      wait: () => platform.clock.advance(600_000),
    };
  },

  polling: () => {
    const platform = new FakePlatform();
    const settings = { url: 'http://featbit.test', secret: 'x', times: POLLING_TIMES, maxMessageSize: 1_000_000 };
    const answer = async (status: number, body: string): Promise<void> => {
      if (platform.net.openRequests.length === 0) await platform.clock.advance(30_000);
      platform.net.openRequests[0]?.respond(status, { body });
      await platform.clock.settle();
    };
    return {
      source: new PollingSource(settings, platform, platform.net, new Log(undefined, platform.clock)),
      offer: (envelope) => answer(200, typeof envelope === 'string' ? envelope : JSON.stringify(envelope)),
      break: () => answer(503, ''),
      wait: () => platform.clock.advance(600_000),
    };
  },

  file: () => {
    const folder = mkdtempSync(join(tmpdir(), 'fbclient-'));
    const path = join(folder, 'flags.json');
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    const write = (text: string): void => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    };
    write(JSON.stringify(full()));
    return {
      source: fileDataSource({ path, checkInterval: 2 }),
      offer: async (envelope) => write(typeof envelope === 'string' ? envelope : JSON.stringify(envelope)),
      break: async () => write('{'),
      // Another source like it bears witness: what that one has found, this one would have found too.
      wait: async () => {
        const sink = new WatchedSink();
        const witness = fileDataSource({ path, checkInterval: 2 });
        witness.start(sink);
        write(JSON.stringify(full([wireFlag('witness')])));
        await sink.until('accept witness');
        await witness.close();
      },
    };
  },
};

/** A sink that lets a test wait for what it is told. */
class WatchedSink extends FakeSink {
  readonly told: string[] = [];
  #waiting: (() => void)[] = [];
  #looked = 0;

  override accept(envelope: unknown): Promise<boolean> {
    const { data } = (typeof envelope === 'string' ? JSON.parse(envelope) : envelope) as { readonly data: DataSync };
    this.#tell(`accept ${data.featureFlags?.map((flag) => (flag as { key: string }).key).join()}`);
    return this.answer(envelope);
  }

  override confirm(): void {
    this.#tell('confirm');
  }

  override current(): void {
    this.#tell('confirm');
  }

  override interrupted(): void {
    this.#tell('interrupted');
  }

  override failed(): void {
    this.#tell('failed');
  }

  /** Resolves when one of these has been told, after what was waited for before. */
  async until(...what: string[]): Promise<void> {
    for (;;) {
      const found = this.told.findIndex((told, index) => index >= this.#looked && what.includes(told));
      if (found >= 0) {
        this.#looked = found + 1;
        return;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #tell(what: string): void {
    this.told.push(what);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

describe.each(Object.entries(SUBJECTS))('the %s data source', (_name, create) => {
  const begin = async () => {
    const subject = create();
    const sink = new WatchedSink();
    cleanUps.push(() => void subject.source.close());
    return { ...subject, sink };
  };

  it('brings what its origin has, and then what it has next', async () => {
    const { source, sink, offer } = await begin();
    source.start(sink);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    await offer(full([wireFlag('two')]));
    await sink.until('accept two');
    expect(sink.told).not.toContain('interrupted');
  });

  it('tells of a fault, and brings what comes after it', async () => {
    const { source, sink, offer, ...subject } = await begin();
    source.start(sink);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    await subject.break();
    await sink.until('interrupted');
    await offer(full([wireFlag('two')]));
    await sink.until('accept two');
    expect(sink.told.indexOf('interrupted')).toBeLessThan(sink.told.indexOf('accept two'));
    expect(sink.told).not.toContain('failed');
  });

  it('tells that all is well again when its origin has what it had before the fault', async () => {
    const { source, sink, offer, ...subject } = await begin();
    source.start(sink);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    await subject.break();
    await sink.until('interrupted');
    await offer(full([wireFlag('one')]));
    await sink.until('accept one', 'confirm');
  });

  it('goes on after data that the sink could not use', async () => {
    const { source, sink, offer } = await begin();
    source.start(sink);
    sink.answer = () => Promise.resolve(false);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    sink.answer = () => Promise.resolve(true);
    await offer(full([wireFlag('two')]));
    await sink.until('accept two');
  });

  it('tells nothing after it was closed', async () => {
    const { source, sink, offer, wait, ...subject } = await begin();
    source.start(sink);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    await source.close();
    const before = [...sink.told];
    await offer(full([wireFlag('two')]));
    await subject.break();
    await wait();
    expect(sink.told).toEqual(before);
  });

  it('can be closed before it has brought anything', async () => {
    const { source, sink, wait } = await begin();
    source.start(sink);
    await source.close();
    await wait();
    expect(sink.told).toEqual([]);
  });

  it('can be closed while its data is taken in', async () => {
    const { source, sink, offer, wait } = await begin();
    let finish: (committed: boolean) => void = () => undefined;
    sink.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await offer(full([wireFlag('one')]));
    source.start(sink);
    await offer(full([wireFlag('one')]));
    await sink.until('accept one');
    await source.close();
    finish(false);
    await wait();
    expect(sink.told).toEqual(['accept one']);
  });
});

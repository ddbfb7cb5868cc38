import { closeSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileDataSource } from '../../src/node/file-source.js';
import type { FBClient } from '../../src/node-client.js';
import type { Options } from '../../src/options.js';
import { setConfig } from '../../src/singleton.js';
import type { DataSource } from '../../src/sync/data-source.js';
import { eventually, faultClient } from '../support/fault-client.js';
import { temporaryFolder } from '../support/fault-folder.js';
import { must } from '../support/must.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { full, wireFlag } from '../support/wire.js';

const USER = { key: 'u' };

function content(value: string): string {
  return JSON.stringify(full([wireFlag('f', value)]), null, 2);
}

/** A client that follows a file, and the ways to change it. */
function following(checkInterval = 20) {
  const folder = temporaryFolder();
  const path = join(folder, 'flags.json');
  writeFileSync(path, content('first'));
  const logger = new RecordingLogger();
  const dataSource = fileDataSource({ path, checkInterval });
  const client = faultClient({ dataSource, disableEvents: true, logger });
  return { client, dataSource, folder, path, logger };
}

async function serves(client: FBClient, value: string): Promise<void> {
  await eventually(() => {
    expect(client.variation('f', USER, '')).toBe(value);
    expect(client.status).toBe('Ready');
  });
}

describe('promise 16: a file that is watched may change in every way that files change', () => {
  it('it is written in place', async () => {
    const { client, path } = following();
    await serves(client, 'first');
    writeFileSync(path, content('second'));
    await serves(client, 'second');
  });

  it('it is replaced by a rename, again and again', async () => {
    const { client, path } = following();
    await serves(client, 'first');
    for (let version = 1; version <= 5; version++) {
      writeFileSync(`${path}.new`, content(`version ${version}`));
      renameSync(`${path}.new`, path);
      await serves(client, `version ${version}`);
    }
  });

  it('a link on the way to it is swapped, as Kubernetes does with ConfigMaps', async () => {
    const folder = temporaryFolder();
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'flags.json'), content(version));
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync(join('..data', 'flags.json'), join(folder, 'flags.json'));
    const dataSource = fileDataSource({ path: join(folder, 'flags.json'), checkInterval: 20 });
    const client = faultClient({ dataSource, disableEvents: true });
    await serves(client, 'v1');
    symlinkSync('v2', join(folder, '..data-new'));
    renameSync(join(folder, '..data-new'), join(folder, '..data'));
    await serves(client, 'v2');
  });

  it('it is half-written for a while: the last good data stays, and the place of the fault is told', async () => {
    const { client, path, logger } = following();
    await serves(client, 'first');
    const text = content('second');
    const half = text.slice(0, text.indexOf('"f"'));
    const place = `line ${half.split('\n').length}, column ${half.length - half.lastIndexOf('\n')}`;
    writeFileSync(path, half);
    await eventually(() => expect(client.status).toBe('Stale'));
    expect(client.variation('f', USER, '')).toBe('first');
    const { error } = client.updateStatusProvider.currentState;
    expect(error?.code).toBe('source-failed');
    expect(error?.message).toBe(`${path} is not JSON: ${place}: expected a value`);
    expect(logger.codes('warn')).toContain('source-failed');

    writeFileSync(path, text);
    await serves(client, 'second');
    expect(client.updateStatusProvider.currentState.error).toBeUndefined();
  });

  it('others write in its folder without pause', async () => {
    const { client, folder, path } = following();
    await serves(client, 'first');
    const neighbour = openSync(join(folder, 'neighbour.log'), 'w');
    onTestFinished(() => closeSync(neighbour));
    let isWriting = true;
    const write = (): void => {
      if (!isWriting) return;
      writeSync(neighbour, 'a line\n');
      setImmediate(write);
    };
    write();
    writeFileSync(path, content('second'));
    await serves(client, 'second').finally(() => {
      isWriting = false;
    });
  });

  it('it goes away and comes back', async () => {
    const { client, path } = following();
    await serves(client, 'first');
    rmSync(path);
    await eventually(() => expect(client.status).toBe('Stale'));
    expect(client.variation('f', USER, '')).toBe('first');
    expect(client.updateStatusProvider.currentState.error?.message).toContain('ENOENT');
    writeFileSync(path, content('again'));
    await serves(client, 'again');
  });

  it('it is not there at the start', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'later', 'flags.json');
    const client = faultClient({ dataSource: fileDataSource({ path, checkInterval: 20 }), disableEvents: true });
    await eventually(() => expect(client.diagnostics().error?.code).toBe('source-failed'));
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, content('here'));
    await serves(client, 'here');
  });

  it.each<[string, (flags: Record<string, unknown>[]) => void, RegExp]>([
    [
      'a switch that is a text',
      ([, second]) => Object.assign(second ?? {}, { isEnabled: 'yes' }),
      /^line 40, column 22: flag "second": isEnabled: expected a boolean, got string$/,
    ],
    [
      'a rollout of one number',
      ([, second]) =>
        Object.assign(second ?? {}, {
          fallthrough: { includedInExpt: false, variations: [{ id: 'v-on', rollout: [1] }] },
        }),
      /^line 59, column 26: flag "second": fallthrough\.variations\[0\]\.rollout: expected exactly two finite numbers$/,
    ],
    [
      'two flags without what they need',
      (flags) => flags.push({ key: 'third' }, {}),
      /^line \d+, column 7: flag "third": isArchived: expected a boolean, got missing \(and 1 more\)$/,
    ],
    [
      'a text for a flag',
      (flags) => flags.push('flag' as never),
      /^line \d+, column 7: flag "#2": expected an object, got string$/,
    ],
  ])(
    'it has a damaged flag: the last good data stays whole, and the place is told: %s',
    async (_name, damage, message) => {
      const { client, path } = following();
      await serves(client, 'first');
      const flags = [wireFlag('f', 'second'), wireFlag('second')].map((flag): Record<string, unknown> => ({ ...flag }));
      writeFileSync(path, JSON.stringify(full(flags), null, 2));
      await serves(client, 'second');
      const good = { ...(flags[0] ?? {}), variations: [{ id: 'v-on', value: 'third' }] };
      const damaged = [good, ...flags.slice(1)];
      damage(damaged);
      writeFileSync(path, JSON.stringify(full(damaged), null, 2));
      await eventually(() => expect(client.status).toBe('Stale'));
      expect(client.variation('f', USER, '')).toBe('second');
      expect(client.variation('second', USER, '')).toBe('on');
      const text = client.updateStatusProvider.currentState.error?.message ?? '';
      expect(text.startsWith(`${path} is damaged: `)).toBe(true);
      expect(text.slice(`${path} is damaged: `.length)).toMatch(message);

      writeFileSync(path, JSON.stringify(full([good]), null, 2));
      await serves(client, 'third');
    },
  );

  it('it has a damaged flag at the start: nothing of it is served, and the status says so', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'flags.json');
    writeFileSync(path, JSON.stringify(full([wireFlag('f', 'first'), { key: 'damaged' }])));
    const client = faultClient({ dataSource: fileDataSource({ path, checkInterval: 20 }), disableEvents: true });
    await eventually(() => expect(client.diagnostics().error?.message).toContain('flag "damaged"'));
    expect(client.status).toBe('NotReady');
    expect(client.variation('f', USER, 'default')).toBe('default');
    writeFileSync(path, content('first'));
    await serves(client, 'first');
  });

  it('it is JSON of another kind: the last good data stays', async () => {
    const { client, path } = following();
    await serves(client, 'first');
    writeFileSync(path, '{"flags":[]}');
    await eventually(() => expect(client.status).toBe('Stale'));
    expect(client.variation('f', USER, '')).toBe('first');
  });

  it('it begins with a byte order mark, as editors on Windows write one', async () => {
    const { client, path } = following();
    await serves(client, 'first');
    writeFileSync(path, `\uFEFF${content('marked')}`);
    await serves(client, 'marked');
    writeFileSync(path, '\uFEFF{');
    await eventually(() => expect(client.status).toBe('Stale'));
    expect(client.updateStatusProvider.currentState.error?.message).toContain('line 1, column 2');
  });

  it('it is written to without pause, and nothing but whole versions is ever served', async () => {
    const { client, path } = following(5);
    await serves(client, 'first');
    const seen = new Set<string>();
    for (let version = 1; version <= 200; version++) {
      const text = content(`version ${version}`);
      // Now whole, now cut off at some point.
      writeFileSync(path, version % 3 === 0 ? text.slice(0, (text.length * version) / 200) : text);
      await new Promise((resolve) => setImmediate(resolve));
      seen.add(client.variation('f', USER, 'none'));
    }
    writeFileSync(path, content('last'));
    await serves(client, 'last');
    expect([...seen].filter((value) => !/^(first|version \d+)$/.test(value))).toEqual([]);
  });
});

describe('one file data source may serve several clients', () => {
  const ORDERS: readonly (readonly [string, (clients: readonly [FBClient, FBClient]) => Promise<void>])[] = [
    ['the older ends first', ([older]) => older.close()],
    ['the younger ends first', ([, younger]) => younger.close()],
  ];

  it.each(ORDERS)('%s: the other goes on', async (_name, end) => {
    const { client: older, path, dataSource } = following();
    const younger = faultClient({ dataSource, disableEvents: true });
    await serves(older, 'first');
    await serves(younger, 'first');
    await end([older, younger]);
    const [left] = [older, younger].filter(({ status }) => status !== 'Closed');
    writeFileSync(path, content('second'));
    await serves(must(left), 'second');
  });

  it('also through something that does not tell it which of them ends: the one that began first', async () => {
    const { client: older, path, dataSource } = following();
    const passedOn: DataSource = { start: (sink) => dataSource.start(sink), close: () => dataSource.close() };
    await older.close();
    const clients = [1, 2].map(() => faultClient({ dataSource: passedOn, disableEvents: true }));
    await must(clients[0]).close();
    writeFileSync(path, content('second'));
    await serves(must(clients[1]), 'second');
  });

  it('one after the other, as a client that is made again with the same options', async () => {
    const { client, dataSource, path } = following();
    await serves(client, 'first');
    await client.close();
    const again = faultClient({ dataSource, disableEvents: true });
    await serves(again, 'first');
    writeFileSync(path, content('second'));
    await serves(again, 'second');
  });

  it('the application-wide client too, when it is configured again with the same options', async () => {
    const { dataSource } = following();
    const options: Options = { dataSource, disableEvents: true };
    const before = setConfig(options);
    const client = setConfig(options);
    onTestFinished(() => client.close());
    await before.close();
    await serves(client, 'first');
  });
});

it('a file is watched: a change is seen long before the next look at it is due', async () => {
  const { client, path } = following(3_600_000);
  await serves(client, 'first');
  const changed = new Promise((resolve) => client.flagTracker.addFlagChangedListener(resolve));
  writeFileSync(path, content('second'));
  await changed;
  await serves(client, 'second');
});

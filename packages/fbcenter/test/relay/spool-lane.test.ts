import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { privateFiles } from '../../src/relay/private-files.js';
import type { SpooledBody } from '../../src/relay/spool-format.js';
import { type LaneParts, SpoolLane } from '../../src/relay/spool-lane.js';
import { MemoryFiles } from '../support/memory-files.js';
import { check } from '../support/property.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const body = (name: string | number): SpooledBody => ({ events: 1, text: JSON.stringify([{ name }]) });
const namesOf = (bodies: readonly SpooledBody[]) => bodies.map(({ text }) => JSON.parse(text)[0].name);

/** A lane on a disk, as a process finds it. */
async function opened(files: LaneParts['files'], parts: Partial<LaneParts> = {}) {
  const disk: (string | undefined)[] = [];
  const lane = new SpoolLane('s', { files, elapsed: () => 0, onDisk: (problem) => disk.push(problem), ...parts });
  await lane.open();
  /** Takes out what is there, in portions. */
  const drain = async (portion = 100) => {
    const names: unknown[] = [];
    for (;;) {
      const bodies = await lane.next(portion, 1e6);
      if (bodies.length === 0) return names;
      names.push(...namesOf(bodies));
      await lane.done(bodies.length);
    }
  };
  return { lane, disk, drain };
}

describe.each<[where: string, files: () => MemoryFiles | undefined]>([
  ['on disk', () => new MemoryFiles()],
  ['in memory alone', () => undefined],
])('a lane %s', (_, makeFiles) => {
  it('counts a portion in bytes, not in characters', async () => {
    const { lane } = await opened(makeFiles());
    for (const name of ['ü'.repeat(10), 'b']) await lane.add(body(name));
    const length = body('ü'.repeat(10)).text.length + body('b').text.length;
    expect(await lane.next(10, length)).toHaveLength(1);
    expect(await lane.next(10, length + 10)).toHaveLength(2);
  });

  it('gives what was added, first in and first out, once', async () => {
    const { lane, drain } = await opened(makeFiles());
    for (const name of ['a', 'b', 'c']) await lane.add(body(name));
    expect(await drain(2)).toEqual(['a', 'b', 'c']);
    expect(await drain()).toEqual([]);
    await lane.add(body('d'));
    expect(await drain()).toEqual(['d']);
  });

  it('gives the same again until it is done with', async () => {
    const { lane, drain } = await opened(makeFiles());
    await lane.add(body('a'));
    expect(namesOf(await lane.next(10, 1e6))).toEqual(['a']);
    expect(namesOf(await lane.next(10, 1e6))).toEqual(['a']);
    expect(await drain()).toEqual(['a']);
  });

  it('gives at most so many bytes at a time, but one body at least', async () => {
    const { lane } = await opened(makeFiles());
    for (const name of ['a', 'b', 'c']) await lane.add(body(name));
    const { length } = body('a').text;
    expect(namesOf(await lane.next(10, 2 * length))).toEqual(['a', 'b']);
    expect(namesOf(await lane.next(10, 1))).toEqual(['a']);
  });

  it('takes what comes while it is read', async () => {
    const { lane, drain } = await opened(makeFiles());
    await lane.add(body('a'));
    const first = await lane.next(10, 1e6);
    const adding = [lane.add(body('b')), lane.add(body('c'))];
    await lane.done(first.length);
    await Promise.all(adding);
    expect(await drain()).toEqual(['b', 'c']);
  });

  it('knows how much waits', async () => {
    const { lane, drain } = await opened(makeFiles());
    expect(lane.bytes).toBe(0);
    await lane.add(body('a'));
    expect(lane.bytes).toBeGreaterThanOrEqual(body('a').text.length);
    await drain();
    expect(lane.bytes).toBe(0);
  });

  it('holds more than a segment, of which each comes out', async () => {
    const { lane, drain } = await opened(makeFiles());
    const large = 'x'.repeat(100_000);
    const names = Array.from({ length: 40 }, (__, index) => `${index} ${large}`);
    for (const name of names) await lane.add(body(name));
    expect(await drain(7)).toEqual(names);
  });
});

describe('what a process leaves that is killed', () => {
  it('is all that was not done with', async () => {
    const files = new MemoryFiles();
    const before = await opened(files);
    for (const name of ['a', 'b', 'c', 'd']) await before.lane.add(body(name));
    await before.lane.done((await before.lane.next(1, 1e6)).length);
    await before.lane.done((await before.lane.next(1, 1e6)).length);
    // On its way, and not answered: nobody knows whether it counts.
    await before.lane.next(1, 1e6);
    const after = await opened(files);
    await after.lane.add(body('e'));
    expect(await after.drain()).toEqual(['c', 'd', 'e']);
  });

  it('is nothing when all was done with, and no file is left', async () => {
    const files = new MemoryFiles();
    const before = await opened(files);
    for (const name of ['a', 'b']) await before.lane.add(body(name));
    await before.drain();
    expect([...files.files.keys()]).toEqual([]);
    expect(await (await opened(files)).drain()).toEqual([]);
  });

  it.each<[what: string, damage: (content: string) => string, names: string[], unreadable: number]>([
    ['a line that was cut off', (content) => content.slice(0, -4), ['a', 'b'], 1],
    ['a line that is none', (content) => `garbage\n${content}`, ['a', 'b', 'c'], 1],
    ['nothing at all', () => '', [], 0],
    ['a line without a number', (content) => content.replace('1 [', 'x ['), ['b', 'c'], 1],
    ['a line whose body is broken', (content) => content.replace('"name"', '"na'), ['b', 'c'], 1],
  ])('with %s is the rest', async (_, damage, names, unreadable) => {
    const files = new MemoryFiles();
    const before = await opened(files);
    for (const name of ['a', 'b', 'c']) await before.lane.add(body(name));
    const [[name = '', file] = []] = [...files.files];
    if (file === undefined) throw new Error('no file');
    files.files.set(name, { ...file, content: damage(file.content) });
    const after = await opened(files);
    expect(await after.drain()).toEqual(names);
    expect(after.lane.unreadable).toBe(unreadable);
  });

  it.each<[what: string, content: string, names: string[]]>([
    ['is cut off', '1\n2', ['b', 'c']],
    ['is empty', '', ['a', 'b', 'c']],
    ['is nonsense', 'x\n', ['a', 'b', 'c']],
    ['is more than there is', '99\n', []],
    ['is in order', '1\n2\n', ['c']],
  ])('with a count of what is done that %s', async (_, content, names) => {
    const files = new MemoryFiles();
    const before = await opened(files);
    for (const name of ['a', 'b', 'c']) await before.lane.add(body(name));
    const [name = ''] = [...files.files.keys()];
    await files.write(name.replace('spool', 'done'), content);
    expect(await (await opened(files)).drain()).toEqual(names);
  });

  it('is of its own lane only', async () => {
    const files = new MemoryFiles();
    const other = new SpoolLane('other', { files, elapsed: () => 0, onDisk: () => {} });
    await other.add(body('x'));
    const { lane, drain } = await opened(files);
    await lane.add(body('a'));
    expect(await drain()).toEqual(['a']);
    expect([...(await SpoolLane.namesIn(files))]).toEqual(['other']);
  });
});

describe('a disk that is full', () => {
  it('is reported, and what comes is kept in memory and comes in its order', async () => {
    const files = new MemoryFiles();
    const { lane, disk, drain } = await opened(files);
    await lane.add(body('a'));
    files.failure = MemoryFiles.full();
    await lane.add(body('b'));
    await lane.add(body('c'));
    expect(disk[0]).toMatch(/ENOSPC/);
    expect(lane.bytesInMemory).toBeGreaterThan(0);
    expect(await drain()).toEqual(['a', 'b', 'c']);
  });

  it('is tried again after ten seconds, and what comes then is on disk', async () => {
    const files = new MemoryFiles();
    let now = 0;
    const { lane, disk } = await opened(files, { elapsed: () => now });
    files.failure = MemoryFiles.full();
    await lane.add(body('a'));
    files.failure = undefined;
    now = 9_999;
    await lane.add(body('b'));
    expect(disk).toHaveLength(1);
    now = 10_000;
    await lane.add(body('c'));
    expect(disk).toEqual([expect.stringMatching(/ENOSPC/), undefined]);
    expect(await (await opened(files)).drain()).toEqual(['c']);
  });

  it('that has room at the end gets what was in memory alone', async () => {
    const files = new MemoryFiles();
    const { lane } = await opened(files);
    files.failure = MemoryFiles.full();
    await lane.add(body('a'));
    await lane.add(body('b'));
    await lane.done((await lane.next(1, 1e6)).length);
    files.failure = undefined;
    expect(await lane.close()).toBe(0);
    expect(await (await opened(files)).drain()).toEqual(['b']);
  });

  it('to the end loses what was in memory alone, and says how much', async () => {
    const files = new MemoryFiles();
    const { lane } = await opened(files);
    files.failure = MemoryFiles.full();
    await lane.add(body('a'));
    await lane.add(body('b'));
    expect(await lane.close()).toBe(2);
  });

  it('while something is done with forgets only how far it was', async () => {
    const files = new MemoryFiles();
    const { lane, drain } = await opened(files);
    for (const name of ['a', 'b', 'c']) await lane.add(body(name));
    const taken = await lane.next(1, 1e6);
    files.failure = MemoryFiles.full();
    await lane.done(taken.length);
    expect(await drain()).toEqual(['b', 'c']);
  });

  it('that cannot be read gives up a segment, and says so', async () => {
    const files = new MemoryFiles();
    await (await opened(files)).lane.add(body('a'));
    const { lane, disk, drain } = await opened(files);
    files.readFailure = new Error('EIO: i/o error');
    expect(await drain()).toEqual([]);
    expect(disk).toEqual(['EIO: i/o error']);
    expect(lane.unreadable).toBe(1);
  });
});

describe('a lane, whatever happens to it', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ do: 'add' as const }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.constantFrom({ do: 'crash' as const }, { do: 'restart' as const }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), fails: fc.boolean() }) },
  );

  it('gives each body once and in order; a crash costs what no disk has taken', async () => {
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const files = new MemoryFiles();
        let now = 0;
        let { lane } = await opened(files, { elapsed: () => now });
        let serial = 0;
        const taken: number[] = [];
        let mayBeLost = false;
        for (const one of steps) {
          now += 20_000;
          if (one.do === 'add') {
            serial += 1;
            await lane.add(body(serial));
            if (files.failure !== undefined) mayBeLost = true;
          } else if (one.do === 'take') {
            const bodies = await lane.next(one.count, 1e6);
            taken.push(...namesOf(bodies));
            // What is not noted as done comes again after a crash.
            if (files.failure !== undefined) mayBeLost = true;
            await lane.done(bodies.length);
          } else if (one.do === 'disk') {
            files.failure = one.fails ? MemoryFiles.full() : undefined;
          } else if (!mayBeLost) {
            if (one.do === 'restart') expect(await lane.close()).toBe(0);
            ({ lane } = await opened(files, { elapsed: () => now }));
          }
        }
        for (;;) {
          const bodies = await lane.next(10, 1e6);
          if (bodies.length === 0) break;
          taken.push(...namesOf(bodies));
          await lane.done(bodies.length);
        }
        expect(taken).toEqual(Array.from({ length: serial }, (_, index) => index + 1));
      }),
      100,
    );
  });
});

describe('the files of a relay', () => {
  it('can be read by their owner alone, and so can their folder', async () => {
    const folder = join(temporaryFolder(), 'relay');
    const files = privateFiles(folder);
    await files.write('a.snapshot', 'x');
    await files.append('s.0000000001.spool', 'x');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('are written whole, appended to, noted with a time, listed and removed', async () => {
    const folder = temporaryFolder();
    const files = privateFiles(folder);
    expect(await files.read('a')).toBeUndefined();
    expect(await files.timeOf('a')).toBeUndefined();
    await files.write('a', 'one');
    await files.write('a', 'two');
    await files.append('a', ' three');
    expect(String(await files.read('a'))).toBe('two three');
    await files.touch('a', 1_700_000_000_000);
    expect(await files.timeOf('a')).toBe(1_700_000_000_000);
    expect(await files.list()).toEqual(['a']);
    await files.remove('a');
    await files.remove('a');
    expect(await files.list()).toEqual([]);
  });

  it('are left as they were by a write that fails', async () => {
    const folder = temporaryFolder();
    const files = privateFiles(folder);
    await files.write('a', 'before');
    // A folder in the place of the file that is written first.
    await expect(files.write('missing/b', 'x')).rejects.toThrow(/ENOENT/);
    writeFileSync(join(folder, 'plain'), '');
    await expect(files.append('plain/c', 'x')).rejects.toThrow(/ENOTDIR/);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('before');
  });
});

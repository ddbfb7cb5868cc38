import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Mark, MarkFile, readMark } from '../../../src/storage/sqlite/mark.js';
import { check } from '../../support/property.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), 'mark');
});

const mark = (commits: number, more: Partial<Mark> = {}): Mark => ({
  id: '0123456789abcdef0123456789abcdef',
  commits,
  version: 1_700_000_000_000 + commits,
  damagedAt: null,
  ...more,
});

function write(...marks: readonly Mark[]): void {
  const file = new MarkFile(path);
  for (const one of marks) file.write(one);
  file.close();
}

describe('a mark', () => {
  it('is what was written last, in a file of two slots that does not grow', () => {
    for (let count = 1; count <= 10; count++) {
      write(mark(count));
      expect(readMark(path)).toEqual(mark(count));
    }
    expect(statSync(path).size).toBe(256);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is none where nothing was written, and looking makes no file', () => {
    expect(readMark(path)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    new MarkFile(path).close();
    expect(readMark(path)).toBeUndefined();
  });

  it.each(['', '\n', 'nonsense', '00000000 [1,"x",1,1,null]\n', '\0'.repeat(256), 'ffffffff \n'])(
    'is none in a file that says %j, which is then written as any other',
    (content) => {
      writeFileSync(path, content);
      expect(readMark(path)).toBeUndefined();
      write(mark(1), mark(2));
      expect(readMark(path)).toEqual(mark(2));
    },
  );

  it('keeps the place where data was found damaged', () => {
    write(mark(5, { damagedAt: 3 }));
    expect(readMark(path)?.damagedAt).toBe(3);
  });

  it('of great numbers has room in its slot', () => {
    const great = mark(0, {
      commits: Number.MAX_SAFE_INTEGER,
      version: 253402300799999,
      damagedAt: Number.MAX_SAFE_INTEGER,
    });
    write(great, great, great);
    expect(readMark(path)).toEqual(great);
    expect(statSync(path).size).toBe(256);
  });

  it('goes on from what was there before: the newest counts after many starts', () => {
    write(mark(1), mark(2), mark(3));
    write(mark(4));
    write(mark(5), mark(6));
    expect(readMark(path)).toEqual(mark(6));
  });
});

describe('a mark that is half written', () => {
  /** The file with some bytes of one slot overwritten, as after a power cut. */
  const torn = (at: number, length: number) => {
    const bytes = readFileSync(path);
    bytes.fill('?', at, Math.min(at + length, bytes.length));
    writeFileSync(path, bytes);
  };

  it('leaves the one before it', () => {
    write(mark(1), mark(2));
    // The second one is in the first slot.
    torn(0, 40);
    expect(readMark(path)).toEqual(mark(1));
    write(mark(3));
    expect(readMark(path)).toEqual(mark(3));
  });

  it('never gives anything but one of the last two, whatever is damaged in one slot', async () => {
    const flips = fc.array(fc.tuple(fc.nat(127), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await check(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.boolean(), flips, (count, isNewest, bytes) => {
        write(...Array.from({ length: count }, (_, index) => mark(index + 1)));
        const content = readFileSync(path);
        const slot = ((count + Number(!isNewest)) % 2) * 128;
        for (const [at, value] of bytes) content[slot + at] = value;
        writeFileSync(path, content);
        const read = readMark(path);
        expect([mark(count), mark(count - 1)]).toContainEqual(read);
        writeFileSync(path, '');
      }),
      60,
    );
  });
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidConfigError } from '../../src/errors.js';
import { filePersistence } from '../../src/node/file-persistence.js';
import { fileDataSource } from '../../src/node/file-source.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fbclient-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('persistence in files', () => {
  it('gives back what was saved, for each environment its own', async () => {
    const persistence = filePersistence({ directory: root });
    await persistence.save('one', 'first');
    await persistence.save('two', 'second');
    await persistence.save('one', 'third');
    await expect(persistence.load('one')).resolves.toBe('third');
    await expect(persistence.load('two')).resolves.toBe('second');
    await expect(persistence.load('three')).resolves.toBeUndefined();
    expect(readdirSync(root).toSorted()).toEqual(['fbclient-one.json', 'fbclient-two.json']);
  });

  it('makes its folder when it is needed, and not before', async () => {
    const directory = join(root, 'a', 'b');
    const persistence = filePersistence({ directory });
    await expect(persistence.load('one')).resolves.toBeUndefined();
    expect(existsSync(directory)).toBe(false);
    await persistence.save('one', 'text');
    await expect(persistence.load('one')).resolves.toBe('text');
  });

  it('is for the process’s own user only', async () => {
    await filePersistence({ directory: root }).save('one', 'text');
    expect(statSync(join(root, 'fbclient-one.json')).mode & 0o777).toBe(0o600);
  });

  it('is whole after many saves at once, and leaves no other files', async () => {
    const persistence = filePersistence({ directory: root });
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
    await Promise.all(texts.map((text) => persistence.save('one', text)));
    expect(texts).toContain(await persistence.load('one'));
    expect(readdirSync(root)).toEqual(['fbclient-one.json']);
  });

  it('rejects where it cannot write, keeps what was, and leaves no other files', async () => {
    const persistence = filePersistence({ directory: join(root, 'file') });
    writeFileSync(join(root, 'file'), 'in the way');
    await expect(persistence.save('one', 'text')).rejects.toThrow();
    await expect(persistence.load('one')).rejects.toThrow();
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('in the way');
    expect(readdirSync(root)).toEqual(['file']);
  });

  it('rejects what it cannot read', async () => {
    mkdirSync(join(root, 'fbclient-one.json'));
    await expect(filePersistence({ directory: root }).load('one')).rejects.toThrow(/EISDIR/);
  });

  it.each([undefined, null, '', ' ', 5])('needs a folder: not %j', (directory) => {
    expect(() => filePersistence({ directory: directory as string })).toThrow(InvalidConfigError);
  });

  it.each([undefined, null, 'folder'])('needs options: not %j', (options) => {
    expect(() => filePersistence(options as never)).toThrow(InvalidConfigError);
  });
});

describe('the options of the file data source', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, ['path']],
    ['null', null, ['path']],
    ['a text', 'flags.json', ['path']],
    ['no path', {}, ['path']],
    ['a blank path', { path: ' ' }, ['path']],
    ['a path that is none', { path: 5 }, ['path']],
    ['an interval of 0', { path: 'x', checkInterval: 0 }, ['checkInterval']],
    ['an interval that is too long', { path: 'x', checkInterval: 2 ** 31 }, ['checkInterval']],
    ['an interval of a text', { path: 'x', checkInterval: 'soon' }, ['checkInterval']],
    ['NaN', { path: 'x', checkInterval: Number.NaN }, ['checkInterval']],
    ['both', { path: '', checkInterval: -1 }, ['path', 'checkInterval']],
  ])('cannot be %s', (_name, options, refused) => {
    try {
      fileDataSource(options as { path: string });
      expect.fail('was taken');
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidConfigError);
      expect((error as InvalidConfigError).problems.map(({ option }) => option)).toEqual(refused);
    }
  });

  it.each([{ path: 'x' }, { path: 'x', checkInterval: 1 }, { path: 'x', checkInterval: 2_147_483_647 }])(
    'can be %j',
    (options) => {
      expect(() => fileDataSource(options)).not.toThrow();
    },
  );
});

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSources } from '../../src/cli/source-files.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A folder with files, each with its own path as its text. */
function folderOf(...paths: readonly string[]): string {
  const folder = temporaryFolder();
  for (const path of paths) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  return folder;
}

const textsIn = (folder: string) => readSources(folder).map(({ text }) => text);

describe('the files that are applied', () => {
  it('are the one that is given, whatever it is called', () => {
    const folder = folderOf('flags.txt');
    const path = join(folder, 'flags.txt');
    expect(readSources(path)).toEqual([{ path, text: 'flags.txt' }]);
  });

  it.each<[paths: string[], read: string[]]>([
    [
      ['b.yaml', 'a.yml', 'c.json'],
      ['a.yml', 'b.yaml', 'c.json'],
    ],
    [
      ['dev/z.yaml', 'dev/a.yaml', 'prod/b.yaml', 'e.yaml'],
      ['dev/a.yaml', 'dev/z.yaml', 'e.yaml', 'prod/b.yaml'],
    ],
    [['a.yaml', 'README.md', 'notes.txt', 'Makefile'], ['a.yaml']],
    [['a.yaml', '.hidden.yaml', '.git/config.json', 'x/.y/b.yaml'], ['a.yaml']],
  ])('of a folder with %j are %j', (paths, read) => {
    expect(textsIn(folderOf(...paths))).toEqual(read);
  });

  it('may be links, as Kubernetes mounts them, but folders that are links are not followed', () => {
    const folder = folderOf('..data/a.yaml', 'sub/b.yaml');
    symlinkSync(join(folder, '..data/a.yaml'), join(folder, 'a.yaml'));
    symlinkSync(folder, join(folder, 'sub/again'));
    expect(textsIn(folder)).toEqual(['..data/a.yaml', 'sub/b.yaml']);
  });

  it.each<[what: string, path: () => string, message: RegExp]>([
    [
      'is not there',
      () => join(folderOf(), 'none.yaml'),
      /none\.yaml cannot be read: give the path of a file or folder$/,
    ],
    ['is an empty folder', () => folderOf(), /^There is no file that ends in \.yaml, \.yml, \.json in /],
    ['is a folder of other files', () => folderOf('README.md'), /^There is no file that ends in/],
  ])('are refused when what is given %s', (_, path, message) => {
    expect(() => readSources(path())).toThrow(message);
  });

  it('are refused when a link leads nowhere', () => {
    const folder = folderOf('a.yaml');
    symlinkSync(join(folder, 'gone'), join(folder, 'b.yaml'));
    expect(() => readSources(folder)).toThrow(/b\.yaml cannot be read/);
  });
});

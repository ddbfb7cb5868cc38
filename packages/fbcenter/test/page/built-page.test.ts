import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { BuiltPage } from '../../src/page/built-page.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let folder: string;
const urlOf = (path: string) => pathToFileURL(`${path}/`);
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const manifest = (files: unknown) => write('manifest.json', JSON.stringify({ files }));
const entry = { type: 'text/javascript', tag: '"t"', isImmutable: true, encodings: ['br', 'gzip'] };

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'assets'));
  write('index.html', 'the page');
  write('assets/app.js', 'plain');
  write('assets/app.js.br', 'in br');
  write('assets/app.js.gz', 'in gzip');
  write('unlisted.txt', 'private');
  manifest({ 'index.html': { ...entry, isImmutable: false, encodings: [] }, 'assets/app.js': entry });
});

describe('a built page', () => {
  it('has each file that is listed, in each of its forms', () => {
    const file = new BuiltPage([urlOf(folder)]).file('assets/app.js');
    expect(file).toMatchObject(entry);
    expect([undefined, 'br', 'gzip'].map((form) => String(file?.read(form as 'br' | undefined)))).toEqual([
      'plain',
      'in br',
      'in gzip',
    ]);
  });

  it.each([
    'unlisted.txt',
    'manifest.json',
    'assets/app.js.br',
    'assets/../index.html',
    './index.html',
    '/index.html',
    'INDEX.HTML',
    'assets',
    '',
    '__proto__',
    'constructor',
    'toString',
  ])('has no file %j', (name) => {
    expect(new BuiltPage([urlOf(folder)]).file(name)).toBeUndefined();
  });

  it('reads a file once, and only when it is asked for', () => {
    const page = new BuiltPage([urlOf(folder)]);
    const file = page.file('assets/app.js');
    write('assets/app.js', 'changed before it was read');
    expect(String(file?.read())).toBe('changed before it was read');
    rmSync(join(folder, 'assets'), { recursive: true });
    expect(String(page.file('assets/app.js')?.read())).toBe('changed before it was read');
    expect(() => file?.read('br')).toThrow(/ENOENT/);
  });

  it('is the first one that is there', () => {
    const empty = temporaryFolder();
    const other = temporaryFolder();
    writeFileSync(join(other, 'manifest.json'), JSON.stringify({ files: { 'other.html': entry } }));
    const page = new BuiltPage([urlOf(empty), urlOf(folder), urlOf(other)]);
    expect(page.file('index.html')).toBeDefined();
    expect(page.file('other.html')).toBeUndefined();
  });

  it.each(['', '{', 'not JSON'])('is none when the list of its files says %j', (text) => {
    write('manifest.json', text);
    expect(new BuiltPage([urlOf(folder)]).file('index.html')).toBeUndefined();
  });

  it('is none in no folder, or in one that is not there', () => {
    expect(new BuiltPage([]).file('index.html')).toBeUndefined();
    expect(new BuiltPage([urlOf(join(folder, 'nowhere'))]).file('index.html')).toBeUndefined();
  });

  it('is looked for once: what is built later needs a restart', () => {
    const later = temporaryFolder();
    const page = new BuiltPage([urlOf(later)]);
    expect(page.file('index.html')).toBeUndefined();
    writeFileSync(join(later, 'manifest.json'), JSON.stringify({ files: { 'index.html': entry } }));
    expect(page.file('index.html')).toBeUndefined();
  });
});

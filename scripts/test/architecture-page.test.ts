import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run.js';

/**
 * ARCHITECTURE.md says in which file something is decided. A reader who looks there must find it: each file that it names
 * exists in that half of the house, and each name right behind a file is in it.
 */
const PAGE = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
const CENTER_FROM = PAGE.indexOf('\n## The flag center');
const HALVES = {
  client: sources('packages/fbclient/src'),
  center: sources('packages/fbcenter/src', 'packages/fbcenter/web'),
};

function sources(...folders: readonly string[]): ReadonlyMap<string, string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name)),
  );
  return new Map(files.map((file) => [`/${file}`, readFileSync(join(ROOT, file), 'utf8')]));
}

interface Named {
  readonly line: number;
  readonly file: string;
  /** The texts of the files that may be meant: their paths end in what the page says. */
  readonly texts: readonly string[];
  /** What the page says is in it. */
  readonly names: readonly string[];
}

function namedFiles(): readonly Named[] {
  return [...PAGE.matchAll(/`([\w/.-]+\.tsx?)`((?:,? `#?\w+`)*)/g)].map(({ index, 1: file = '', 2: names = '' }) => {
    const half = index < CENTER_FROM ? HALVES.client : HALVES.center;
    const texts = [...half].filter(([path]) => path.endsWith(`/${file}`)).map(([, text]) => text);
    const line = PAGE.slice(0, index).split('\n').length;
    return { line, file, texts, names: [...names.matchAll(/`(#?\w+)`/g)].map(([, name = '']) => name) };
  });
}

const NAMED = namedFiles();

describe('ARCHITECTURE.md', () => {
  it('names only files that exist', () => {
    expect(NAMED.length).toBeGreaterThan(100);
    expect(NAMED.filter(({ texts }) => texts.length === 0).map(({ file, line }) => `line ${line}: ${file}`)).toEqual(
      [],
    );
  });

  it('says of a file only what is in it', () => {
    const wanting = NAMED.flatMap(({ line, file, texts, names }) =>
      names
        .filter((name) => !texts.some((text) => new RegExp(`(?<![\\w#])${name}(?!\\w)`).test(text)))
        .map((name) => `line ${line}: ${name} in ${file}`),
    );
    expect(NAMED.flatMap(({ names }) => names).length).toBeGreaterThan(30);
    expect(wanting).toEqual([]);
  });
});

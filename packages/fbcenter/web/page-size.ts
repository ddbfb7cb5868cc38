import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** How large the page may be: bytes after gzip, except for what is said to be decoded. */
const BUDGET = { firstLoad: 60_000, firstLoadDecoded: 250_000, requests: 12, all: 300_000 } as const;

export interface PageSizes {
  /** What a browser loads to show the first page: the document, its scripts, its styles, its icon. */
  readonly firstLoad: number;
  readonly firstLoadDecoded: number;
  /** Of the files alone, without the calls of the API. */
  readonly requests: number;
  /** Every file of the page together. */
  readonly all: number;
}

/** Measures the page in a folder that {@link build.ts} has written. */
export function sizesOf(folder: string): PageSizes {
  const read = (name: string) => readFileSync(join(folder, name));
  const document = read('index.html').toString();
  const linked = [...document.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name = '']) => name);
  const first = ['index.html', ...new Set(linked)].map(read);
  const assets = readdirSync(join(folder, 'assets')).filter((name) => /\.(?:js|css)$/.test(name));
  const whole = [...assets.map((name) => read(`assets/${name}`)), read('index.html'), read('favicon.svg')];
  return {
    firstLoad: sum(first.map(gzipped)),
    firstLoadDecoded: sum(first.map(({ length }) => length)),
    requests: first.length,
    all: sum(whole.map(gzipped)),
  };
}

/** What is larger than it may be, one sentence each. */
export function sizeProblems(sizes: PageSizes): string[] {
  return (Object.keys(BUDGET) as (keyof PageSizes)[])
    .filter((name) => sizes[name] > BUDGET[name])
    .map((name) => `The page is too large: ${name} is ${sizes[name]}, at most ${BUDGET[name]} are allowed.`);
}

function gzipped(content: Buffer): number {
  return gzipSync(content, { level: 9 }).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

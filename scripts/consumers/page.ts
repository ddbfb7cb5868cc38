import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run.js';
import { CONSUMERS, type Consumer } from './consumers.js';

/** The page that shows what is served, relative to the repository. */
export const PAGE = 'docs/runtimes.md';

const BEGIN = '<!-- consumers -->\n';
const END = '<!-- /consumers -->';
const HEAD = '| name | | what was run | to know |\n| --- | --- | --- | --- |\n';

/** Files of applications, path below scripts/consumers/apps, that a page shows as they are. */
const SHOWN_BY = {
  [PAGE]: [
    'next/lib/flags.js',
    'next/app/page.js',
    'next/app/flags-provider.js',
    'next/app/banner.js',
    'next/app/api/flag/route.js',
    'next/guard.js',
    'next-16/proxy.js',
    'next-15/middleware.js',
  ],
  'docs/edge.md': ['edge/flag-stream.js', 'edge/stream-worker.js'],
};

/** Page and file. */
export const SHOWN = Object.entries(SHOWN_BY).flatMap(([page, files]) => files.map((file) => [page, file] as const));

export function shownFile(path: string): string {
  return readFileSync(join(ROOT, 'scripts/consumers/apps', path), 'utf8');
}

export function rowOf({ name, title, packages, scenes, remark = '' }: Consumer): string {
  const versions = Object.entries(packages).filter(([own], index) => index === 0 || /jsdom|sinon/.test(own));
  const version = versions.map(([own, number], index) => (index === 0 ? number : `${own} ${number}`)).join(', ');
  return `| \`${name}\` | ${`${title} ${version}`.trim()} | ${Object.keys(scenes).join('; ')} | ${remark} |`;
}

/** The rows of the page's table, by name. */
export function rowsIn(page: string): ReadonlyMap<string, string> {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END));
  return new Map([...table.matchAll(/^\| `([\w.-]+)` \|.*$/gm)].map(([row, name = '']) => [name, row]));
}

/** The page with the rows of these consumers; the rows of others stay as they are. */
export function pageWith(page: string, served: ReadonlySet<Consumer>): string {
  const known = rowsIn(page);
  const rows = CONSUMERS.map((consumer) => (served.has(consumer) ? rowOf(consumer) : known.get(consumer.name)));
  const table = rows.filter((row) => row !== undefined).join('\n');
  return `${page.slice(0, page.indexOf(BEGIN))}${BEGIN}\n${HEAD}${table}\n\n${page.slice(page.indexOf(END))}`;
}

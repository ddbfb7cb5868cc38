import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where pages are that people read. */
const FOLDERS = [
  '',
  'docs',
  'docs/decisions',
  'docs/operating',
  'examples',
  'packages/fbclient',
  'packages/fbcenter',
  'packages/fbclient-openfeature',
  'packages/fbclient-otel',
  'conformance',
];

/** Every page, by its path from the repository's root. */
export function pages(): ReadonlyMap<string, string> {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file)),
  );
  return new Map(found.map((page) => [page, readFileSync(join(ROOT, page), 'utf8')]));
}

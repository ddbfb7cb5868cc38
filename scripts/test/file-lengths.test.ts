import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run.js';

/** A file that is longer has a second role: that gets a file of its own, where a reader looks for it. */
const BOUNDS = [
  { what: 'packages/fbcenter/src', most: 250 },
  { what: 'packages/fbcenter/web/src', most: 250 },
  { what: 'packages/fbclient/src/client.ts', most: 450 },
] as const;

const isSource = (name: string): boolean => /\.tsx?$/.test(name);

function sources(what: string): readonly string[] {
  if (isSource(what)) return [what];
  return readdirSync(join(ROOT, what), { recursive: true, encoding: 'utf8' })
    .filter(isSource)
    .map((name) => join(what, name));
}

const linesOf = (file: string): number => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length;

describe('the length of files', () => {
  it.each(BOUNDS)('is at most $most lines in $what', ({ what, most }) => {
    const files = sources(what);
    expect(files).not.toEqual([]);
    const lengths = files.map((file) => ({ file, lines: linesOf(file) }));
    expect(lengths.filter(({ lines }) => lines > most)).toEqual([]);
  });
});

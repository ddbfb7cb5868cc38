import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

const lines = read('../../src/sync/SPEC.md').split('\n');
const isRule = (line: string): boolean =>
  line.startsWith('- ') ||
  (line.startsWith('| ') && !/^\| (---|file|phase|event|what went wrong|`[a-z-]+\.ts`)/.test(line));

describe('SPEC.md: the test that each line names is there', () => {
  it.each(lines.filter(isRule))('%s', (line) => {
    const [, file, title] = /\*([a-z-]+): (.+)\*(?: \|)?$/.exec(line) ?? [];
    expect(file, 'the line names no test').toBeDefined();
    expect(read(`./${file}.test.ts`)).toContain(title);
  });

  it('speaks of every phase and every event of the machine', () => {
    const machine = read('../../src/sync/streaming-state.ts');
    const names = [...machine.matchAll(/readonly (?:phase|type): '([a-z]+)'/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(16);
    for (const name of names)
      expect(
        lines.some((line) => line.startsWith(`| \`${name}\` |`)),
        name,
      ).toBe(true);
  });
});

describe('SPEC.md', () => {
  it.each(['Assumed of the server', 'Not covered'])('has a section: %s', (title) => {
    const start = lines.indexOf(`## ${title}`);
    expect(start).toBeGreaterThan(0);
    const section = lines.slice(start + 1);
    const end = section.findIndex((line) => line.startsWith('## '));
    const statements = section.slice(0, end < 0 ? undefined : end).filter((line) => /^(-|\d+\.) /.test(line));
    expect(statements.length).toBeGreaterThan(3);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { surface } from './support/surface.js';

const guide = readFileSync(new URL('../../../docs/fbcenter.md', import.meta.url), 'utf8');
const source = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');

describe('docs/fbcenter.md', () => {
  it('has every call of the HTTP surface, and no other', () => {
    const calls = surface().map(({ method, path }) => `${method} ${path}`);
    const written = [...guide.matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`?]*)`/g)].map(([, call]) => call);
    expect([...written].sort()).toEqual([...calls].sort());
  });

  it.each(['model/fault.ts', 'model/refusal.ts'])('has every code of %s', (file) => {
    const [, union = ''] = /export type \w+Code =([^;]*);/.exec(source(file)) ?? [];
    const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
  });
});

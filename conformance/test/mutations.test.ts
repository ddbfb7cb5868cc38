import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from '../src/mutants/mutations.js';
import { ALL_RULES } from './support/cases.js';

const source = join(dirname(createRequire(import.meta.url).resolve('fbclient/package.json')), 'src');

describe('mutations', () => {
  it.each(MUTATIONS)(
    '$name changes a text that is in fbclient once (else bring src/mutants/mutations.ts up to date)',
    (mutation) => {
      const { file, find, replace } = mutation;
      const found = readFileSync(join(source, file), 'utf8').split(find).length - 1;
      expect({ file, find, found }).toEqual({ file, find, found: 1 });
      expect(replace).not.toBe(find);
    },
  );

  it('break rules that exist, under names of their own', () => {
    const known = new Set(ALL_RULES.map(({ id }) => id));
    expect(MUTATIONS.filter(({ rule }) => !known.has(rule))).toEqual([]);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });
});

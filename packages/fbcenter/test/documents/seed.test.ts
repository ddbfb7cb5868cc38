import { decodeSegment } from 'fbclient/core';
import { describe, expect, it } from 'vitest';
import { readSeed } from '../../src/documents/seed.js';
import { aFlag, aRule } from '../support/documents.js';

const condition = (op: unknown, value?: unknown, property: unknown = 'country') => ({ property, op, value });
const withCondition = (input: Record<string, unknown>) => aFlag({ rules: [aRule(input)] });
const VALUE = 'rules[0].conditions[0].value';

describe('the documents that an environment begins with', () => {
  const asking = (id: string) => ({
    key: 'f',
    ...withCondition(condition(null, JSON.stringify([id]), 'User is in segment')),
  });

  it('are checked as a whole, every fault with its place', async () => {
    const seed = await readSeed(
      { id: 'e' },
      [asking('nope'), asking('gone'), aFlag(), { key: 'f', ...aFlag() }],
      [{ id: 'gone', isArchived: true }, { id: 's', rules: 1 }, { id: 'gone' }],
    );
    expect(seed.ok ? [] : seed.faults.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'wrong-type segments[1].rules',
      'duplicate-id segments[2].id',
      `unknown-segment flags[0].${VALUE}`,
      'duplicate-id flags[1].key',
      'missing flags[2].key',
      'duplicate-id flags[3].key',
    ]);
  });

  it('may use each other', async () => {
    const seed = await readSeed({ id: 'e' }, [asking('s')], [{ id: 's', included: ['u'] }]);
    if (!seed.ok) throw new Error('refused');
    expect(seed.drafts.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['segment s', 'flag f']);
    const [segment] = seed.drafts;
    expect(decodeSegment(JSON.parse(segment?.text(5) ?? ''))).toMatchObject({ ok: true });
  });
});

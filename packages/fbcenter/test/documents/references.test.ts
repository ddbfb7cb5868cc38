import { describe, expect, it } from 'vitest';
import { refuseIfUsed, segmentFaults, segmentsOf } from '../../src/documents/references.js';
import type { StoredDocument } from '../../src/model/document.js';
import { Refusal } from '../../src/model/refusal.js';

const IN = 'User is in segment';
const NOT_IN = 'User is not in segment';
type Condition = readonly [property: string, value: string | null];

const rules = (...conditions: readonly Condition[]) => [
  { conditions: conditions.map(([property, value]) => ({ property, op: null, value })) },
];
/** The parts of a flag that count here; the types are those of whole flags. */
const flagOf = (...conditions: readonly Condition[]) =>
  ({ rules: rules(...conditions) }) as unknown as Parameters<typeof segmentsOf>[0];
const stored = (key: string, ...conditions: readonly Condition[]): StoredDocument => ({
  kind: 'flag',
  key,
  version: 1,
  isArchived: false,
  text: JSON.stringify({ key, rules: rules(...conditions) }),
});

describe('the segments of a flag', () => {
  it.each<[readonly Condition[], string[]]>([
    [[], []],
    [[['country', '["vip"]']], []],
    [[[IN, '["vip"]']], ['vip']],
    [[[NOT_IN, '["vip","beta"]']], ['vip', 'beta']],
    [
      [
        [IN, '["vip"]'],
        [NOT_IN, '["vip"]'],
      ],
      ['vip'],
    ],
    [[[IN, '[]']], []],
    [[[IN, null]], []],
    [[[IN, 'not a list']], []],
    [[[IN, '["\\u0076ip"]']], ['vip']],
    [[[IN, '["__proto__"]']], ['__proto__']],
  ])('with the conditions %j are %j', (conditions, expected) => {
    expect([...segmentsOf(flagOf(...conditions))]).toEqual(expected);
  });
});

describe('references to segments', () => {
  const states: Record<string, 'active' | 'archived'> = { vip: 'active', gone: 'archived' };

  it('are faults, each with its place, unless the segment is there and active', async () => {
    const references = ['vip', 'gone', 'nope', 'gone'].map((value, index) => ({ value, path: `[${index}]` }));
    const faults = await segmentFaults(references, async (id) => (Object.hasOwn(states, id) ? states[id] : undefined));
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'archived-segment [1]',
      'unknown-segment [2]',
      'archived-segment [3]',
    ]);
    for (const { message } of faults) expect(message).toMatch(/"(gone|nope)"/);
  });

  it('are looked up once for each segment', async () => {
    const asked: string[] = [];
    const references = ['a', 'b', 'a', 'a'].map((value) => ({ value, path: '' }));
    await segmentFaults(references, async (id) => {
      asked.push(id);
      return 'active';
    });
    expect(asked).toEqual(['a', 'b']);
  });
});

describe('a segment that is to be archived', () => {
  const messageFor = (...flags: readonly StoredDocument[]): string | undefined => {
    try {
      refuseIfUsed('vip', flags);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.code).toBe('segment-in-use');
      return error.message;
    }
  };

  it('may be, when no flag uses it', () => {
    expect(messageFor()).toBeUndefined();
    expect(messageFor(stored('a'), stored('b', [IN, '["beta"]']), stored('c', ['vip', '["vip"]']))).toBeUndefined();
  });

  it('may not be while flags use it, and up to five of them are named', () => {
    const users = Array.from({ length: 7 }, (_, index) => stored(`f${index}`, [NOT_IN, '["vip"]']));
    expect(messageFor(stored('"odd"', [IN, '["\\u0076ip"]']))).toContain('"\\"odd\\""');
    expect(messageFor(...users.slice(0, 5))).not.toContain('more');
    const message = messageFor(stored('bystander'), ...users);
    expect(message).toContain('"f0", "f1", "f2", "f3", "f4" and 2 more');
    expect(message).not.toContain('bystander');
  });
});

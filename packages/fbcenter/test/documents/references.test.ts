import { segmentsOf } from 'fbclient/core';
import { describe, expect, it, vi } from 'vitest';
import { SegmentUsers, segmentFaults, segmentInUse } from '../../src/documents/references.js';
import type { StoredDocument } from '../../src/model/document.js';

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

  it('may be archived where the flag is archived, too, but must be there', async () => {
    const references = ['vip', 'gone', 'nope'].map((value, index) => ({ value, path: `[${index}]` }));
    const faults = await segmentFaults(references, async (id) => states[id], true);
    expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual(['unknown-segment [2]']);
  });

  it('are a hundred faults at most, of which each repeats little of the text that it is about', async () => {
    let asked = 0;
    const long = 'x'.repeat(10_000);
    const references = Array.from({ length: 100_000 }, (_, index) => ({ value: `${index} ${long}`, path: '' }));
    const faults = await segmentFaults(references, async () => {
      asked += 1;
      return undefined;
    });
    expect([faults.length, asked]).toEqual([100, 100]);
    expect(JSON.stringify(faults).length).toBeLessThan(30_000);
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

describe('the users of a segment', () => {
  it('are the flags whose rules ask for it', () => {
    const flags = [
      stored('a'),
      stored('b', [IN, '["beta"]']),
      stored('c', ['vip', '["vip"]']),
      stored('d', [IN, '["\\u0076ip"]']),
    ];
    const users = new SegmentUsers(['vip', 'beta', 'nobody']);
    expect(users.areThere).toBe(false);
    for (const flag of flags) users.look(flag);
    expect(['vip', 'beta', 'nobody', 'unasked'].map((id) => users.of(id))).toEqual([['d'], ['b'], [], []]);
    expect(users.areThere).toBe(true);
  });

  it('are found by looking at each flag once, however many segments matter', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `s${index}`);
    const users = new SegmentUsers(ids);
    const parse = vi.spyOn(JSON, 'parse');
    users.look(stored('a', [IN, JSON.stringify(ids)]));
    const looks = parse.mock.calls.filter(([text]) => text.includes('"key":"a"')).length;
    parse.mockRestore();
    expect(looks).toBeLessThanOrEqual(1);
    expect(ids.every((id) => users.of(id).join() === 'a')).toBe(true);
  });

  it('are named when the segment is to be archived, up to five of them', () => {
    const users = Array.from({ length: 7 }, (_, index) => `f${index}`);
    expect(segmentInUse(['"odd"']).message).toContain('"\\"odd\\""');
    expect(segmentInUse(users.slice(0, 5)).message).not.toContain('more');
    expect(segmentInUse(users)).toMatchObject({
      code: 'segment-in-use',
      message: expect.stringContaining('"f0", "f1", "f2", "f3", "f4" and 2 more'),
    });
  });
});

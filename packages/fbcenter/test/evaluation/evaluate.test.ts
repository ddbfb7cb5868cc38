import { describe, expect, it } from 'vitest';
import { readFlag } from '../../src/documents/flag.js';
import {
  type Audience,
  evaluateFlags,
  expectedBytes,
  expectedBytesOfAll,
  type FlagFilter,
} from '../../src/evaluation/evaluate.js';
import { CompiledEnvironment } from '../../src/live/compiled-environment.js';
import { aFlag, aRule } from '../support/documents.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';

let version = 0;
function flag(key: string, overrides: Record<string, unknown> = {}) {
  const verdict = readFlag(aFlag(overrides), key);
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults));
  version += 1;
  return aDocument(key, version, { id: key, ...verdict.document });
}

const FLAGS = [
  flag('plain'),
  flag('off', { isEnabled: false, tags: ['web'] }),
  flag('rule', {
    tags: ['web', 'beta'],
    rules: [aRule({ property: 'country', op: 'Equal', value: 'nz' }, 'off')],
  }),
  flag('target', { tags: ['beta'], targetUsers: [{ keyIds: ['ada'], variationId: 'off' }] }),
  flag('archived', { tags: ['web'], isArchived: true }),
  flag('numbers', {
    variationType: 'number',
    variations: [
      { id: 'on', value: '1.50' },
      { id: 'off', value: '0' },
    ],
  }),
];
// What cannot be evaluated is not let in by the judge, but may have been kept by an earlier one.
const BROKEN = aDocument('broken', 99, {
  ...JSON.parse(flag('broken').text),
  fallthrough: {
    dispatchKey: null,
    includedInExpt: false,
    variations: [{ id: 'gone', rollout: [0, 1], exptRollout: 1 }],
  },
});
const compiled = new CompiledEnvironment('e', new FakeChangeLog(...FLAGS, BROKEN));

const SERVER: Audience = { isClient: false, rules: 'names' };

async function evaluate(user: { key: string; [name: string]: unknown }, filter: Partial<FlagFilter> = {}) {
  const results = evaluateFlags(await compiled.current(), user, { tagFilterMode: 'and', ...filter }, SERVER);
  return new Map([...results].map(({ key, variation }) => [key, variation]));
}

describe('a flag evaluated in the center', () => {
  it.each<[string, Record<string, unknown>]>([
    ['plain', { id: 'on', type: 'boolean', value: 'true', matchReason: 'default', sendToExperiment: true }],
    ['off', { id: 'off', type: 'boolean', value: 'false', matchReason: 'flag disabled', sendToExperiment: false }],
    ['rule', { id: 'off', value: 'false', matchReason: '' }],
    ['target', { id: 'off', value: 'false', matchReason: 'targeted' }],
    ['archived', { id: null, type: 'boolean', value: null, matchReason: 'flag archived', sendToExperiment: false }],
    ['broken', { id: null, type: 'boolean', value: null, matchReason: 'Error', sendToExperiment: false }],
    ['numbers', { id: 'on', type: 'number', value: '1.50', matchReason: 'default' }],
  ])('%s has the value, the type and the reason', async (key, expected) => {
    expect((await evaluate({ key: 'ada', country: 'nz' })).get(key)).toMatchObject(expected);
  });

  it('is the same for everybody else unless a rule or a target says otherwise', async () => {
    const results = await evaluate({ key: 'bob' });
    for (const key of ['rule', 'target']) expect(results.get(key)).toMatchObject({ matchReason: 'default' });
  });
});

/** A filter as it is sent. */
interface Names {
  readonly keys?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly tagFilterMode?: FlagFilter['tagFilterMode'];
}

describe('a filter', () => {
  const ALL = ['archived', 'broken', 'numbers', 'off', 'plain', 'rule', 'target'];

  it.each<[Names, readonly string[]]>([
    [{}, ALL],
    [{ keys: undefined, tags: undefined }, ALL],
    [{ tags: [] }, ALL],
    [{ keys: [] }, []],
    [{ keys: ['plain', 'off', 'plain'] }, ['off', 'plain']],
    [{ keys: ['nope', 'toString', '__proto__'] }, []],
    [{ tags: ['web'] }, ['archived', 'off', 'rule']],
    [{ tags: ['web', 'beta'] }, ['rule']],
    [{ tags: ['web', 'beta'], tagFilterMode: 'or' }, ['archived', 'off', 'rule', 'target']],
    [{ tags: ['nope', 'beta'], tagFilterMode: 'or' }, ['rule', 'target']],
    [{ tags: ['nope'] }, []],
    [{ tags: ['Web'] }, []],
    [{ tags: ['beta', 'web', 'beta'] }, ['rule']],
    [{ tags: ['web', 'beta', 'more'] }, []],
    [{ keys: ['off', 'plain'], tags: ['web'] }, ['off']],
  ])('%j lets through %j', async ({ keys, tags, tagFilterMode = 'and' }, through) => {
    const filter = { keys: keys && new Set(keys), tags: tags && new Set(tags), tagFilterMode };
    const evaluated = await evaluate({ key: 'u' }, filter);
    expect([...evaluated.keys()].sort()).toEqual(through);
    const bytes = JSON.stringify([...evaluated.values()]).length;
    const flags = await compiled.current();
    expect(expectedBytesOfAll(flags)).toBe(expectedBytes(flags, { tagFilterMode: 'and' }));
    expect(expectedBytes(flags, filter)).toBeGreaterThanOrEqual(through.length === 0 ? 0 : bytes);
  });

  it('of 200,000 tags is compared with the tags that flags have, not the other way round', async () => {
    let looks = 0;
    class CountedSet extends Set<string> {
      override has(tag: string): boolean {
        looks += 1;
        return super.has(tag);
      }
      override [Symbol.iterator]() {
        looks += this.size;
        return super[Symbol.iterator]();
      }
    }
    const tags = new CountedSet(Array.from({ length: 200_000 }, (_, index) => `tag-${index}`));
    for (const tagFilterMode of ['and', 'or'] as const) {
      expect((await evaluate({ key: 'u' }, { tags, tagFilterMode })).size).toBe(0);
    }
    expect(looks).toBeLessThan(20);
  });
});

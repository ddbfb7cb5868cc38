import { describe, expect, it } from 'vitest';
import { comparison, matches, readSearch, type SearchContext } from '../../src/model/search.js';
import type { FlagSummary } from '../../src/model/summary.js';

const flag = (key: string, more: Partial<FlagSummary> = {}): FlagSummary => ({
  key,
  name: key,
  tags: [],
  variationType: 'boolean',
  isEnabled: true,
  isArchived: false,
  version: 1,
  variations: [{ id: 'on', value: 'true' }],
  serving: [['on', 1]],
  disabledVariationId: 'on',
  rules: 0,
  targets: 0,
  segments: [],
  attributes: [],
  values: [],
  ...more,
});

const flags = [
  flag('new-checkout', {
    name: 'New Checkout',
    tags: ['Release', 'shop'],
    attributes: ['country'],
    values: ['NZ'],
    updatedBy: 'Ada',
  }),
  flag('theme', { description: 'Colours of the shop', variationType: 'string', isEnabled: false, segments: ['staff'] }),
  flag('a:b', { updatedBy: 'Bob' }),
  flag('gone', { isArchived: true, isEnabled: false }),
];

const context: SearchContext = {
  enabledIn: new Map([
    ['prod', new Set(['theme'])],
    ['dev', new Set<string>()],
  ]),
  isStale: ({ key }) => key === 'a:b',
};

const found = (text: string) => {
  const search = readSearch(text);
  return flags.filter((candidate) => matches(search, candidate, context)).map(({ key }) => key);
};

describe('a search', () => {
  it.each([
    ['', ['new-checkout', 'theme', 'a:b']],
    ['checkout NEW', ['new-checkout']],
    ['shop', ['new-checkout', 'theme']],
    ['nz', ['new-checkout']],
    ['"of the shop"', ['theme']],
    ['"shop the"', []],
    ['tag:release', ['new-checkout']],
    ['tag:rel', []],
    ['type:string', ['theme']],
    ['segment:staff', ['theme']],
    ['by:ada', ['new-checkout']],
    ['is:off', ['theme']],
    ['on:prod', ['theme']],
    ['off:prod', ['new-checkout', 'a:b']],
    ['on:nowhere', []],
    ['off:nowhere', []],
    ['stale', ['a:b']],
    ['is:stale', ['a:b']],
    ['archived', ['gone']],
    ['is:archived', ['gone']],
    ['gone', []],
    ['a:b', ['a:b']],
    ['tag:', ['new-checkout', 'theme', 'a:b']],
  ])('for %j finds %j', (text, keys) => {
    expect(found(text)).toEqual(keys);
  });

  it.each([
    ['on:prod OFF:Eu-West on:', ['prod', 'eu-west']],
    ['is:on tag:on', []],
  ])('names the environments that %j asks about', (text, environments) => {
    expect(readSearch(text).environments).toEqual(environments);
  });

  it('says what is no filter', () => {
    expect(readSearch('owner:ada tag:x is:odd').unknown).toEqual(['owner:ada', 'is:odd']);
  });
});

describe('the order', () => {
  const list = [flag('b', { version: 5 }), flag('a', { version: 9 }), flag('c', { version: 9 })];
  const used = new Map([
    ['c', 3],
    ['b', 7],
  ]);
  it.each([
    ['key', ['a', 'b', 'c']],
    ['changed', ['a', 'c', 'b']],
    ['used', ['b', 'c', 'a']],
  ] as const)('by %s is %j', (sort, keys) => {
    expect(list.toSorted(comparison(sort, (key) => used.get(key) ?? 0)).map(({ key }) => key)).toEqual(keys);
  });
});

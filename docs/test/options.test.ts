import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FBClient } from 'fbclient';
import { describe, expect, it } from 'vitest';
import { optionsPage, readOptions } from './options-page.js';
import { ROOT } from './pages.js';

const options = readOptions(readFileSync(join(ROOT, 'packages/fbclient/src/options.ts'), 'utf8'));

/** The groups of options, each by the first one in it. */
const TITLES = {
  envSecret: 'Where to',
  startWait: 'Waiting',
  offline: 'Without a server, and what is served then',
  dataSyncMode: 'How data arrives',
  streamingConnectTimeout: 'Streaming',
  refusedRetryDelay: 'A secret that is refused',
  eventsMaxInQueue: 'Events',
  persistence: 'Data that is kept, rules, logging',
  proxy: 'The way out: proxy and TLS',
};

describe('docs/options.md', () => {
  it('is made from the doc comments of the options', async () => {
    await expect(optionsPage(options, TITLES)).toMatchFileSnapshot('../options.md');
  });

  it('has something to say of each option', () => {
    expect(options.length).toBeGreaterThan(30);
    expect(options.filter(({ text }) => text === '')).toEqual([]);
  });

  it.each(options.filter(({ coded }) => coded !== undefined).map((option) => [option.name, option] as const))(
    'tells the default of %s that the code has',
    (_, { standard, coded }) => {
      expect(standard).toBe(coded);
    },
  );

  const faultOf = (name: string, value: unknown) =>
    FBClient.create({ offline: true, [name]: value }).error?.problems.map(({ option }) => option) ?? [];

  it.each(options.filter(({ allowed }) => allowed.startsWith('ms')))('tells the range of $name', ({ name }) => {
    const outcomes = [0, -1, Number.NaN, 2_147_483_648, '5', 0.5, 2_147_483_647].map((value) => faultOf(name, value));
    expect(outcomes).toEqual([[name], [name], [name], [name], [name], [], []]);
  });

  it.each(options.filter(({ allowed }) => allowed.startsWith('whole')))(
    'tells the least $name',
    ({ name, allowed }) => {
      const least = Number(/\d+/.exec(allowed)?.[0]);
      const outcomes = [least - 1, least + 0.5, least, least + 1].map((value) => faultOf(name, value));
      expect(outcomes).toEqual([[name], [name], [], []]);
    },
  );
});

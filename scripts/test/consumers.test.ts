import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONSUMERS } from '../consumers/consumers.js';
import { PAGE, pageWith, rowOf, rowsIn, SHOWN, shownFile } from '../consumers/page.js';
import { NODE_VERSIONS, nodeVersions } from '../node-versions.js';
import { ROOT } from '../run.js';

const page = readFileSync(join(ROOT, PAGE), 'utf8');

describe('the page of runtimes', () => {
  // A row is written when its consumer was well served: after a change run `npm run check:consumers -- NAME`.
  it('has the row of every consumer as it was run, and no other', () => {
    expect([...rowsIn(page).values()]).toEqual(CONSUMERS.map(rowOf));
  });

  it('names the versions of Node.js that are tested', () => {
    expect(NODE_VERSIONS.filter((version) => !page.includes(version))).toEqual([]);
  });

  it.each(SHOWN)('%s shows %s as it is run', (shownBy, path) => {
    expect(readFileSync(join(ROOT, shownBy), 'utf8')).toContain(`\`\`\`jsx\n${shownFile(path)}\`\`\``);
  });

  it('gets the rows of those that were run, and keeps the others', () => {
    const [first, second, ...others] = CONSUMERS;
    if (first === undefined || second === undefined) throw new Error('no consumers');
    const before = pageWith(page, new Set(CONSUMERS)).replace(rowOf(second), `| \`${second.name}\` | old |`);
    expect([...rowsIn(pageWith(before, new Set([first]))).values()]).toEqual([
      rowOf(first),
      `| \`${second.name}\` | old |`,
      ...others.map(rowOf),
    ]);
  });
});

describe('the consumers', () => {
  it('have names of their own, and exact versions', () => {
    expect(new Set(CONSUMERS.map(({ name }) => name)).size).toBe(CONSUMERS.length);
    const versions = CONSUMERS.flatMap(({ packages }) => Object.values(packages));
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

describe('the versions of Node.js', () => {
  it.each([
    ['nothing', [], NODE_VERSIONS],
    ['a line', ['24'], ['24.21.0']],
    ['a minor line', ['24.21'], ['24.21.0']],
    ['a version', ['20.19.0'], ['20.19.0']],
    ['several', ['26', '22'], ['26.10.0', '22.23.3']],
  ])('can be chosen by %s', (_name, wanted, expected) => {
    expect(nodeVersions(wanted)).toEqual(expected);
  });

  it.each(['2', '21', 'x', '24.2'])('are not %s', (text) => {
    expect(() => nodeVersions([text])).toThrow(`Node.js ${text} is not one of 20.19.0, `);
  });
});

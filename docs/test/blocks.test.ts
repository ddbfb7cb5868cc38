import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Block, blocksOf, moduleOf } from './blocks.js';
import { pages, ROOT } from './pages.js';
import { takeBack } from './world.js';

const GENERATED = join(ROOT, 'docs/test/generated');

const blocks = [...pages()].flatMap(([page, markdown]) => blocksOf(page, markdown));
rmSync(GENERATED, { recursive: true, force: true });
mkdirSync(GENERATED);
for (const block of blocks) writeFileSync(fileOf(block), moduleOf(block));

function fileOf({ page, line }: Block): string {
  return join(GENERATED, `${page.replaceAll('/', '__')}@${line}.ts`);
}

beforeAll(() => {
  for (const method of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation(() => undefined);
  }
});
afterEach(takeBack);

describe('TypeScript in our pages', () => {
  it('is type-checked as an application would be', { timeout: 180_000 }, () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', 'docs/test/tsconfig.blocks.json'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    // Of the blocks only: what is wrong in the packages is told by `npm run types`.
    const faults = stdout.matchAll(/^\S*generated\/(.+)@\d+\.ts\((\d+),\d+\): (.*(?:\n {2}.*)*)/gm);
    expect([...faults].map(([, page, line, fault]) => `${page?.replaceAll('__', '/')}:${line}: ${fault}`)).toEqual([]);
  });

  it.each(blocks.filter(({ runs }) => runs).map((block) => [`${block.page}:${block.line}`, block] as const))(
    '%s runs and does what it says',
    async (_, block) => {
      await import(fileOf(block));
    },
  );
});

describe('the rules for blocks', () => {
  const page = (fence: string, code = 'run();') => `text\n\n${fence}\n${code}\n\`\`\`\n`;
  const only = (markdown: string): Block => {
    const [block] = blocksOf('page.md', markdown);
    if (block === undefined) throw new Error('no block');
    return block;
  };

  it('are those of the fence', () => {
    expect(only(page('```ts'))).toEqual({ page: 'page.md', line: 3, runs: true, hidden: '', code: 'run();\n' });
    expect(only(page('```ts no-run')).runs).toBe(false);
    expect(blocksOf('page.md', page('```sh'))).toEqual([]);
    expect(() => blocksOf('page.md', page('```ts norun'))).toThrow(
      'page.md:3: after ts there can be no-run, not norun',
    );
    expect(() => blocksOf('page.md', page('```js'))).toThrow('page.md:3: fence it as ts, not as js');
  });

  it('put each line where it is in the page, behind what is hidden', () => {
    const module = moduleOf(only(`<!-- ts\nconst a = 1;\nconst b = 2;\n-->\n${page('```ts').slice(6)}`)).split('\n');
    expect(module[4]).toContain('const a = 1; const b = 2;');
    expect(module[5]).toBe('run();');
  });

  it.each([
    ['what it uses', "client.variation('a', user, 1);", '{ client, user }'],
    ['not what it declares', 'const client = make(user);', '{ user }'],
    ['not what is only a word', "const b = { 'a-user': 1, user: 2, x: options.client };", undefined],
    ['the places that stand for others', "open('ws://127.0.0.1:5100', '/var/lib/shop/a');", '{ $url, $folder }'],
  ])('give a block %s', (_, code, given) => {
    const [, names] = /const (\{.*?\}) = await/.exec(moduleOf(only(page('```ts', code)))) ?? [];
    expect(names).toBe(given);
  });

  it.each([
    ['f(1); // → 2', '$check(f(1), 2);'],
    ['const a: number = f(1); // → 2', 'const a: number = f(1); $check(a, 2);'],
    ['await f(); // → { a: 1 }', '$check(await f(), { a: 1 });'],
  ])('hold %s to its result', (code, checked) => {
    expect(moduleOf(only(page('```ts', code)))).toContain(`\n${checked}\n`);
  });

  it('refuse a result that cannot be checked', () => {
    expect(() => moduleOf(only(page('```ts', 'if (a) { // → 2')))).toThrow('page.md:4: "// →" goes behind');
  });
});

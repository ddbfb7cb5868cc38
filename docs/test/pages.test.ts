import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FBClient } from 'fbclient';
import { describe, expect, it } from 'vitest';
import { pages, ROOT } from './pages.js';

const all = pages();

describe('links between pages', () => {
  /** As GitHub makes them of headings. */
  function anchorsOf(markdown: string): readonly string[] {
    return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  }

  it.each([...all])('lead somewhere: %s', (page, markdown) => {
    const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
    const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return [target];
      const heads = anchor === undefined ? [] : anchorsOf(all.get(file) ?? readFileSync(join(ROOT, file), 'utf8'));
      return anchor === undefined || heads.includes(anchor) ? [] : [target];
    });
    expect(broken).toEqual([]);
  });

  it('lead to every guide', () => {
    const index = all.get('docs/README.md') ?? '';
    const guides = [...all.keys()].filter((page) => dirname(page) === 'docs' && page !== 'docs/README.md');
    expect(guides.filter((guide) => !index.includes(`(${guide.slice('docs/'.length)})`))).toEqual([]);
  });
});

describe('what the pages say of the code', () => {
  const source = join(ROOT, 'packages/fbclient/src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const code = files.map((file) => readFileSync(join(source, file), 'utf8')).join('\n');
  const table = (page: string, column: RegExp): readonly string[] => {
    const rows = [...(all.get(page) ?? '').matchAll(/^\| (`.+?) \|/gm)].map(([, first = '']) => first);
    return rows.flatMap((first) => [...first.matchAll(column)].map(([, name = '']) => name));
  };

  it('docs/observability.md has every code that is logged', () => {
    const logged = [...code.matchAll(/write\(\s*'(?:debug|info|warn|error)',\s*'([\w-]+)'/g)].map(([, name]) => name);
    const unionOf = (file: string, start: RegExp) => {
      const [, union = ''] = start.exec(readFileSync(join(source, file), 'utf8')) ?? [];
      return [...union.matchAll(/'([\w-]+)'/g)].map(([, name]) => name);
    };
    const synchronization = unionOf('errors.ts', /readonly code:([\s\S]*?);/);
    expect(synchronization.length).toBeGreaterThan(5);
    const targeting = unionOf('flags/warnings.ts', /type WarningKind =([\s\S]*?);/);
    expect(targeting.length).toBe(5);
    const written = table('docs/observability.md', /`([a-z]+(?:-[a-z]+)+|rejected|interrupted|silent|connected)`/g);
    expect([...written].sort()).toEqual([...new Set([...logged, ...synchronization, ...targeting])].sort());
  });

  it('docs/events.md and docs/observability.md have every counter', async () => {
    // A client that would send events, and has none: nothing is connected.
    const client = new FBClient({
      dataSource: { start: () => undefined, close: () => undefined },
      envSecret: 'secret',
      eventUrl: 'http://127.0.0.1:9',
    });
    const { events, ...others } = client.diagnostics();
    await client.close();
    const { dropped = {}, ...counters } = events ?? {};
    const written = table('docs/events.md', /`([\w.]+)`/g);
    const expected = [...Object.keys(counters), ...Object.keys(dropped).map((reason) => `dropped.${reason}`)];
    expect(expected.length).toBeGreaterThan(10);
    expect(expected.filter((name) => !written.includes(name))).toEqual([]);
    const state = table('docs/observability.md', /`(\w+)`/g);
    expect(Object.keys(others).filter((name) => !state.includes(name))).toEqual([]);
  });

  describe('docs/reliability.md names tests that are there', () => {
    const page = all.get('docs/reliability.md') ?? '';
    const roots = ['packages/fbclient/test', 'packages/fbclient/test/promises', 'packages/fbcenter/test', '.'];
    const read = (file: string): string | undefined => {
      const found = roots.map((root) => join(ROOT, root, file)).find((path) => existsSync(path));
      return found === undefined ? undefined : readFileSync(found, 'utf8');
    };
    const section = /^## What was seen in the field$([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
    const rows = section.split('\n').filter((line) => /^\| (?!---|seen|\*\*)/.test(line));
    const named = (row: string) => [...row.matchAll(/\*([\w/-]+): (.+?)\*(?= |$)/g)];

    it('for everything that was seen', () => {
      expect(rows.length).toBeGreaterThan(20);
      expect(rows.filter((row) => named(row).length === 0)).toEqual([]);
    });

    it.each(rows.flatMap((row) => named(row).map(([, file = '', title = '']) => [file, title])))(
      '%s: %s',
      (file, title) => {
        expect(read(`${file}.test.ts`)).toContain(title);
      },
    );

    it.each([...new Set([...page.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file))])('%s', (file) => {
      expect(read(file)).toBeDefined();
    });
  });

  it('examples are under 60 lines, and in the index', () => {
    const folder = join(ROOT, 'examples');
    const examples = readdirSync(folder).filter(
      (file) => statSync(join(folder, file)).isFile() && file.endsWith('.ts'),
    );
    const index = all.get('examples/README.md') ?? '';
    expect(examples.filter((file) => !index.includes(`(${file})`))).toEqual([]);
    expect(examples.filter((file) => readFileSync(join(folder, file), 'utf8').split('\n').length > 60)).toEqual([]);
  });
});

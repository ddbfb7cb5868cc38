import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../run.js';

/**
 * The import rules are Biome configuration. Configuration that no longer matches anything is silent, so each rule is
 * shown here a file that breaks it. All files are linted in one run, in a copy of the configuration.
 */
const ROOMS = ['platform', 'protocol', 'flags', 'evaluation', 'events', 'sync', 'tracker', 'files'] as const;
type Room = (typeof ROOMS)[number];

/** What the table of ARCHITECTURE.md lets each room import: rooms, and files beside them. */
const SEES: Readonly<Record<Room, ReadonlySet<string>>> = tableOf(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'));
/** The files beside the rooms that any room may import. */
const LEAVES = ['errors.ts', 'version.ts'] as const;
const PURE = ['protocol', 'flags', 'evaluation'] as const;

function tableOf(page: string): Record<Room, ReadonlySet<string>> {
  const table: Partial<Record<string, ReadonlySet<string>>> = {};
  for (const [, room = '', list = ''] of page.matchAll(/^\| `(\w+)\/` \|.*\| ([^|]+) \|$/gm)) {
    table[room] = new Set(list === 'nothing of ours' ? [] : list.split(', '));
  }
  return Object.fromEntries(ROOMS.map((room) => [room, table[room] ?? new Set()])) as Record<Room, ReadonlySet<string>>;
}

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly source: string;
  readonly refused: boolean;
}

const cases: Case[] = [];
function add(refused: boolean, folder: string, name: string, source: string): void {
  cases.push({ name: `${folder}: ${name}`, folder, source, refused });
}
const inRoom = (room: Room): string => `packages/fbclient/src/${room}`;
const typeFrom = (specifier: string): string => `export type { T } from '${specifier}';`;
const valueFrom = (specifier: string): string => `import { v } from '${specifier}';\nexport const w = v;`;

for (const room of ROOMS) {
  for (const other of ROOMS) {
    if (other !== room) add(!SEES[room].has(other), inRoom(room), `types of ${other}/`, typeFrom(`../${other}/x.js`));
  }
  for (const leaf of LEAVES) {
    add(!SEES[room].has(leaf), inRoom(room), leaf, valueFrom(`../${leaf.replace('.ts', '.js')}`));
  }
  add(false, inRoom(room), 'its own files', valueFrom('./x.js'));
  add(true, inRoom(room), 'the client', typeFrom('../client.js'));
  add(true, inRoom(room), 'the public entry', typeFrom('../index.js'));
  add(true, inRoom(room), 'the options', typeFrom('../options.js'));
  add(true, inRoom(room), 'the core entry', typeFrom('../core.js'));
  add(true, inRoom(room), 'the package by its own name', typeFrom('fbclient'));
  add(true, inRoom(room), 'a path that leaves by a detour', valueFrom('./../client.js'));
  add(true, inRoom(room), 'a path that leaves through a folder', valueFrom('./deep/../../client.js'));
}
for (const room of PURE) {
  const folder = inRoom(room);
  add(true, folder, 'a Node module', valueFrom('node:fs'));
  add(true, folder, 'a Node module by its old name', valueFrom('fs'));
  add(true, folder, 'the WebSocket package', valueFrom('ws'));
  add(room !== 'flags', folder, 'the regex engine', valueFrom('re2js'));
  add(true, folder, 'a value of platform/', valueFrom('../platform/clock.js'));
  add(true, folder, 'a value of platform/, exported on', "export { v } from '../platform/clock.js';");
  add(true, folder, 'everything of platform/', "export * from '../platform/clock.js';");
  add(true, folder, 'a detour through platform/', valueFrom('../platform/../client.js'));
  add(true, folder, 'a dynamic import', "export const later = import('../client.js');");
  add(true, folder, 'an import type', "export type T = import('../client.js').T;");
  add(true, folder, 'require', "export const old = require('../client.js');");
  for (const call of ['setTimeout(f, 1)', 'setInterval(f, 1)', 'setImmediate(f)', 'queueMicrotask(f)', "fetch('')"]) {
    add(true, folder, call, `const f = () => 1;\nexport const started = ${call};`);
  }
  for (const value of [
    'Date.now()',
    'new Date()',
    'Math.random()',
    'process.env',
    'performance.now()',
    'globalThis.x',
  ]) {
    add(true, folder, value, `export const v = ${value};`);
  }
  add(false, folder, 'a given date', "export const v = new Date(5).getTime() + Date.parse('');");
}
for (const room of ['events', 'sync', 'tracker', 'files'] as const) {
  add(true, inRoom(room), 'a network module of Node', valueFrom('node:http'));
  add(true, inRoom(room), 'the WebSocket package', valueFrom('ws'));
  add(room !== 'files', inRoom(room), 'the file system', valueFrom('node:fs/promises'));
}
{
  const folder = 'packages/fbcenter/src/experiments/statistics';
  add(false, folder, 'its own files', valueFrom('./x.js'));
  add(true, folder, 'types of the center', typeFrom('../../center.js'));
  add(true, folder, 'a path that leaves by a detour', valueFrom('./../store.js'));
  add(true, folder, 'a Node module', valueFrom('node:fs'));
  add(true, folder, 'Math.random()', 'export const v = Math.random();');
  add(true, folder, 'Date.now()', 'export const v = Date.now();');
}
add(false, inRoom('platform'), 'Node and the network packages', `${valueFrom('node:http')}\nexport { s } from 'ws';`);
add(
  false,
  'packages/fbclient/src',
  'the client sees every room',
  ROOMS.map((r) => `export { ${r} } from './${r}/x.js';`).join('\n'),
);
for (const folder of ['packages/fbcenter/src', 'demo/src', 'examples', 'conformance/src']) {
  add(true, folder, 'the inside of fbclient by path', valueFrom('../../fbclient/src/flags/flag.js'));
  add(true, folder, 'the inside of fbclient by name', valueFrom('fbclient/src/flags/flag.js'));
  add(true, folder, "another package's build", valueFrom('fbclient/dist/esm/flags/flag.js'));
  add(true, folder, 'the packages folder', valueFrom('../packages/fbclient/test/x.js'));
  add(false, folder, 'the public entries', `${valueFrom('fbclient')}\nexport { c } from 'fbclient/core';`);
}

describe('import directions', () => {
  let folder = '';
  const refusals = new Map<string, string[]>();
  const fileOf = (index: number): string => `${cases[index]?.folder}/case-${index}.ts`;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fbclient-import-direction-'));
    cpSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
    cpSync(join(ROOT, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true });
    for (const [index, { source }] of cases.entries()) {
      const file = join(folder, fileOf(index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${source}\n`);
    }
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const rules = ['style/noRestrictedImports', 'style/noRestrictedGlobals', 'plugin'].map((rule) => `--only=${rule}`);
    const args = [biome, 'lint', ...rules, '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=rdjson'];
    let report: string;
    try {
      report = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      // Refused imports make Biome exit with 1; its report is on stdout all the same.
      report = String((error as { stdout?: unknown }).stdout);
    }
    const { diagnostics } = JSON.parse(report) as {
      diagnostics: { message: string; location: { path: string } }[];
    };
    // A plugin that Biome cannot run only leaves a note.
    expect(diagnostics.filter(({ message }) => message.includes('errored'))).toEqual([]);
    for (const { message, location } of diagnostics) {
      refusals.set(location.path, [...(refusals.get(location.path) ?? []), message]);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { name, refused }] of cases.entries()) {
    it(`${refused ? 'refuses' : 'allows'} ${name}`, () => {
      const messages = refusals.get(fileOf(index)) ?? [];
      expect(messages.length > 0, messages.join('\n')).toBe(refused);
    });
  }
});

describe('the table of ARCHITECTURE.md', () => {
  it.each(ROOMS)('has for %s/ what it imports, and no more', (room) => {
    const folder = join(ROOT, inRoom(room));
    const imported = new Set<string>();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
      const source = readFileSync(join(folder, file), 'utf8');
      for (const [, path = ''] of source.matchAll(/ from '\.\.\/([^']+)';$/gm)) {
        imported.add(path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace('.js', '.ts'));
      }
    }
    expect([...imported].toSorted()).toEqual([...SEES[room]].toSorted());
  });
});

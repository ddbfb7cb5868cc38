import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFile, type Room, RULES_FILE, roomsOf, rulesText } from '../lint/import-rules.js';
import { ROOT } from '../run.js';

/**
 * The import rules are Biome configuration, made from the tables of ARCHITECTURE.md. Configuration that no longer matches
 * anything is silent, so each rule is shown here a file that breaks it. All files are linted in one run, in a copy of the
 * configuration.
 */
const PAGE = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
const ALL = roomsOf(PAGE);
const ROOMS = ALL.filter(({ path }) => !isFile(path));

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
const inRoom = ({ folder, path }: Room): string => `${folder}/${path}`;
const typeFrom = (specifier: string): string => `export type { T } from '${specifier}';`;
const valueFrom = (specifier: string): string => `import { v } from '${specifier}';\nexport const w = v;`;

/** How a file in a room would import a room or file of its folder. */
function specifier(room: Room, other: string): string {
  const path = posix.relative(room.path, isFile(other) ? other.replace(/\.ts$/, '.js') : `${other}/x.js`);
  return path.startsWith('.') ? path : `./${path}`;
}

for (const room of ROOMS) {
  const folder = inRoom(room);
  const up = '../'.repeat(room.path.split('/').length);
  const siblings = ROOMS.filter((other) => other.folder === room.folder && other !== room);
  for (const { path } of siblings) {
    // A room within this one is part of its own files.
    const allowed = room.rooms.includes(path) || path.startsWith(`${room.path}/`);
    add(!allowed, folder, `types of ${path}/`, typeFrom(specifier(room, path)));
  }
  const leaves = new Set([...ALL.flatMap(({ rooms }) => rooms).filter(isFile), 'errors.ts', 'version.ts']);
  for (const leaf of leaves) add(!room.rooms.includes(leaf), folder, leaf, valueFrom(specifier(room, leaf)));
  add(false, folder, 'its own files', valueFrom('./x.js'));
  add(true, folder, 'a file beside the rooms', typeFrom(`${up}client.js`));
  add(true, folder, 'the public entry', typeFrom(`${up}index.js`));
  add(true, folder, 'the package by its own name', typeFrom(room.folder.split('/')[1] ?? ''));
  add(true, folder, 'a path that leaves by a detour', valueFrom(`./${up}client.js`));
  add(true, folder, 'a path that leaves through a folder', valueFrom(`./deep/../${up}client.js`));
  const hasHttp = ['node:*', 'node:http'].some((name) => room.packages.includes(name));
  add(!hasHttp, folder, 'a Node module', valueFrom('node:http'));
  add(!room.packages.includes('ws'), folder, 'the WebSocket package', valueFrom('ws'));
  add(!room.packages.includes('re2js'), folder, 'the regex engine', valueFrom('re2js'));
  add(true, folder, 'a package that no table names', valueFrom('lodash'));
}
for (const room of ROOMS.filter(({ pure }) => pure)) {
  const folder = inRoom(room);
  const up = '../'.repeat(room.path.split('/').length);
  add(true, folder, 'a Node module by its old name', valueFrom('fs'));
  add(true, folder, 'a value, exported on', `export { v } from '${up}client.js';`);
  add(true, folder, 'everything of a file', `export * from '${up}client.js';`);
  add(true, folder, 'a detour through another room', valueFrom(`${up}other/${up}client.js`));
  add(true, folder, 'a dynamic import', `export const later = import('${up}client.js');`);
  add(true, folder, 'an import type', `export type T = import('${up}client.js').T;`);
  add(true, folder, 'require', `export const old = require('${up}client.js');`);
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
for (const folder of new Set(ROOMS.map((room) => room.folder))) {
  const rooms = ROOMS.filter((room) => room.folder === folder);
  const source = rooms.map(({ path }, index) => `export { v${index} } from './${path}/x.js';`).join('\n');
  add(false, folder, 'a file beside the rooms sees every room', source);
}
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
      report = execFileSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: 'pipe',
        maxBuffer: 64 * 1024 * 1024,
      });
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
    // Biome reads the whole copy, on a machine that may be busy.
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { name, refused }] of cases.entries()) {
    it(`${refused ? 'refuses' : 'allows'} ${name}`, () => {
      const messages = refusals.get(fileOf(index)) ?? [];
      expect(messages.length > 0, messages.join('\n')).toBe(refused);
    });
  }
});

describe('the tables of ARCHITECTURE.md', () => {
  it('are what the lint configuration is made from: npm run lint:rules', () => {
    expect(readFileSync(join(ROOT, RULES_FILE), 'utf8')).toBe(rulesText(PAGE));
  });

  it.each([...new Set(ROOMS.map((room) => room.folder))])('have a row for each room of %s', (folder) => {
    const folders = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const listed = ROOMS.filter((room) => room.folder === folder).map(({ path }) => path);
    // A folder that only holds rooms needs no row of its own.
    const isListed = (name: string) => listed.some((path) => path === name || path.startsWith(`${name}/`));
    expect(folders.map(({ name }) => name).filter((name) => !isListed(name))).toEqual([]);
  });

  it.each(ALL.map((room) => [inRoom(room), room] as const))('have for %s what it imports, and no more', (_, room) => {
    const imported = new Set<string>();
    for (const file of filesOf(room)) {
      const source = readFileSync(join(ROOT, room.folder, file), 'utf8');
      for (const [, path = ''] of source.matchAll(/ from '(\.[^']+)';$/gm)) {
        const target = posix.join(posix.dirname(file), path.replace(/\.js$/, '.ts'));
        const name = roomOf(target, room.folder) ?? target;
        if (name !== room.path && !name.startsWith(`${room.path}/`)) imported.add(name);
      }
    }
    expect([...imported].toSorted()).toEqual([...room.rooms].toSorted());
  });
});

/** The files of a room, without those of rooms within it. */
function filesOf(room: Room): readonly string[] {
  if (isFile(room.path)) return [room.path];
  return readdirSync(join(ROOT, inRoom(room)), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(room.path, name))
    .filter((file) => roomOf(file, room.folder) === room.path);
}

function roomOf(file: string, folder: string): string | undefined {
  const holders = ROOMS.filter((room) => room.folder === folder && file.startsWith(`${room.path}/`));
  return holders.toSorted((a, b) => b.path.length - a.path.length)[0]?.path;
}

/**
 * `npm run lint:rules` writes `import-rules.json`, the part of Biome's configuration that says who may import whom, from
 * the tables of ARCHITECTURE.md. The tables are the only place where the rules are written down.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../run.js';

/** A row of a table: a room, or a file beside the rooms. */
export interface Room {
  /** The folder whose rooms the table lists, such as `packages/fbclient/src`. */
  readonly folder: string;
  /** Its path within the folder: `sync`, `storage/sqlite`, or `client.ts`. */
  readonly path: string;
  /** A pure room does no I/O and reads neither clock nor randomness. */
  readonly pure: boolean;
  /** Rooms and files of the same folder that it may import. */
  readonly rooms: readonly string[];
  /** Packages and Node's modules that it may import, as Biome's patterns. */
  readonly packages: readonly string[];
}

export const RULES_FILE = 'scripts/lint/import-rules.json';

const NOTHING = '–';
const PURE_GLOBALS: Readonly<Record<string, string>> = {
  ...denied('A pure room has no timers.', ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']),
  ...denied('A pure room does no I/O: what it needs is a parameter.', [
    'fetch',
    'WebSocket',
    'console',
    'process',
    'performance',
    'crypto',
    'Buffer',
    'require',
    'globalThis',
  ]),
};

/**
 * Reads the tables: each has the columns *folder*, role, may import, packages, where the first heading is the folder and a
 * role that begins with "pure" makes a pure room.
 */
export function roomsOf(page: string): readonly Room[] {
  const rooms: Room[] = [];
  let folder: string | undefined;
  for (const line of page.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
      : [];
    const [first = '', role = '', imports = '', packages = ''] = cells;
    if (cells.length === 0) folder = undefined;
    else if (role === 'role') folder = first.replaceAll('`', '');
    else if (folder !== undefined && first.startsWith('`')) {
      const path = first.replaceAll('`', '').replace(/\/$/, '');
      rooms.push({ folder, path, pure: role.startsWith('pure'), rooms: listOf(imports), packages: listOf(packages) });
    }
  }
  return rooms;
}

/** The Biome configuration that holds the rooms to their tables. */
export function importRules(rooms: readonly Room[]): object {
  const pure = rooms.filter((room) => room.pure);
  return {
    overrides: [
      // A room within a room comes after it: the last override that matches decides.
      ...[...rooms].sort((a, b) => depthOf(a) - depthOf(b)).map((room) => overrideOf(room, rooms)),
      {
        includes: pure.map(filesOf),
        plugins: ['./scripts/lint/no-ambient-time.grit'],
        linter: {
          rules: { style: { noRestrictedGlobals: { level: 'error', options: { deniedGlobals: PURE_GLOBALS } } } },
        },
      },
    ],
  };
}

function overrideOf(room: Room, all: readonly Room[]): object {
  const here = isFile(room.path) ? posix.dirname(room.path) : room.path;
  const ups = Array.from({ length: here === '.' ? 0 : here.split('/').length }, (_, index) => '../'.repeat(index + 1));
  const group = [
    '**',
    ...(isFile(room.path) ? [] : ['!./**']),
    ...room.rooms.map((other) => `!${patternOf(here, other, hasRooms(room.folder, other, all))}`),
    ...room.packages.map((name) => `!${name}`),
    // Paths that leave by a detour.
    './**/../**',
    ...ups.map((up) => `${up}*/**/../**`),
  ];
  const named = [...room.rooms.map((other) => (isFile(other) ? other : `${other}/`)), ...room.packages];
  const own = isFile(room.path) ? [] : ['its own files'];
  const subject = isFile(room.path) ? room.path : `${room.path}/`;
  const message = `${subject} may import ${[...named, ...own].join(', ')} (ARCHITECTURE.md).`;
  const patterns = [{ group, message }];
  return {
    includes: [filesOf(room)],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } },
  };
}

/** What an import of another room looks like from a folder. */
function patternOf(here: string, other: string, holdsRooms: boolean): string {
  const relative = posix.relative(here, isFile(other) ? other.replace(/\.ts$/, '.js') : other);
  const path = relative.startsWith('.') ? relative : `./${relative}`;
  if (isFile(other)) return path;
  // A room with rooms within it: its own files only, or those rooms would be let in as well.
  return holdsRooms ? `${path}/*.js` : `${path}/**`;
}

function hasRooms(folder: string, path: string, all: readonly Room[]): boolean {
  return all.some((room) => room.folder === folder && room.path.startsWith(`${path}/`));
}

function filesOf({ folder, path }: Room): string {
  return isFile(path) ? `${folder}/${path}` : `${folder}/${path}/**`;
}

function depthOf({ path }: Room): number {
  return path.split('/').length;
}

export function isFile(path: string): boolean {
  return path.endsWith('.ts');
}

function listOf(cell: string): readonly string[] {
  return cell === NOTHING ? [] : cell.split(', ').map((item) => item.replaceAll('`', ''));
}

function denied(message: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, message]));
}

/** The text of the rules file that belongs to a page. */
export function rulesText(page: string): string {
  return `${JSON.stringify(importRules(roomsOf(page)), null, 2)}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(ROOT, RULES_FILE), rulesText(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')));
  console.log(`${RULES_FILE} is as the tables of ARCHITECTURE.md have it`);
}

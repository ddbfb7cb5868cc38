import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun } from './run.js';

/** The versions that everything is tested on: the oldest that is supported, and the newest of each line. */
export const NODE_VERSIONS = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'] as const;

/** The pinned versions that a user means: `24` is 24.21.0, nothing is all of them. */
export function nodeVersions(wanted: readonly string[]): readonly string[] {
  if (wanted.length === 0) return NODE_VERSIONS;
  return wanted.map((text) => {
    const version = NODE_VERSIONS.find((known) => known === text || known.startsWith(`${text}.`));
    if (version === undefined) throw new Error(`Node.js ${text} is not one of ${NODE_VERSIONS.join(', ')}`);
    return version;
  });
}

/** Where downloads are kept, outside the repository and from run to run. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fbclient-checks');

/** A Node.js of this version, from the npm registry; downloaded the first time. @returns the path of its program. */
export function nodeOf(version: string): string {
  const folder = join(CACHE, `node-${version}`);
  // The packages that hold the programs; the package `node` only chooses between them, in an install script.
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    mustRun('npm', ['install', '--no-audit', '--no-fund', `${name}@${version}`], { folder });
  }
  return program;
}

/** The environment in which `node` and what npm runs is this program. */
export function environmentOf(program: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(program)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.js';

/** The parts of a package.json that the scripts read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A workspace that is published, with its folder as an absolute path. */
export interface PublicPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

export function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The workspaces that are not private, in the order of the root package.json, which is that of their dependencies. */
export function publicPackages(): PublicPackage[] {
  return (manifestIn(ROOT).workspaces ?? [])
    .map((workspace) => join(ROOT, workspace))
    .map((folder) => ({ folder, manifest: manifestIn(folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Build, sdkOf } from './fbclient-build.js';
import type { Sdk } from './sdk.js';

/** As the earlier build is called in the tables. */
export const BEFORE = 'fbclient before';

/** The file of a build that is loaded. @param folder the folder of the package `fbclient` in another checkout. */
export function entryOf(folder: string): string {
  return join(resolve(folder), 'dist/esm/index.js');
}

/** An earlier build. It is a module of its own beside ours, with its own copy of everything that it keeps. */
export function loadBuild(folder: string): Promise<Build> {
  return import(pathToFileURL(entryOf(folder)).href) as Promise<Build>;
}

/** An earlier build as one more SDK. */
export async function beforeSdk(folder: string): Promise<Sdk> {
  const module = new URL('./before-module.js', import.meta.url);
  module.searchParams.set('folder', resolve(folder));
  return sdkOf(BEFORE, module.href, await loadBuild(folder));
}

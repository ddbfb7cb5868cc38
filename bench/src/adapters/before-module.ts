/** `before-module.js?folder=FOLDER`: the earlier build of a folder, for processes of their own, which know a module only. */
import { beforeSdk } from './before.js';
import type { Sdk } from './sdk.js';

export const sdk: Sdk = await beforeSdk(new URL(import.meta.url).searchParams.get('folder') ?? '');

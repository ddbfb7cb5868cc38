/** `observed-module.js?name=NAME`: one of those, for processes of their own, which know a module only. */
import { OBSERVED } from './observed.js';
import type { Sdk } from './sdk.js';

const name = new URL(import.meta.url).searchParams.get('name');
export const sdk: Sdk | undefined = OBSERVED.find((one) => one.name === name);

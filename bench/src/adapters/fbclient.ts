import { FBClient } from 'fbclient';
import { sdkOf } from './fbclient-build.js';
import type { Sdk } from './sdk.js';

/** Our own. */
export const sdk: Sdk = sdkOf('fbclient', import.meta.url, { FBClient });

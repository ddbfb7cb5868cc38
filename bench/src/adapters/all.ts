import { sdk as fbclientSdk } from './fbclient.js';
import { sdk as featbitSdk } from './featbit.js';
import { sdk as flagdSdk } from './flagd.js';
import { sdk as growthbookSdk } from './growthbook.js';
import { sdk as launchdarklySdk } from './launchdarkly.js';
import type { Sdk } from './sdk.js';
import { sdk as unleashSdk } from './unleash.js';

/** All SDKs; ours first, then FeatBit's own, then the others by name. */
export const SDKS: readonly Sdk[] = [fbclientSdk, featbitSdk, growthbookSdk, launchdarklySdk, flagdSdk, unleashSdk];

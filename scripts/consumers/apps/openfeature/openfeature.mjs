import { createRequire } from 'node:module';
import * as openFeature from '@openfeature/server-sdk';
import * as fbclient from 'fbclient';
import * as provider from 'fbclient-openfeature';
import { scene } from './scene-openfeature.cjs';

const oneCopy = createRequire(import.meta.url)('fbclient-openfeature').FBProvider === provider.FBProvider;
console.log(JSON.stringify({ ...(await scene(openFeature, fbclient, provider)), oneCopy }));

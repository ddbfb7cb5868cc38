import { createRequire } from 'node:module';
import * as fbclient from 'fbclient';
import * as entry from 'fbclient/redis';
import { kept } from './kept.cjs';

const oneCopy = createRequire(import.meta.url)('fbclient/redis').redisPersistence === entry.redisPersistence;
console.log(JSON.stringify({ ...(await kept(fbclient, entry)), oneCopy }));

import { createRequire } from 'node:module';
import * as fbclient from 'fbclient';
import * as otel from 'fbclient-otel';
import { run } from './sdk-3.cjs';

const oneCopy = createRequire(import.meta.url)('fbclient-otel').evaluationEvents === otel.evaluationEvents;
console.log(JSON.stringify({ ...(await run(fbclient, otel)), oneCopy }));

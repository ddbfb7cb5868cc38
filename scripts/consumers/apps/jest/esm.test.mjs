import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { FBClient } from 'fbclient';
import { expected, scene } from './scene.cjs';

test('the scene', async () => {
  expect(await scene(FBClient)).toEqual(expected);
});

test('one copy', () => {
  expect(createRequire(import.meta.url)('fbclient').FBClient === FBClient).toBe(process.env.ONE_COPY === 'true');
});

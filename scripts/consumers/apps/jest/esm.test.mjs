import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { FBClient } from 'fbclient';
import { expected, scene } from './scene.cjs';

test('the scene', async () => {
  expect(await scene(FBClient)).toEqual(expected);
});

test('one copy, where Jest can require an ES module', () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const canRequire = major > 24 || (major === 24 && minor >= 9);
  expect(createRequire(import.meta.url)('fbclient').FBClient === FBClient).toBe(canRequire);
});

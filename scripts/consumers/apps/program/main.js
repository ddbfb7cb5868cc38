import { FBClient } from 'fbclient';
import library from './library.cjs';
import { scene } from './scene.cjs';

// No top-level await: some of the bundles are CommonJS.
scene(FBClient).then((result) => {
  console.log(JSON.stringify({ ...result, oneCopy: library.FBClient === FBClient }));
});

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

// V8 writes what it does not know to standard error, and goes on.
it('how far the heap may grow is a setting that this Node.js knows', () => {
  const file = new URL('../../src/cli/small-heap.ts', import.meta.url).href;
  const script = `const { keepHeapSmall } = await import(${JSON.stringify(file)}); keepHeapSmall(); console.log('done');`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('done\n');
  expect(stderr).not.toMatch(/flag|heap-growing/);
});

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');

/** What docs/edge.md says, in bytes. */
const MEASURED = [
  {
    bundle: 'fbclient/edge',
    code: "export { EdgeClient } from './edge.js';",
    minified: 129_700,
    gzip: 43_200,
  },
  {
    bundle: 'fbclient/edge with patterns',
    code: "export { EdgeClient } from './edge.js'; export { compilePattern } from './core.js';",
    minified: 296_600,
    gzip: 95_400,
  },
  {
    bundle: 'fbclient/redis',
    code: "export { redisPersistence } from './redis.js';",
    minified: 1_410,
    gzip: 800,
  },
] as const;

async function sizesOf(code: string): Promise<{ readonly minified: number; readonly gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: SOURCE },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

describe('the size of a bundle', () => {
  // More is a decision: look at what has come in, then write the new size here and in docs/edge.md.
  it.each(MEASURED)('with $bundle is what the page says, or not a tenth more', async ({ code, minified, gzip }) => {
    const size = await sizesOf(code);
    expect(size.minified).toBeLessThan(minified * 1.1);
    expect(size.gzip).toBeLessThan(gzip * 1.1);
    // Much less is news for the page.
    expect(size.minified).toBeGreaterThan(minified * 0.8);
  });
});

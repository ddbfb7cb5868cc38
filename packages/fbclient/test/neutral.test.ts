import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');

/** Bundles one file for no runtime in particular. @returns the files that it needs, and what is left to be imported. */
async function bundle(entry: string): Promise<{ readonly files: string[]; readonly imports: string[] }> {
  const { metafile } = await build({
    entryPoints: [join(SOURCE, entry)],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    // Not an error here: what is imported is for the test to judge.
    external: ['node:*', 'ws', 'undici', 'undici/*', 'https-proxy-agent', 'proxy-from-env'],
    absWorkingDir: SOURCE,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { files: Object.keys(metafile.inputs), imports };
}

describe('what runs in every runtime', () => {
  it.each(['client.ts', 'core.ts', 'testing.ts', 'edge.ts', 'redis.ts'])(
    '%s needs no Node.js module and no package for Node.js',
    async (entry) => {
      const { files, imports } = await bundle(entry);
      expect(imports).toEqual([]);
      expect(files.filter((file) => file.startsWith('node/'))).toEqual([]);
    },
  );

  it('client.ts needs no engine for patterns: it comes in from outside', async () => {
    const { files } = await bundle('client.ts');
    expect(files.filter((file) => file.includes('re2js'))).toEqual([]);
  });

  it('edge.ts needs none either', async () => {
    const { files } = await bundle('edge.ts');
    expect(files.filter((file) => file.includes('re2js'))).toEqual([]);
  });

  it('the client on Node.js does', async () => {
    const { imports } = await bundle('node-client.ts');
    expect(imports).toContain('ws');
    expect(imports.some((path) => path.startsWith('node:'))).toBe(true);
  });
});

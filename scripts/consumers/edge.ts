import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumers.js';
import type { Stage } from './stage.js';

const node = process.execPath;

/** Bundles for a runtime's condition. Nothing of Node.js, and none of the packages for it, may be in it or be asked for. */
async function bundle(stage: Stage, entry: string, condition: string, options: readonly string[]): Promise<void> {
  const file = `out/${entry}`;
  const common = ['--bundle', '--minify', `--conditions=${condition}`, '--metafile=out/meta.json', `--outfile=${file}`];
  await stage.tool('esbuild', [entry, ...common, ...options]);
  const meta = readFileSync(join(stage.folder, 'out/meta.json'), 'utf8');
  const found = /node_modules\/(?:ws|undici|re2js|proxy-from-env)\/|"path": "node:/.exec(meta);
  if (found !== null) throw new Error(`the bundle has ${found[0]}`);
}

/** The main entry needs Node.js: an edge bundle that imports it must fail when it is built, and say what to import. */
async function refusesMainEntry(stage: Stage, condition: string): Promise<void> {
  const args = ['for-node.js', '--bundle', `--conditions=${condition}`, '--outfile=out/for-node.js'];
  const outcome = await stage.tool('esbuild', args).then(
    () => 'it is bundled',
    (error: Error) => error.message,
  );
  if (!/fbclient\/dist\/esm\/edge\.js" for import "FBClient"/.test(outcome)) throw new Error(outcome);
}

export const EDGE: readonly Consumer[] = [
  {
    name: 'workerd',
    title: 'Cloudflare Workers, miniflare',
    packages: { miniflare: '4.20260426.0', esbuild: '0.28.2' },
    apps: ['edge'],
    scenes: {
      'a client in the scope of the module': async (stage) => {
        await bundle(stage, 'worker.js', 'workerd', ['--format=esm', '--external:cloudflare:workers']);
        await stage.play(node, ['workerd.js'], true);
      },
      'the main entry is refused when it is bundled': (stage) => refusesMainEntry(stage, 'workerd'),
    },
    remark: '[`fbclient/edge`](edge.md)',
  },
  {
    name: 'edge-light',
    title: "Vercel's edge runtime",
    packages: { 'edge-runtime': '4.0.1', esbuild: '0.28.2' },
    apps: ['edge'],
    scenes: {
      'a client in the scope of the module': async (stage) => {
        await bundle(stage, 'middleware.js', 'edge-light', ['--format=iife']);
        await stage.play(node, ['edge-light.js'], true);
      },
      'the main entry is refused when it is bundled': (stage) => refusesMainEntry(stage, 'edge-light'),
    },
    remark: '[`fbclient/edge`](edge.md)',
  },
];

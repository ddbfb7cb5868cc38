import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from './backend.js';
import type { Consumer } from './consumers.js';
import { eventually, type Stage } from './stage.js';

const node = process.execPath;

/** What of esbuild's metafile is read here. */
interface Meta {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
        readonly imports: readonly { readonly path: string }[];
      }
    >
  >;
}

const NOT_AT_THE_EDGE = /node_modules\/(?:ws|undici|re2js|proxy-from-env)\/|^node:/;

/** Bundles for a runtime's condition. Nothing of Node.js, and none of the packages for it, may be in it or be asked for. */
async function bundle(stage: Stage, entry: string, condition: string, options: readonly string[]): Promise<void> {
  const file = `out/${entry}`;
  const common = ['--bundle', '--minify', `--conditions=${condition}`, '--metafile=out/meta.json', `--outfile=${file}`];
  await stage.tool('esbuild', [entry, ...common, ...options]);
  const { outputs }: Meta = JSON.parse(readFileSync(join(stage.folder, 'out/meta.json'), 'utf8'));
  for (const { inputs, imports } of Object.values(outputs)) {
    const within = Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
    const found = [...within, ...imports.map(({ path }) => path)].find((path) => NOT_AT_THE_EDGE.test(path));
    if (found !== undefined) throw new Error(`the bundle has ${found}`);
  }
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

/** Requests are served from one stream, which brings pushes, and is opened again when it was cut. */
async function streams(stage: Stage): Promise<void> {
  await stage.withBackend(async (backend) => {
    await stage.withServer(node, ['stream.js'], backend.variables, async (url) => {
      const expectValue = async (value: string): Promise<void> => {
        const answer = await (await fetch(url)).text();
        if (answer !== JSON.stringify({ value })) throw new Error(`expected ${value}, got ${answer}`);
      };
      await Promise.all(Array.from({ length: 5 }, () => expectValue('off')));
      await backend.push();
      await eventually(() => expectValue('on'));
      expectStreams(backend, 1);
      backend.cut();
      await expectValue('on');
      await backend.push();
      await eventually(() => expectValue('off'));
      expectStreams(backend, 2);
      await eventually(() => {
        const { evaluations, rejected } = backend.counts;
        if (evaluations < 8 || rejected > 0) throw new Error(`counted: ${JSON.stringify(backend.counts)}`);
      });
    });
  });
}

function expectStreams({ streams: { opened } }: Backend, expected: number): void {
  if (opened !== expected) throw new Error(`expected ${expected} streams to the flag center, there were ${opened}`);
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
      'a Durable Object that streams': async (stage) => {
        await bundle(stage, 'stream-worker.js', 'workerd', ['--format=esm', '--external:cloudflare:workers']);
        await streams(stage);
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

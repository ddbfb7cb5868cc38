import type { Consumer } from './consumers.js';
import type { Stage } from './stage.js';

const node = process.execPath;

/** Bundles run where nothing is installed beside them, so that nothing is loaded past them. */
async function playAlone(stage: Stage, file: string, oneCopy = true): Promise<void> {
  await stage.run('mv', ['node_modules', 'put-aside']);
  try {
    await stage.play(node, [file], oneCopy);
  } finally {
    await stage.run('mv', ['put-aside', 'node_modules']);
  }
}

/** Some tools leave `require` in ES modules, for modules of Node.js. */
const REQUIRE_BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const BANNER_REMARK =
  "as an ES module the bundle needs a banner that makes `require`: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`";

export const BUNDLERS: readonly Consumer[] = [
  {
    name: 'esbuild',
    title: 'esbuild',
    packages: { esbuild: '0.28.2' },
    apps: ['program'],
    scenes: {
      'ES module': async (stage) => {
        const options = ['--bundle', '--platform=node', '--format=esm', `--banner:js=${REQUIRE_BANNER}`];
        await stage.tool('esbuild', ['main.js', ...options, '--outfile=out.mjs']);
        await playAlone(stage, 'out.mjs');
      },
      CommonJS: async (stage) => {
        await stage.tool('esbuild', ['main.js', '--bundle', '--platform=node', '--format=cjs', '--outfile=out.cjs']);
        await playAlone(stage, 'out.cjs');
      },
    },
    remark: BANNER_REMARK,
  },
  {
    name: 'rollup',
    title: 'Rollup',
    packages: {
      rollup: '4.68.8',
      '@rollup/plugin-node-resolve': '16.0.3',
      '@rollup/plugin-commonjs': '29.0.3',
      '@rollup/plugin-json': '6.1.0',
    },
    apps: ['program', 'rollup'],
    scenes: {
      'ES module': async (stage) => {
        await stage.tool('rollup', ['--config', 'rollup.config.js', '--file', 'out.mjs', '--format', 'es']);
        await playAlone(stage, 'out.mjs');
      },
      CommonJS: async (stage) => {
        await stage.tool('rollup', ['--config', 'rollup.config.js', '--file', 'out.cjs', '--format', 'cjs']);
        await playAlone(stage, 'out.cjs');
      },
    },
    remark:
      "for Node.js 20 `commonjs({ ignore: ['node:sqlite'] })`: it is in a part of undici that is never reached, and Node.js 20 has no such module",
  },
  {
    name: 'rolldown',
    title: 'Rolldown',
    packages: { rolldown: '1.3.2' },
    apps: ['program'],
    scenes: {
      'ES module': async (stage) => {
        await stage.tool('rolldown', ['main.js', '--platform', 'node', '--format', 'esm', '--file', 'out.mjs']);
        await playAlone(stage, 'out.mjs');
      },
      CommonJS: async (stage) => {
        await stage.tool('rolldown', ['main.js', '--platform', 'node', '--format', 'cjs', '--file', 'out.cjs']);
        await playAlone(stage, 'out.cjs');
      },
    },
  },
  {
    name: 'webpack',
    title: 'webpack',
    packages: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
    apps: ['program', 'webpack'],
    scenes: {
      'ES module': async (stage) => {
        await stage.tool('webpack', ['--env', 'esm']);
        await playAlone(stage, 'dist/main.mjs');
      },
      CommonJS: async (stage) => {
        await stage.tool('webpack', []);
        await playAlone(stage, 'dist/main.cjs');
      },
    },
  },
  {
    name: 'rspack',
    title: 'Rspack',
    packages: { '@rspack/core': '2.3.3', '@rspack/cli': '2.2.8' },
    apps: ['program', 'rspack'],
    scenes: {
      'ES module': async (stage) => {
        await stage.tool('rspack', ['build', '--env', 'esm']);
        await playAlone(stage, 'dist/main.mjs');
      },
      CommonJS: async (stage) => {
        await stage.tool('rspack', ['build']);
        await playAlone(stage, 'dist/main.cjs');
      },
    },
  },
  {
    name: 'vite',
    title: 'Vite, for the server',
    packages: { vite: '8.3.8' },
    apps: ['program', 'vite'],
    scenes: {
      external: async (stage) => {
        await stage.tool('vite', ['build', '--ssr', 'main.js']);
        await stage.play(node, ['dist/main.js'], true);
      },
      bundled: async (stage) => {
        await stage.tool('vite', ['build', '--ssr', 'main.js', '--mode', 'bundled']);
        await playAlone(stage, 'dist/main.js');
      },
      // Both copies of the module have the client that the first one has made.
      'dev with hot reload': (stage) => stage.play(node, ['reload.js'], true),
    },
  },
  {
    name: 'ncc',
    title: 'ncc',
    packages: { '@vercel/ncc': '0.45.0' },
    apps: ['program'],
    scenes: {
      'ES module': async (stage) => {
        await stage.tool('ncc', ['build', 'main.js', '--out', 'out']);
        await playAlone(stage, 'out/index.js', false);
      },
    },
    remark:
      'a program that uses both `import` and `require` for fbclient gets two copies: ncc knows no condition by which a package could say that they are one',
  },
  {
    name: 'tsup',
    title: 'tsup',
    packages: { tsup: '8.5.1', typescript: '5.9.3' },
    apps: ['program', 'tsup'],
    scenes: {
      external: async (stage) => {
        await stage.tool('tsup', []);
        await stage.play(node, ['dist/main.js'], true);
        await stage.play(node, ['dist/main.cjs'], true);
      },
      bundled: async (stage) => {
        await stage.tool('tsup', [], { BUNDLE_ALL: 'true' });
        await playAlone(stage, 'dist/main.js');
        await playAlone(stage, 'dist/main.cjs');
      },
    },
    remark: BANNER_REMARK,
  },
];

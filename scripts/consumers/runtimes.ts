import type { Consumer } from './consumers.js';

/** What is read of the environment: by ws and undici, and the proxy variables. */
const DENO_VARIABLES = [
  'WS_NO_BUFFER_UTIL',
  'JEST_WORKER_ID',
  'UNDICI_NO_WASM_SIMD',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
];

export const RUNTIMES: readonly Consumer[] = [
  {
    name: 'bun',
    title: 'Bun',
    packages: { bun: '1.4.5' },
    apps: ['program'],
    scenes: {
      'import and require': (stage) => stage.play(stage.bin('bun'), ['main.js'], true),
      'a first answer that takes 33 s': (stage) => stage.play(stage.bin('bun'), ['main.js'], true, { slow: true }),
      bundled: async (stage) => {
        await stage.tool('bun', ['build', 'main.js', '--target=bun', '--outfile=out.js']);
        await stage.play(stage.bin('bun'), ['out.js'], true);
      },
    },
  },
  {
    name: 'deno',
    title: 'Deno',
    packages: { deno: '2.9.6' },
    apps: ['program'],
    scenes: {
      'import and require': (stage) =>
        stage.play(
          stage.bin('deno'),
          [
            'run',
            '--no-prompt',
            '--allow-net=127.0.0.1',
            `--allow-env=${[...DENO_VARIABLES, 'FB_*'].join()}`,
            'main.js',
          ],
          true,
        ),
    },
    remark: `permissions: \`--allow-net\` to the flag server, and \`--allow-env=${DENO_VARIABLES.join()}\` (without the proxy variables with the option \`proxy\`)`,
  },
];

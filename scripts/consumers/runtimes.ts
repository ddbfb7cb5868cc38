import type { Consumer } from './consumers.js';

export const RUNTIMES: readonly Consumer[] = [
  {
    name: 'bun',
    title: 'Bun',
    packages: { bun: '1.4.5' },
    apps: ['program'],
    scenes: {
      'import and require': (stage) => stage.play(stage.bin('bun'), ['main.js'], true),
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
          ['run', '--no-prompt', '--allow-net', '--allow-env', '--allow-read', 'main.js'],
          true,
        ),
    },
  },
];

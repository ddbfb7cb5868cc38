import type { Consumer } from './consumers.js';

/** How a module is found, with what else that setting needs. */
const RESOLUTIONS = {
  node10: ['--module', 'commonjs', '--moduleResolution', 'node10'],
  node16: ['--module', 'node16', '--moduleResolution', 'node16'],
  nodenext: ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
} as const;

const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--types', 'node'];
/** Nobody's declarations are taken on trust: ours, and those of our peers where ours name them. */
const ALL_CHECKED = ['--skipLibCheck', 'false'];

const PEERS = {
  '@openfeature/server-sdk': '1.23.0',
  '@openfeature/core': '1.12.0',
  '@opentelemetry/api': '1.10.0',
};

function typescript(
  version: string,
  resolutions: readonly (keyof typeof RESOLUTIONS)[],
  more: readonly string[] = [],
): Consumer {
  const check = (resolution: keyof typeof RESOLUTIONS): Consumer['scenes'][string] => {
    const options = [...STRICT, ...ALL_CHECKED, ...RESOLUTIONS[resolution], ...(resolution === 'node10' ? more : [])];
    return async (stage) => {
      await stage.tool('tsc', [...options, 'main.ts', 'stack.ts']);
    };
  };
  return {
    name: `typescript-${version.slice(0, version.lastIndexOf('.'))}`,
    title: 'TypeScript',
    packages: { typescript: version, '@types/node': '20.19.43', ...PEERS },
    ours: ['fbclient-openfeature', 'fbclient-otel'],
    apps: ['typescript'],
    scenes: Object.fromEntries(resolutions.map((resolution) => [resolution, check(resolution)])),
  };
}

const ALL = ['node10', 'node16', 'nodenext', 'bundler'] as const;

export const COMPILERS: readonly Consumer[] = [
  ...['5.4.5', '5.5.4', '5.6.3', '5.7.3', '5.8.3', '5.9.3'].map((version) => typescript(version, ALL)),
  typescript('6.0.3', ALL, ['--ignoreDeprecations', '6.0']),
  // Version 7 has dropped node10.
  typescript('7.0.2', ['node16', 'nodenext', 'bundler']),
];

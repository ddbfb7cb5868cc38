import type { Consumer } from './consumers.js';

/** Version 20 of Node.js has no other way into ES modules for Jest. */
const ES_MODULES = { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' };

export const TEST_RUNNERS: readonly Consumer[] = [
  {
    name: 'jest',
    title: 'Jest',
    packages: { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' },
    apps: ['program', 'jest'],
    scenes: {
      CommonJS: (stage) => stage.test(stage.bin('jest'), ['--selectProjects', 'node']),
      jsdom: async (stage) => {
        await stage.test(stage.bin('jest'), ['--selectProjects', 'jsdom']);
        await stage.tool('jest', ['--selectProjects', 'jsdom-default']);
      },
      'fake timers': (stage) => stage.test(stage.bin('jest'), ['--selectProjects', 'timers']),
      'ES modules': (stage) => stage.test(stage.bin('jest'), ['--selectProjects', 'esm'], ES_MODULES),
    },
    remark:
      "in `jsdom` offline clients and `fbclient/testing` work as they are; a client that connects needs `testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] }`. Before Node.js 24.9 a test file that imports and requires fbclient gets two copies",
  },
  {
    name: 'vitest',
    title: 'Vitest',
    packages: { vitest: '4.1.12' },
    apps: ['program', 'vitest'],
    scenes: { 'ES modules, fake timers': (stage) => stage.test(stage.bin('vitest'), ['run']) },
  },
  {
    name: 'mocha',
    title: 'Mocha',
    packages: { mocha: '12.0.3', sinon: '22.1.0' },
    apps: ['program', 'mocha'],
    scenes: { "ES modules, Sinon's fake timers": (stage) => stage.test(stage.bin('mocha'), ['scene.test.js']) },
  },
  {
    name: 'node-test',
    title: 'node:test',
    packages: {},
    apps: ['program', 'node-test'],
    scenes: { 'ES modules, mock timers': (stage) => stage.test(process.execPath, ['--test', 'scene.test.js']) },
  },
];

import { configDefaults, defineConfig } from 'vitest/config';

// Tests read the packages' sources through this condition, so that no build is needed before a test.
const conditions = ['fbclient-source', 'node', 'import', 'module', 'default'];

const FILES = [
  'packages/*/test/**/*.test.ts',
  'packages/fbcenter/web/test/unit/**/*.test.ts',
  'scripts/test/**/*.test.ts',
  'soak/test/**/*.test.ts',
  'conformance/test/**/*.test.ts',
  'demo/test/**/*.test.ts',
  'docs/test/**/*.test.ts',
  'examples/test/**/*.test.ts',
  'interop/test/quick/**/*.test.ts',
];

/** Those that replace modules or evaluate them anew: each gets a process of its own. */
const ISOLATED = [
  'examples/test/examples.test.ts',
  'packages/fbcenter/test/documents/patterns-tried.test.ts',
  'packages/fbcenter/test/storage/sync.test.ts',
  'packages/fbclient-otel/test/sdk-3.test.ts',
  'packages/fbclient/test/client/compiling.test.ts',
  'packages/fbclient/test/client/without-encoders.test.ts',
  'packages/fbclient/test/flags/md5.test.ts',
  'scripts/test/property.test.ts',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 20_000,
    // One for each processor: by default one is left idle, which of two is half of them.
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
      {
        extends: true,
        test: {
          // To evaluate the same modules anew for each of 500 files takes longer than most of their tests.
          name: 'shared',
          isolate: false,
          include: FILES,
          exclude: [...configDefaults.exclude, ...ISOLATED],
          setupFiles: ['scripts/test-support/shared-modules.ts'],
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

// Tests read the packages' sources through this condition, so that no build is needed before a test.
const conditions = ['fbclient-source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'packages/fbcenter/web/test/unit/**/*.test.ts',
      'scripts/test/**/*.test.ts',
      'soak/test/**/*.test.ts',
      'conformance/test/**/*.test.ts',
      'demo/test/**/*.test.ts',
      'docs/test/**/*.test.ts',
      'examples/test/**/*.test.ts',
      'interop/test/quick/**/*.test.ts',
    ],
    testTimeout: 20_000,
    // One for each processor: by default one is left idle, which of two is half of them.
    maxWorkers: '100%',
  },
});

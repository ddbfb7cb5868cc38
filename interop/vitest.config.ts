import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['fbclient-source', 'node', 'import', 'module', 'default'];

/** The clients of others, outside of the quick tests: they need a browser. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../node_modules/.vite-interop', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});

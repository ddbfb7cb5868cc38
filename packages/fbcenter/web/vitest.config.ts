import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { DemandReporter } from './test/support/demand-reporter.js';
import { LongestFirst } from './test/support/longest-first.js';
import { RetriedReporter } from './test/support/retried-reporter.js';

const conditions = ['fbclient-source', 'node', 'import', 'module', 'default'];
const FIGURES = 'test/browser/figures.test.ts';

/** The tests in a browser. The unit tests of the page run with all others. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../../node_modules/.vite-web', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Nothing that holds takes long: the limits are for machines that are ten times slower.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // For what a browser does by itself on a crowded machine: a tab that is not drawn for seconds, a process that is killed.
    // Nothing else may need it, so the second reporter names each test that did.
    retry: 1,
    reporters: ['default', new DemandReporter(), new RetriedReporter()],
    // While one browser waits for its center, another one draws. More than two would take the processors from each other.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['test/browser/**/*.test.ts'],
          exclude: [FIGURES],
          sequence: { groupOrder: 0 },
        },
      },
      // What is measured is measured alone, when everything else is done.
      { extends: true, test: { name: 'figures', include: [FIGURES], sequence: { groupOrder: 1 } } },
    ],
  },
});

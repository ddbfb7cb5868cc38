import { defineConfig } from 'tsup';

const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export default defineConfig({
  entry: ['main.js'],
  format: ['esm', 'cjs'],
  noExternal: process.env.BUNDLE_ALL === 'true' ? [/.*/] : [],
  banner: ({ format }) => (format === 'esm' ? { js: requireBanner } : {}),
});

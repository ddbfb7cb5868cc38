module.exports = ({ esm = false }) => ({
  mode: 'production',
  target: 'node20',
  entry: './main.js',
  output: esm ? { filename: 'main.mjs', module: true, chunkFormat: 'module' } : { filename: 'main.cjs' },
  experiments: esm ? { outputModule: true } : {},
});

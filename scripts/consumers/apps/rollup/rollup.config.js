import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import resolve from '@rollup/plugin-node-resolve';

export default {
  input: 'main.js',
  plugins: [
    resolve({ preferBuiltins: true, exportConditions: ['node'] }),
    // Node.js 20 has no node:sqlite. undici asks for it in a part that is never reached.
    commonjs({ ignore: ['node:sqlite'] }),
    json(),
  ],
};

import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => ({ ssr: { noExternal: mode === 'bundled' ? true : [] } }));
